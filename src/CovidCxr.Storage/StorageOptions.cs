using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace CovidCxr.Storage;

/// <summary>Where data lives, and what its keys are encrypted for.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>Holds the database, images, models and keys. Relative to the program's content root; back it up as one.</summary>
    public string DataFolder { get; set; } = "data";

    /// <summary>
    /// A PKCS #12 file with an RSA key, outside the data folder, that the keys of cookies and second factors are encrypted for; empty
    /// (default): they lie as they are.
    /// </summary>
    public string KeyCertificate { get; set; } = "";

    /// <summary>The file that holds the password of the certificates; empty for none.</summary>
    public string KeyCertificatePassword { get; set; } = "";

    /// <summary>Certificates from before a change, separated by semicolons, with the same password.</summary>
    public string EarlierKeyCertificates { get; set; } = "";
}

public sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.DataFolder) || options.DataFolder.IndexOfAny(Path.GetInvalidPathChars()) >= 0)
        {
            return ValidateOptionsResult.Fail("Storage:DataFolder must be a folder's path.");
        }

        try
        {
            KeyCertificates.Current(options)?.Dispose();
            Array.ForEach(KeyCertificates.Earlier(options), c => c.Dispose());
            return ValidateOptionsResult.Success;
        }
        catch (CryptographicException e)
        {
            return ValidateOptionsResult.Fail($"Storage:KeyCertificate and Storage:EarlierKeyCertificates must open. {e.Message}");
        }
    }
}
