using System.Runtime.InteropServices;
using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Training;
using CovidCxr.Engine.Training.Callbacks;
using CovidCxr.Engine.Training.Sessions;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Training;
using CovidCxr.Testing;
using TorchSharp;

namespace CovidCxr.Engine.Tests.Training;

/// <summary>Memory that runs out, a disk that is full, a loss that is no number: the run ends in words and with its best epoch.</summary>
[Trait("Speed", "Slow")]
public sealed class FailureTests : IDisposable
{
    const int Batch = 8;

    // More than any machine has.
    const long TooMuch = 1L << 46;

    static readonly TrainingConfiguration Options = Runs.Options with { Epochs = 3, BatchSize = Batch };

    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 12);
    readonly List<string> _notes = [];
    readonly List<int> _batches = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Is_OfWhatLibtorchSaysWhenMemoryRunsOut_IsTrue()
    {
        var thrown = Record.Exception(() => torch.empty(TooMuch, device: ComputeDevice.Best));

        Assert.IsType<ExternalException>(thrown);
        Assert.True(OutOfMemory.Is(thrown), thrown.Message);
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.10 GiB", true)]
    [InlineData("cuDNN error: CUDNN_STATUS_ALLOC_FAILED", true)]
    [InlineData("std::bad_alloc", true)]
    [InlineData("The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1", false)]
    public void Is_OfAMessage_TellsMemoryFromOtherErrors(string message, bool expected)
    {
#pragma warning disable CA2201 // As TorchSharp throws it on a machine with a GPU, which this one is not.
        var thrown = new ExternalException(message);
#pragma warning restore CA2201
        Assert.Equal(expected, OutOfMemory.Is(thrown));
    }

    [Fact]
    public void Run_WhoseMemoryRunsOutOnce_GoesOnFromItsCheckpointWithHalfTheBatch()
    {
        var output = _folder.Output();
        var result = Run(output, (network, images) => network.training && images.shape[0] == Batch && CheckpointCallback.Files(
            output).Any() ? torch.empty(TooMuch, device: ComputeDevice.Best) : images);

        Assert.Null(result.StopReason);
        Assert.Equal([1, 2, 3], result.History.Select(h => h.Epoch));
        Assert.Contains(_notes, n =>
            n.StartsWith("Memory ran out in epoch 2, step 1. Batches hold 4 images from there on, not 8.", StringComparison.Ordinal));
        Assert.Contains("Going on from epoch 2, step 1.", _notes);
        Assert.Equal((Batch, Batch / 2), (_batches.First(), _batches.Last()));
        Assert.Equal(
            "Memory ran out during the training. Batches hold 4 images from there on, not 8.",
            Assert.Single(ModelFile.Read(result.ModelPath!).Header.Training!.Remarks!));
    }

    [Fact]
    public void Run_ResumedAfterMemoryRanOutAmidAnEpoch_SeesEveryImageOnceWithHalfTheBatch()
    {
        var output = _folder.Output();
        using (var interrupt = new CancellationTokenSource())
        {
            Run(output, Unchanged, step: s => CancelIf(interrupt, s is { Epoch: 0, StepInEpoch: 1 }), cancellation: interrupt.Token);
        }

        var steps = _batches.Count;
        new MemoryShortages(output).Add();
        var result = Run(output, Unchanged, resumes: true);

        Assert.Contains("Going on from epoch 1, step 3.", _notes);
        Assert.Equal((Batch, Batch / 2), (_batches[0], _batches[steps]));
        Assert.Equal(3, result.History.Count);
    }

    [Fact]
    public void Run_WhoseMemoryRunsOutTwice_EndsWithTheReasonAndItsBestEpoch()
    {
        var output = _folder.Output();
        var result = Run(output, (network, images) =>
            network.training && CheckpointCallback.Files(output).Any() ? torch.empty(TooMuch, device: ComputeDevice.Best) : images);

        Assert.Equal("Memory ran out again, with batches of 4. Take smaller images (imageSize) or a smaller network.", result.StopReason);
        Assert.Equal((1, 1), (result.Header!.Training!.Epochs, result.Header.Training.BestEpoch));
        Assert.True(File.Exists(result.ModelPath));
        Assert.Equal(2, new MemoryShortages(output).Count);
    }

    [Fact]
    public void Run_WhoseSmallestBatchIsTooLarge_SaysThatItCannotBeHalved()
    {
        var result = Run(
            _folder.Output(), (network, images) => network.training ? torch.empty(TooMuch, device: ComputeDevice.Best) : images,
            options: Options with { BatchSize = 2 });

        Assert.Contains("The batch of 2 cannot be halved.", result.StopReason, StringComparison.Ordinal);
        Assert.Null(result.ModelPath);
    }

    [Fact]
    public void Run_WithAnotherError_IsNotTakenForAShortageOfMemory() =>
        Assert.Throws<ExternalException>(() => Run(_folder.Output(), (_, images) => images.reshape(7)));

    [Fact]
    public void Run_WhoseLossIsNoNumber_EndsWithTheReasonAndItsBestEpoch()
    {
        var output = _folder.Output();
        var result = Run(
            output, (network, images) => network.training && CheckpointCallback.Files(output).Any() ? images * double.NaN : images);

        Assert.StartsWith("The loss became NaN in epoch 2, step 1.", result.StopReason, StringComparison.Ordinal);
        Assert.Equal(1, result.Header!.Training!.BestEpoch);
        Assert.True(File.Exists(result.ModelPath));
    }

    [Fact]
    public void Run_WhoseCheckpointFindsTheDiskFull_EndsWithTheReasonAndItsBestEpoch()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's.");
        var output = _folder.Output();
        // The temporary file of the second epoch's is a device that is always full.
        var result = Run(
            output, Unchanged, step: s => Link(s is { Epoch: 1, StepInEpoch: 1 }, output, $"checkpoint-{2 * s.StepsPerEpoch:D9}.ckpt.tmp"));

        Assert.Contains("No space left", result.StopReason, StringComparison.Ordinal);
        Assert.Equal(result.History.MinBy(h => h.ValidationLoss)!.Epoch, result.Header!.Training!.BestEpoch);
        Assert.True(File.Exists(result.ModelPath));
    }

    [Fact]
    public void Run_WhoseBestEpochFindsTheDiskFull_HasNoModelOfWeightsItDidNotKeep()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "/dev/full is Linux's.");
        var output = _folder.Output();
        var result = Run(output, Unchanged, step: s => Link(s is { Epoch: 0, StepInEpoch: 1 }, output, "best.safetensors.tmp"));

        Assert.Contains("No space left", result.StopReason, StringComparison.Ordinal);
        Assert.Null(result.ModelPath);
    }

    static torch.Tensor Unchanged(FailingNetwork network, torch.Tensor images) => images;

    static void Link(bool isTime, string output, string name)
    {
        if (isTime)
        {
            File.CreateSymbolicLink(Path.Combine(output, name), "/dev/full");
        }
    }

    SessionResult Run(
        string output, Func<FailingNetwork, torch.Tensor, torch.Tensor> pass, bool resumes = false, TrainingConfiguration? options = null,
        Action<TrainingState>? step = null, CancellationToken? cancellation = null)
    {
        Backbone Create()
        {
            torch.random.manual_seed(Options.Seed);
            return new FailingNetwork((network, images) =>
            {
                if (network.training)
                {
                    _batches.Add((int)images.shape[0]);
                }

                return pass(network, images);
            });
        }

        var run = new TrainingSession(options ?? Options, new(_folder.Root, output, resumes), TimeProvider.System) { Create = Create };
        return run.Run(_notes.Add, step ?? (_ => { }), _ => { }, cancellation ?? TestContext.Current.CancellationToken);
    }

    static void CancelIf(CancellationTokenSource source, bool isTime)
    {
        if (isTime)
        {
            source.Cancel();
        }
    }
}
