using System.Runtime.InteropServices;
using System.Text;

namespace CovidCxr.Engine.Backbones;

/// <summary>What the GPU is doing at a moment, whoever uses it.</summary>
/// <param name="UsedMegabytes">Of its memory, by all processes; 10^6 bytes.</param>
/// <param name="TotalMegabytes">Of its memory.</param>
/// <param name="Utilisation">Percent of the last moments (1/6 to 1 s) in which a kernel ran, 0..100.</param>
public sealed record GpuUse(double UsedMegabytes, double TotalMegabytes, int Utilisation);

/// <summary>
/// Asks the driver (NVML) about the GPU that CUDA counts first, which is the one that <see cref="ComputeDevice"/> computes on.
/// </summary>
public sealed partial class GpuMonitor
{
    const int Success = 0, MostCharacters = 96;

    static readonly Lazy<GpuMonitor?> Opened = new(Open);

    readonly nint _device;

    GpuMonitor(nint device, string name) => (_device, Name) = (device, name);

    /// <summary>Null where there is no GPU or its driver does not answer.</summary>
    public static GpuMonitor? Shared => Opened.Value;

    /// <summary>As its maker calls it.</summary>
    public string Name { get; }

    /// <returns>Null where the driver does not answer.</returns>
    public GpuUse? Read() => GetMemory(_device, out var memory) == Success && GetUtilisation(_device, out var utilisation) == Success
        ? new(memory.Used / 1e6, memory.Total / 1e6, (int)utilisation.Gpu)
        : null;

    // CUDA may number the GPUs otherwise than NVML does, or hide some: the place on the bus says which one is meant.
    static GpuMonitor? Open()
    {
        try
        {
            Span<byte> text = stackalloc byte[MostCharacters];
            if (InitialiseDriver(0) != Success || GetBusPlace(text, text.Length, 0) != Success || Initialise() != Success
                || GetHandle(text, out var device) != Success || GetName(device, text, (uint)text.Length) != Success)
            {
                return null;
            }

            return new(device, Encoding.ASCII.GetString(text[..text.IndexOf((byte)0)]));
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return null;
        }
    }

    [LibraryImport("libcuda.so.1", EntryPoint = "cuInit")]
    private static partial int InitialiseDriver(uint flags);

    [LibraryImport("libcuda.so.1", EntryPoint = "cuDeviceGetPCIBusId")]
    private static partial int GetBusPlace(Span<byte> place, int length, int ordinal);

    [LibraryImport("libnvidia-ml.so.1", EntryPoint = "nvmlInit_v2")]
    private static partial int Initialise();

    [LibraryImport("libnvidia-ml.so.1", EntryPoint = "nvmlDeviceGetHandleByPciBusId_v2")]
    private static partial int GetHandle(ReadOnlySpan<byte> place, out nint device);

    [LibraryImport("libnvidia-ml.so.1", EntryPoint = "nvmlDeviceGetName")]
    private static partial int GetName(nint device, Span<byte> name, uint length);

    [LibraryImport("libnvidia-ml.so.1", EntryPoint = "nvmlDeviceGetMemoryInfo")]
    private static partial int GetMemory(nint device, out MemoryInfo memory);

    [LibraryImport("libnvidia-ml.so.1", EntryPoint = "nvmlDeviceGetUtilizationRates")]
    private static partial int GetUtilisation(nint device, out UtilisationRates utilisation);

    // nvmlMemory_t and nvmlUtilization_t.
    readonly record struct MemoryInfo(ulong Total, ulong Free, ulong Used);

    readonly record struct UtilisationRates(uint Gpu, uint Memory);
}
