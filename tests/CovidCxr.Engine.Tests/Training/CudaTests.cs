using CovidCxr.Engine.Backbones;
using CovidCxr.Learning.Networks;
using CovidCxr.Learning.Optimization;
using CovidCxr.Testing;
using TorchSharp;

namespace CovidCxr.Engine.Tests.Training;

/// <summary>
/// What only a GPU shows; skipped, visibly, where there is none. There, every other test of this project trains on it too.
/// </summary>
public sealed class CudaTests : IDisposable
{
    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 12);

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Networks() => new(NetworkCatalog.Names);

    // The meta device holds shapes without values, on any machine.
    [Theory]
    [Trait("Speed", "Slow")]
    [MemberData(nameof(Networks))]
    public void Network_MovedToAnotherDevice_TakesEveryTensorAlong(string architecture)
    {
        using var network = BackboneCatalog.Create(architecture, 2, seed: 1);
        network.MoveTo(torch.META);
        Assert.Equal(DeviceType.META, network.Device.type);
        Assert.All(network.state_dict(), e => Assert.True(e.Value.device_type == DeviceType.META, e.Key));
        Assert.All(
            network.Layers.SelectMany(l => l.Modules).SelectMany(m => m.parameters()), p => Assert.Equal(DeviceType.META, p.device_type));
    }

    [Theory]
    [InlineData("densenet121")]
    [InlineData("resnet50")]
    public void Logits_OnTheGpu_EqualThoseOfTheCpu(string architecture)
    {
        NeedGpu();
        var tf32 = torch.backends.cudnn.allow_tf32;
        torch.backends.cudnn.allow_tf32 = false;
        try
        {
            using var scope = torch.NewDisposeScope();
            using var inference = torch.inference_mode();
            using var network = BackboneCatalog.Create(architecture, 3, seed: 5);
            network.eval();
            var images = torch.randn(2, 3, 96, 96);
            var expected = network.forward(images);
            network.MoveTo(torch.CUDA);
            var error = (network.forward(images.cuda()).cpu() - expected).abs().max().item<float>() / expected.abs().max().item<float>();
            Assert.InRange(error, 0, 1e-4);
        }
        finally
        {
            torch.backends.cudnn.allow_tf32 = tf32;
        }
    }

    [Theory]
    [InlineData(Precision.Float32)]
    [InlineData(Precision.BFloat16)]
    [InlineData(Precision.Float16)]
    public void Run_OnTheGpu_LearnsWithMastersInFloat32(Precision precision)
    {
        NeedGpu();
        using var state = TinyRuns.Start(Runs.Options with { Precision = precision, Epochs = 10 }, Runs.Load(_folder));
        TinyRuns.Train(state);

        Assert.Equal(DeviceType.CUDA, state.Network.Device.type);
        Assert.All(
            state.Parameters, p => Assert.Equal((DeviceType.CUDA, torch.ScalarType.Float32), (p.Master.device_type, p.Master.dtype)));
        Assert.Equal(precision != Precision.Float32, state.Parameters[0].HasCopy);
        Assert.All(state.Optimizer.Moments.Values, m => Assert.Equal(DeviceType.CUDA, m.device_type));
        Assert.True(
            state.History[^1].TrainLoss < state.History[0].TrainLoss,
            $"{state.History[0].TrainLoss} became {state.History[^1].TrainLoss}.");
    }

    [Fact]
    public void Monitor_OnAGpu_TellsItsNameMemoryAndUse()
    {
        NeedGpu();
        using var held = torch.zeros(1L << 26, device: torch.CUDA);
        var gpu = GpuMonitor.Shared!;
        var use = gpu.Read()!;
        Assert.NotEmpty(gpu.Name);
        Assert.InRange(use.UsedMegabytes, 268, use.TotalMegabytes);
        Assert.InRange(use.Utilisation, 0, 100);
    }

    static void NeedGpu() =>
        Assert.SkipUnless(ComputeDevice.IsCuda, "No CUDA device here: TorchSharp for CUDA (-p:TorchBackend=cuda) and a GPU.");
}
