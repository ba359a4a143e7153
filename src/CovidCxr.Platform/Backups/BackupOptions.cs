using CovidCxr.Platform.Configuration;
using CovidCxr.Storage.Backups;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Backups;

/// <summary>Backups that the program makes by itself.</summary>
public sealed class BackupOptions
{
    public const string Section = "Backups";

    /// <summary>Where they are made, on another disk; empty (default) for none.</summary>
    public string Folder { get; set; } = "";

    /// <summary>A new one so long after the last; 1 hour to 31 days.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromDays(1);

    /// <summary>So many are kept, 1 to 1000; the oldest goes first.</summary>
    public int Keep { get; set; } = 14;

    /// <summary>
    /// A file of 64 hexadecimal digits that backups are encrypted with (AES-256), on another disk than they; empty (default) for none.
    /// </summary>
    public string KeyFile { get; set; } = "";
}

public sealed class BackupOptionsValidator : IValidateOptions<BackupOptions>
{
    public ValidateOptionsResult Validate(string? name, BackupOptions options) => OptionRules.Result(
        (options.Folder.Length == 0 || Path.IsPathFullyQualified(options.Folder), "Backups:Folder must be empty or an absolute path."),
        (
            options.Every >= TimeSpan.FromHours(1) && options.Every <= TimeSpan.FromDays(31),
            "Backups:Every must be 01:00:00 to 31.00:00:00."),
        (options.Keep is >= 1 and <= 1000, "Backups:Keep must be 1 to 1000."),
        (
            Refusal(options.KeyFile) is null,
            $"Backups:KeyFile must be empty or name a file of 64 hexadecimal digits. {Refusal(options.KeyFile)}"));

    static string? Refusal(string keyFile)
    {
        try
        {
            _ = BackupCipher.Of(keyFile);
            return null;
        }
        catch (BackupException e)
        {
            return e.Message;
        }
    }
}
