using TorchSharp;

namespace CovidCxr.Learning.Serving;

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
        ServingEngine.Auto => HasCuda() ? ServingEngine.TorchSharp : ServingEngine.OnnxRuntime,
        _ => wanted,
    };

    public static string Describe(ServingEngine resolved) => resolved == ServingEngine.TorchSharp
        ? $"{(HasCuda() ? "CUDA" : "CPU")}, TorchSharp"
        : $"CPU, ONNX Runtime, {Environment.ProcessorCount} cores";

    // Asking TorchSharp loads half a gigabyte of libraries, so the driver's device file is looked for first (the second is WSL's).
    static bool HasCuda() =>
        (!OperatingSystem.IsLinux() || File.Exists("/dev/nvidiactl") || File.Exists("/dev/dxg")) && torch.cuda.is_available();
}
