using CovidCxr.Platform.Configuration;
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
}

public sealed class BackupOptionsValidator : IValidateOptions<BackupOptions>
{
    public ValidateOptionsResult Validate(string? name, BackupOptions options) => OptionRules.Result(
        (options.Folder.Length == 0 || Path.IsPathFullyQualified(options.Folder), "Backups:Folder must be empty or an absolute path."),
        (
            options.Every >= TimeSpan.FromHours(1) && options.Every <= TimeSpan.FromDays(31),
            "Backups:Every must be 01:00:00 to 31.00:00:00."),
        (options.Keep is >= 1 and <= 1000, "Backups:Keep must be 1 to 1000."));
}
