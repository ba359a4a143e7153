using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Models;

/// <summary>Where the first model comes from, and how many vouch for the next.</summary>
public sealed class ModelOptions
{
    public const string Section = "Models";

    /// <summary>Registered and activated where no model ever was; empty (default) for the one that comes with the program.</summary>
    public string StarterFile { get; set; } = "";

    /// <summary>
    /// How many administrators sign the gate's evidence before a version is activated, 1 or 2; not set (default): 2 where there are two
    /// administrators, else 1.
    /// </summary>
    public int? Signatures { get; set; }
}

public sealed class ModelOptionsValidator : IValidateOptions<ModelOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelOptions options) => OptionRules.Result(
        (
            string.IsNullOrEmpty(options.StarterFile) || File.Exists(options.StarterFile),
            "Models:StarterFile must be empty or the path of a model file that exists."),
        (options.Signatures is null or 1 or 2, "Models:Signatures must be 1 or 2, or not set."));
}
