using Microsoft.Extensions.Options;

namespace CovidCxr.Engine.Serving;

/// <summary>How scans are put through the network.</summary>
public sealed class ServingOptions
{
    public const string Section = "Inference";

    /// <summary>Scans of one forward pass, 1 to 64. Waiting scans gather into a batch; a lone scan does not wait for company.</summary>
    public int MaxBatch { get; set; } = 4;

    /// <summary>Scans that may wait, 1 to 10000; beyond it the answer is "busy".</summary>
    public int QueueCapacity { get; set; } = 64;

    /// <summary>Threads of a forward pass; 0 (default) for one per core, at most 256.</summary>
    public int Threads { get; set; }

    /// <summary>Auto (default), OnnxRuntime or TorchSharp.</summary>
    public ServingEngine Engine { get; set; }
}

/// <summary>Names every rule that is broken.</summary>
public sealed class ServingOptionsValidator : IValidateOptions<ServingOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, ServingOptions options)
    {
        var result = new ValidateOptionsResultBuilder();
        if (options.MaxBatch is < 1 or > 64)
        {
            result.AddError("Inference:MaxBatch must be 1 to 64.");
        }

        if (options.QueueCapacity is < 1 or > 10_000)
        {
            result.AddError("Inference:QueueCapacity must be 1 to 10000.");
        }

        if (options.Threads is < 0 or > 256)
        {
            result.AddError("Inference:Threads must be 0 (one per core) to 256.");
        }

        if (!Enum.IsDefined(options.Engine))
        {
            result.AddError($"Inference:Engine must be one of {string.Join(", ", Enum.GetNames<ServingEngine>())}.");
        }

        return result.Build();
    }
}
