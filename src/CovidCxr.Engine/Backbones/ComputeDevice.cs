using static TorchSharp.torch;

namespace CovidCxr.Engine.Backbones;

/// <summary>
/// Where networks train and are measured: CUDA where this build has it and a GPU is there, else the CPU. An empty CUDA_VISIBLE_DEVICES
/// keeps a process to the CPU.
/// </summary>
public static class ComputeDevice
{
    static readonly Lazy<bool> Gpu = new(() => HasDriver && cuda.is_available());

    public static bool IsCuda => Gpu.Value;

    public static Device Best => IsCuda ? CUDA : CPU;

    /// <summary>For a person: "CPU", or "CUDA" with the GPU's own name.</summary>
    public static string Name => !IsCuda ? "CPU" : GpuMonitor.Shared is { } gpu ? $"CUDA ({gpu.Name})" : "CUDA";

    // Asking TorchSharp loads half a gigabyte of libraries, so the driver's device file is looked for first (the second is WSL's).
    static bool HasDriver => !OperatingSystem.IsLinux() || File.Exists("/dev/nvidiactl") || File.Exists("/dev/dxg");
}
