using System.Diagnostics;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Learning.Training;
using TorchSharp;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>The process that trains, with a fault that ends it.</summary>
static class DyingProcess
{
    /// <summary>
    /// Killed once there is a checkpoint, and at once where there is one already; one that is told to train no further lives.
    /// </summary>
    public const string OnceThereIsACheckpoint = "checkpoint";

    /// <summary>Killed at once, whatever it is told.</summary>
    public const string Always = "always";

    /// <summary>
    /// Asks libtorch for more memory than there is, once there is a checkpoint, as long as nobody has noted that it ran out.
    /// </summary>
    public const string ForWantOfMemory = "memory";

    /// <summary>Makes every process of a run die so.</summary>
    public static void Doom(RunFolder run, string fault)
    {
        Directory.CreateDirectory(run.Path);
        File.WriteAllText(Mark(run.Path), fault);
    }

    public static bool IsDoomed(string run) => File.Exists(Mark(run));

    public static async Task<int> RunAsync(string run)
    {
        var folder = new RunFolder(run);
        var fault = await File.ReadAllTextAsync(Mark(run));
        if (fault == Always || (fault == OnceThereIsACheckpoint && folder.ReadOrder().StopReason is null)
            || (fault == ForWantOfMemory && new MemoryShortages(run).Count == 0))
        {
            _ = Task.Run(() => DieAsync(folder, fault));
        }

        return await TrainingProcess.RunAsync(run, Console.In, TimeProvider.System);
    }

    static async Task DieAsync(RunFolder folder, string fault)
    {
        while (fault != Always && !folder.HasCheckpoint)
        {
            await Task.Delay(10);
        }

        if (fault == ForWantOfMemory)
        {
            // A product of 2^46 numbers, by an operation that lets libtorch's error through.
            torch.zeros(1L << 23, 1).matmul(torch.zeros(1, 1L << 23));
        }

        Process.GetCurrentProcess().Kill();
    }

    static string Mark(string run) => Path.Combine(run, "doomed");
}
