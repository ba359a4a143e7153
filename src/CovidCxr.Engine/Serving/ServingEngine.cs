using CovidCxr.Engine.Backbones;

namespace CovidCxr.Engine.Serving;

/// <summary>What computes predictions.</summary>
public enum ServingEngine
{
    /// <summary>TorchSharp where there is a CUDA device, else ONNX Runtime.</summary>
    Auto,

    /// <summary>On the CPU.</summary>
    OnnxRuntime,

    /// <summary>On CUDA where present, else on the CPU.</summary>
    TorchSharp,
}

static class ServingEngines
{
    /// <summary>Never Auto.</summary>
    public static ServingEngine Resolve(ServingEngine wanted) => wanted switch
    {
        ServingEngine.Auto => ComputeDevice.IsCuda ? ServingEngine.TorchSharp : ServingEngine.OnnxRuntime,
        _ => wanted,
    };

    public static string Describe(ServingEngine resolved) => resolved == ServingEngine.TorchSharp
        ? $"{ComputeDevice.Name}, TorchSharp"
        : $"CPU, ONNX Runtime, {Environment.ProcessorCount} cores";
}
