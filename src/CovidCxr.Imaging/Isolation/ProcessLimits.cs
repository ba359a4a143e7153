using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CovidCxr.Imaging.Isolation;

/// <summary>
/// What the system takes from this process for good, before it reads the first untrusted byte. Elsewhere than on Linux nothing is taken,
/// and the server's own watch remains.
/// </summary>
static partial class ProcessLimits
{
    const int Processor = 0, FileSize = 1, Data = 2, Core = 4, NoNewPrivileges = 38;

    // Stacks of threads count in full, though hardly any of it is used.
    const long Stacks = 256L << 20;

    const int Niceness = 5;

    [StructLayout(LayoutKind.Sequential)]
    struct Limit
    {
        public ulong Soft, Hard;
    }

    /// <summary>
    /// No core dump, which would hold a film; no file that grows; no more memory; no new privileges. Where memory is short this process
    /// goes before the server, and where the processor is short the server comes first.
    /// </summary>
    public static void Take(int megabytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        // Raising it needs no right; a system without it kills by size, which this process has least of.
        TryWrite("/proc/self/oom_score_adj", "1000");
        _ = SetPriority(0, 0, Niceness);
        Set(Core, 0);
        Set(FileSize, 0);
        Set(Data, (ulong)((megabytes * (1L << 20)) + Stacks));
        _ = Control(NoNewPrivileges, 1, 0, 0, 0);
    }

    /// <summary>From now on this process may take so many seconds of processor; then the system ends it.</summary>
    public static void AllowProcessor(int seconds)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        using var self = Process.GetCurrentProcess();
        // The system counts whole seconds.
        var soft = (ulong)Math.Ceiling(self.TotalProcessorTime.TotalSeconds) + (ulong)seconds;
        _ = SetLimit(Processor, new() { Soft = soft, Hard = ulong.MaxValue });
    }

    /// <summary>Which process started this one; the system's own once that is gone. 0 where the system does not say.</summary>
    public static int Parent => OperatingSystem.IsWindows() ? 0 : GetParent();

    static void Set(int resource, ulong value) => _ = SetLimit(resource, new() { Soft = value, Hard = value });

    static void TryWrite(string path, string text)
    {
        try
        {
            File.WriteAllText(path, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not offered here.
        }
    }

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int niceness);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();
}
