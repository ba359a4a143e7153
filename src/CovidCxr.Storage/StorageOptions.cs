using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace CovidCxr.Storage;

/// <summary>Where rows live.</summary>
public enum StorageProvider
{
    /// <summary>In a file of the data folder.</summary>
    Sqlite,

    /// <summary>In a database of a PostgreSQL server.</summary>
    PostgreSql,
}

/// <summary>Where data lives, and what its keys are encrypted for.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>The kind of database; Sqlite (default) needs nothing.</summary>
    public StorageProvider Provider { get; set; } = StorageProvider.Sqlite;

    /// <summary>For PostgreSql: host, database and account, as Npgsql has them; empty (default) for Sqlite. Never logged.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>Holds the database (of Sqlite), images, models and keys. Relative to the content root; back it up as one.</summary>
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

        if (DatabaseFault(options) is { } fault)
        {
            return ValidateOptionsResult.Fail(fault);
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

    // The value itself is never said: it may hold a password.
    static string? DatabaseFault(StorageOptions options)
    {
        var isEmpty = string.IsNullOrWhiteSpace(options.ConnectionString);
        if (options.Provider == StorageProvider.Sqlite)
        {
            return isEmpty ? null : "Storage:ConnectionString is for PostgreSQL: set Storage:Provider to PostgreSql, or leave it out.";
        }

        if (options.Provider != StorageProvider.PostgreSql)
        {
            return "Storage:Provider must be Sqlite or PostgreSql.";
        }

        const string Example = "such as Host=db.example;Database=covidcxr;Username=covidcxr;Password=...";
        try
        {
            return !isEmpty && PostgreSqlRegistration.Connection(options.ConnectionString) is { Host.Length: > 0, Database.Length: > 0 }
                ? null
                : $"Storage:ConnectionString must name Host and Database where Storage:Provider is PostgreSql, {Example}";
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException)
        {
            return $"Storage:ConnectionString is no connection string of PostgreSQL, {Example}";
        }
    }
}
