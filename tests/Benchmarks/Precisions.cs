using System.Diagnostics;
using System.Globalization;
using Benchmarks.Peers;
using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Training;
using CovidCxr.Learning.Optimization;

namespace Benchmarks;

/// <summary>
/// A step of the real trainer by precision, and PyTorch's with autocast, each in a process of its own: what the allocator of one took is
/// not counted as the next one's. Memory is what the whole GPU holds more than before the process, its CUDA context included.
/// </summary>
static class Precisions
{
    const int Turns = 24;

    public static async Task<int> RunAsync(List<string> args)
    {
        if (args.Count == 4)
        {
            NativeHeap.KeepFreedMemory();
            var (ours, _) = TrainingStep.Measure(
                args[0], Enum.Parse<Precision>(args[3], ignoreCase: true), Number(args[1]), Number(args[2]), Turns, null);
            Console.WriteLine(Interleaved.Median([.. ours.Skip(2)]).ToString(CultureInfo.InvariantCulture));
            return 0;
        }

        var (network, size, batch) =
            args is [var name, var side, var count] ? (name, Number(side), Number(count)) : ("densenet169", 224, 16);
        Console.WriteLine($"{ComputeDevice.Name}; {network}, {size} pixels, batches of {batch}; median of {Turns - 1} steps");
        foreach (var precision in Enum.GetValues<Precision>())
        {
            var step = $"step {network} {size} {batch} {precision.ToString().ToLowerInvariant()}";
            var (ours, memory) = await WatchAsync(() => Ours([network, Text(size), Text(batch), precision.ToString()]));
            // On the CPU, PyTorch 1.13 has no kernels of float16.
            var (theirs, theirMemory) =
                ComputeDevice.IsCuda || precision != Precision.Float16 ? await WatchAsync(() => Theirs(step)) : (null, 0);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{precision,-9} ours {ours:F1} ms, {batch * 1000 / ours:F0} images/s, {memory:F0} MB   PyTorch "
                    + $"{(theirs is { } t ? $"{t:F1} ms (x{ours / t:F2}), {theirMemory:F0} MB" : "not here")}"));
        }

        return 0;
    }

    static double? Ours(string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["precision", .. arguments]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? double.Parse(said, CultureInfo.InvariantCulture) : null;
    }

    static double? Theirs(string step)
    {
        using var peer = PyTorchPeer.Start();
        var times = Enumerable.Range(0, Turns + 2).Select(_ => peer?.Measure(step)).ToList();
        return times.Contains(null) ? null : Interleaved.Median([.. times.Skip(3).Select(t => t!.Value)]);
    }

    static async Task<(double? Milliseconds, double Megabytes)> WatchAsync(Func<double?> measure)
    {
        double Used() => GpuMonitor.Shared?.Read()?.UsedMegabytes ?? 0;
        // The driver takes a moment to clear up after the process before.
        await Task.Delay(1000);
        var (before, most) = (Used(), 0.0);
        var running = Task.Run(measure);
        while (!running.IsCompleted)
        {
            most = Math.Max(most, Used());
            await Task.Delay(20);
        }

        return (await running, Math.Max(most - before, 0));
    }

    static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
