using CovidCxr.Engine.Training.Callbacks;
using CovidCxr.Learning.Optimization;
using CovidCxr.Testing;
using TorchSharp;

namespace CovidCxr.Engine.Tests.Training;

/// <summary>Counts the process's tensors; no other test runs beside it (Parallelism.cs).</summary>
[Trait("Speed", "Slow")]
public sealed class MemoryTests : IDisposable
{
    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 8);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    public void Run_FiveHundredSteps_KeepsTensorsAndMemory(Precision precision)
    {
        var tensors = new List<long>();
        var resident = new List<long>();
        using var state = TinyRuns.Start(Runs.Options with { Epochs = 210, Precision = precision }, Runs.Load(_folder));
        // Between the epochs, when no batch lies ready.
        var epochs = new ProgressCallback(_ => { }, e =>
        {
            if (e.Epoch % 10 == 0)
            {
                Collect();
                tensors.Add(torch.Tensor.TotalCount);
            }
        });
        TinyRuns.Train(state, epochs, new StepProbe(s =>
        {
            if (s.StepInEpoch == 1 && s.Iteration % 25 == 1)
            {
                Collect();
                resident.Add(Environment.WorkingSet);
            }
        }));
        Assert.True(state.Iteration >= 500, $"{state.Iteration} steps");
        Assert.True(tensors.Count >= 20, $"{tensors.Count} counts");
        Assert.All(tensors.Skip(2), t => Assert.Equal(tensors[2], t));
        // Measured after the first hundred steps: the runtime compiles and fills its pools until then.
        Assert.True(resident[^1] - resident[4] < 20_000_000, $"{resident[4]} to {resident[^1]} bytes");
    }

    static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }
}
