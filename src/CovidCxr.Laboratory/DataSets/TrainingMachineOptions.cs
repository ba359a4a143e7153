using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>Where retraining finds its images, and what of the machine it may take.</summary>
public sealed class TrainingMachineOptions
{
    public const string Section = "Retraining";

    /// <summary>
    /// The folder whose subfolders an administrator may import images from; nothing outside it is ever read. Relative to the data folder,
    /// or absolute.
    /// </summary>
    public string DataRoot { get; set; } = "datasets";

    /// <summary>Threads of a training run, 0 to 256; 0 (default) leaves one core to predictions.</summary>
    public int Threads { get; set; }
}

public sealed class TrainingMachineOptionsValidator : IValidateOptions<TrainingMachineOptions>
{
    public ValidateOptionsResult Validate(string? name, TrainingMachineOptions options) => OptionRules.Result(
        (!string.IsNullOrWhiteSpace(options.DataRoot), "Retraining:DataRoot must be a folder's path."),
        (options.Threads is >= 0 and <= 256, "Retraining:Threads must be 0 (all cores but one) to 256."));
}
