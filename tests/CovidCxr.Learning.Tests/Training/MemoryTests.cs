using CovidCxr.Learning.Optimization;
using TorchSharp;

namespace CovidCxr.Learning.Tests.Training;

/// <summary>Counts the process's tensors; no other test runs beside it (Parallelism.cs).</summary>
public sealed class MemoryTests : IDisposable
{
    readonly FilmFolder folder = FilmFolder.WithFilms(patientsPerClass: 8);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void Run_FiveHundredSteps_KeepsTensorsAndMemory(Precision precision)
    {
        var tensors = new List<long>();
        var resident = new List<long>();
        using var state = Runs.Start(Runs.Options with { Epochs = 210, Precision = precision }, Runs.Load(folder));
        Runs.Train(state, new StepProbe(s =>
        {
            if (s.StepInEpoch == 1 && s.Iteration % 25 == 1)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
                tensors.Add(torch.Tensor.TotalCount);
                resident.Add(Environment.WorkingSet);
            }
        }));
        Assert.True(state.Iteration >= 500, $"{state.Iteration} steps");
        // Up to four batches lie ready, each a tensor; a leak would grow by 25 steps of them at a time.
        Assert.All(tensors.Skip(2), t => Assert.InRange(t, tensors[2] - 4, tensors[2] + 4));
        // Measured after the first hundred steps: the runtime compiles and fills its pools until then.
        Assert.True(resident[^1] - resident[4] < 20_000_000, $"{resident[4]} to {resident[^1]} bytes");
    }
}
