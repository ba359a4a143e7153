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
