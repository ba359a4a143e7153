using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Models;

/// <summary>Where the first model comes from.</summary>
public sealed class ModelOptions
{
    public const string Section = "Models";

    /// <summary>Registered and activated where no model ever was; empty (default) for the one that comes with the program.</summary>
    public string StarterFile { get; set; } = "";
}

public sealed class ModelOptionsValidator : IValidateOptions<ModelOptions>
{
    public ValidateOptionsResult Validate(string? name, ModelOptions options) => OptionRules.Result(
        (
            string.IsNullOrEmpty(options.StarterFile) || File.Exists(options.StarterFile),
            "Models:StarterFile must be empty or the path of a model file that exists."));
}
