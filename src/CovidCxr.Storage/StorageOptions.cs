using Microsoft.Extensions.Options;

namespace CovidCxr.Storage;

/// <summary>Where data lives.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>Holds the database, images, models and keys. Relative to the program's content root; back it up as one.</summary>
    public string DataFolder { get; set; } = "data";
}

public sealed class StorageOptionsValidator : IValidateOptions<StorageOptions>
{
    public ValidateOptionsResult Validate(string? name, StorageOptions options) =>
        string.IsNullOrWhiteSpace(options.DataFolder) || options.DataFolder.IndexOfAny(Path.GetInvalidPathChars()) >= 0
            ? ValidateOptionsResult.Fail("Storage:DataFolder must be a folder's path.")
            : ValidateOptionsResult.Success;
}
