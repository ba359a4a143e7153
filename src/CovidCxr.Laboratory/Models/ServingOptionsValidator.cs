using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Models;

public sealed class ServingOptionsValidator : IValidateOptions<ServingOptions>
{
    public ValidateOptionsResult Validate(string? name, ServingOptions options) => OptionRules.Result(
        (options.MaxBatch is >= 1 and <= 64, "Inference:MaxBatch must be 1 to 64."),
        (options.QueueCapacity is >= 1 and <= 10_000, "Inference:QueueCapacity must be 1 to 10000."),
        (options.Threads is >= 0 and <= 256, "Inference:Threads must be 0 (one per core) to 256."),
        (Enum.IsDefined(options.Engine), $"Inference:Engine must be one of {string.Join(", ", Enum.GetNames<ServingEngine>())}."));
}

public sealed class ImagingOptionsValidator : IValidateOptions<ImagingOptions>
{
    public ValidateOptionsResult Validate(string? name, ImagingOptions options) => OptionRules.Result(
        (options.MaxMegapixels is >= 1 and <= 200, "Imaging:MaxMegapixels must be 1 to 200."),
        (options.MaxFileMegabytes is >= 1 and <= 500, "Imaging:MaxFileMegabytes must be 1 to 500."),
        (options.MinSidePixels is >= 1 and <= 1024, "Imaging:MinSidePixels must be 1 to 1024."));
}
