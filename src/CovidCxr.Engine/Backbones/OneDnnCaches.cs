using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace CovidCxr.Engine.Backbones;

/// <summary>
/// Some hypervisors hide the processor's caches (CPUID leaf 0x8000001D all zero on AMD). The oneDNN inside libtorch 2.10 then believes in
/// caches of one byte and divides by zero when it plans a 1 x 1 convolution: SIGFPE, the whole process gone. Told that nothing is known of
/// the caches, it works with its own defaults at full speed.
/// </summary>
static partial class OneDnnCaches
{
    const int AmdCacheLeaf = unchecked((int)0x8000001D), AmdMaxLeaf = unchecked((int)0x80000000);

    // Of libtorch-cpu-linux-x64 2.10.0: dnnl::impl::cpu::x64::cpu(), its first instructions, and the places of three fields in the object
    // it returns.
    const nint CpuFunction = 0xf89b1a0;
    const int CacheSizes = 0x1c, CoresSharing = 0x44, CacheLevels = 0x6c, Levels = 3;
    static readonly byte[] FirstInstructions = [0xf3, 0x0f, 0x1e, 0xfa, 0x0f, 0xb6, 0x05, 0xc5, 0xff, 0xfb, 0x05, 0x84, 0xc0, 0x74, 0x11];

    static readonly Lazy<string?> Outcome = new(Repair);

    /// <summary>Call before the first convolution of the process. Does nothing where the caches are known.</summary>
    /// <returns>What was done, in words; null for nothing.</returns>
    public static string? Ensure() => Outcome.Value;

    static bool AreHidden() =>
        OperatingSystem.IsLinux() && X86Base.IsSupported && IsAmd()
        && (uint)X86Base.CpuId(AmdMaxLeaf, 0).Eax >= unchecked((uint)AmdCacheLeaf)
        && X86Base.CpuId(AmdCacheLeaf, 0).Eax == 0;

    // "Auth" of AuthenticAMD.
    static bool IsAmd() => X86Base.CpuId(0, 0).Ebx == 0x68747541;

    static string? Repair()
    {
        if (!AreHidden())
        {
            return null;
        }

        torch.InitializeDeviceType(DeviceType.CPU);
        if (ForgetCaches())
        {
            return "The processor's caches are hidden: oneDNN uses its defaults.";
        }

        // AVX kernels plan without the caches; read by oneDNN at its first use. Environment.SetEnvironmentVariable does not reach native
        // code.
        _ = SetEnvironmentVariable("ONEDNN_MAX_CPU_ISA", "AVX", 1);
        return "The processor's caches are hidden and this libtorch is another than expected: convolutions are kept to AVX, several times "
            + "slower.";
    }

    static unsafe bool ForgetCaches()
    {
        if (Locate() is not { } function
            || !new ReadOnlySpan<byte>((void*)function, FirstInstructions.Length).SequenceEqual(FirstInstructions))
        {
            return false;
        }

        var cpu = ((delegate* unmanaged<byte*>)function)();
        var sizes = new ReadOnlySpan<int>(cpu + CacheSizes, Levels);
        var sharing = new ReadOnlySpan<int>(cpu + CoresSharing, Levels);
        ref var levels = ref *(int*)(cpu + CacheLevels);
        if (levels != Levels || sizes.ContainsAnyExcept(1) || sharing.ContainsAnyExcept(1))
        {
            return false;
        }

        levels = 0;
        return true;
    }

    // The lowest mapping holds the file's first byte. Null where the address is not code of the library.
    static nint? Locate()
    {
        var mappings = File.ReadLines("/proc/self/maps").Where(l => l.EndsWith("/libtorch_cpu.so", StringComparison.Ordinal))
            .Select(Mapping.Parse).ToList();
        if (mappings.Count == 0)
        {
            return null;
        }

        var address = mappings.Min(m => m.Start) + CpuFunction;
        return mappings.Any(m => m.IsCode && m.Start <= address && address + FirstInstructions.Length <= m.End) ? address : null;
    }

    readonly record struct Mapping(nint Start, nint End, bool IsCode)
    {
        // 7ff36a89b000-7ff36a8a0000 r-xp ...
        public static Mapping Parse(string line)
        {
            var (range, access) = (line.Split(' ')[0].Split('-'), line.Split(' ')[1]);
            return new(Address(range[0]), Address(range[1]), access.Contains('x'));
        }

        static nint Address(string text) => nint.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironmentVariable(string name, string value, int overwrite);
}
