using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Audit;

/// <summary>Where the audit trail's key and its head are kept.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>Best where nobody writes who can write the database; empty (default) for the data folder's keys.</summary>
    public string Folder { get; set; } = "";
}

public sealed class AuditOptionsValidator : IValidateOptions<AuditOptions>
{
    public ValidateOptionsResult Validate(string? name, AuditOptions options) => OptionRules.Result(
        (options.Folder.Length == 0 || Path.IsPathFullyQualified(options.Folder), "Audit:Folder must be empty or an absolute path."));
}
