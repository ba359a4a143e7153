using System.Diagnostics;
using System.Globalization;
using Benchmarks.Peers;
using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Training;
using CovidCxr.Engine.Training.Callbacks;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;

namespace Benchmarks;

/// <summary>
/// A whole step of the real trainer (schedule, batch, forward, backward, update) between two events, against PyTorch's plain step.
/// </summary>
static class TrainingStep
{
    const int Batch = 16, Size = 224, Turns = 7;

    public static int Run(List<string> networks)
    {
        NativeHeap.KeepFreedMemory();
        using var peer = PyTorchPeer.Start();
        Console.WriteLine($"{peer?.Version ?? "no PyTorch"}; ratio is ours to PyTorch's float32");
        foreach (var name in networks.Count > 0 ? networks : ["densenet169", "resnet50"])
        {
            var theirs = new List<double?>();
            foreach (var precision in new[] { Precision.Float32, Precision.BFloat16 })
            {
                var (ours, peers) = Measure(
                    name, precision, Size, Batch, Turns, peer is null ? null : () => peer.Measure($"step {name} {Size} {Batch}"));
                theirs.AddRange(peers);
                var median = Interleaved.Median(ours);
                var other = theirs.Count > 0 && theirs.All(t => t is not null)
                    ? Interleaved.Median([.. theirs.Select(t => t!.Value)])
                    : (double?)null;
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{name,-12} {precision,-9} ours {median:F0} ms  PyTorch "
                        + $"{(other is { } o ? $"{o:F0} ms (x{median / o:F2})" : "not here")}"));
            }
        }

        return 0;
    }

    /// <param name="other">Takes its turn after each of our steps.</param>
    public static (double[] Ours, List<double?> Theirs) Measure(
        string name, Precision precision, int size, int batch, int turns, Func<double?>? other)
    {
        var preset = PreprocessingPreset.Square(size);
        var options = new TrainingConfiguration
        {
            Name = "benchmark",
            Architecture = name,
            Classes = Models.Classes,
            PositiveClass = Models.Classes[0],
            ImageSize = size,
            BatchSize = batch,
            Epochs = 1,
            Precision = precision,
            Data = new("noise", [new("nowhere")], new()),
        };
        var random = new CovidCxr.Imaging.Augmentation.SplitMix64(3);
        var samples = Enumerable.Range(0, batch * (turns + 2)).Select(i =>
            Film(i, size, [.. Enumerable.Range(0, size * size).Select(_ => (byte)(random.NextDouble() * 255))], DataPart.Train))
            .Append(Film(0, size, new byte[size * size], DataPart.Validation))
            .Append(Film(1, size, new byte[size * size], DataPart.Validation));
        var data = new DataSet(options.Data, Models.Classes, [.. samples], [], []);
        using var state = TrainingState.Create(options, data, BackboneCatalog.Create(name, Models.Classes.Count, 1));
        var clock = new Turn(other);
        new Trainer(state, preset, [new ScheduleCallback(), clock]).Run(CancellationToken.None);
        return ([.. clock.Ours.Skip(1)], [.. clock.Theirs.Skip(1)]);
    }

    static Sample Film(int number, int size, byte[] pixels, DataPart part) =>
        new(
            new(
                new($"{number}", Models.Classes[number % 2], $"{number}", "noise"), $"{number}", default!, new CachedPixels(pixels), size,
                size, default),
            number % 2, number, part);

    sealed class Turn(Func<double?>? other) : TrainingCallback
    {
        long _started;

        public List<double> Ours { get; } = [];

        public List<double?> Theirs { get; } = [];

        public override void StepStarting(TrainingState state) => _started = Stopwatch.GetTimestamp();

        public override void StepDone(TrainingState state)
        {
            Ours.Add(Stopwatch.GetElapsedTime(_started).TotalMilliseconds);
            if (other is not null)
            {
                Theirs.Add(other());
            }
        }
    }
}
