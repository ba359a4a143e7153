using System.Security.Cryptography;
using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Training.Sessions;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;
using CovidCxr.Testing;

namespace CovidCxr.Engine.Tests.Training;

public sealed class RangeTestTests : IDisposable
{
    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 6);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(Precision.Float32, UnfreezingMode.All)]
    [InlineData(Precision.BFloat16, UnfreezingMode.All)]
    [InlineData(Precision.Float32, UnfreezingMode.HeadOnly)]
    public void Run_AnyPrecision_LeavesTheNetworkAsItWas(Precision precision, UnfreezingMode mode)
    {
        using var network = TinyRuns.Network(3);
        network.eval();
        network.Layers[1].Modules[0].train();
        var before = Fingerprint(network);
        var curve = RangeTest.Run(
            network, Runs.Options with { Precision = precision, Mode = mode }, Runs.Load(_folder), Runs.Preset, 30, (_, _) => { },
            TestContext.Current.CancellationToken);
        Assert.Equal(before, Fingerprint(network));
        Assert.InRange(curve.Points.Count, 5, 30);
        Assert.Equal(1e-7, curve.Points[0].Rate, 15);
    }

    [Fact]
    public void Run_OfFewFilms_GoesThroughThemUntilThereIsACurve()
    {
        using var network = TinyRuns.Network(3);
        var data = Runs.Load(_folder);
        var curve = RangeTest.Run(
            network, Runs.Options, data, Runs.Preset, Runs.Options.RangeTestSteps, (_, _) => { }, TestContext.Current.CancellationToken);
        Assert.True(ScheduleTable.StepsPerEpoch(Runs.Options, data) < RangeTestCurve.FewestSteps / 10);
        Assert.InRange(curve.Points.Count, RangeTestCurve.FewestSteps / 2, RangeTestCurve.DefaultSteps);
        Assert.Equal(RangeTestCurve.RateAt(1, RangeTestCurve.DefaultSteps), curve.Points[1].Rate, 15);
        Assert.DoesNotContain("Too few", curve.Suggest().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_ThatThrows_StillRestores()
    {
        using var network = TinyRuns.Network(3);
        var before = Fingerprint(network);
        Assert.Throws<InvalidOperationException>(() => RangeTest.Run(
            network, Runs.Options, Runs.Load(_folder), Runs.Preset, 30, (_, _) => throw new InvalidOperationException(),
            TestContext.Current.CancellationToken));
        Assert.Equal(before, Fingerprint(network));
    }

    static string Fingerprint(Backbone network)
    {
        var modes = string.Join(",", network.named_modules().Select(m => $"{m.name}{m.module.training}").Append($"{network.training}"));
        var tensors = network.state_dict().Select(e =>
            $"{e.Key} {e.Value.dtype} {e.Value.requires_grad} {string.Join("x", e.Value.stride())} "
                + $"{Convert.ToHexStringLower(SHA256.HashData(StateDict.ToStored(e.Value).Data.Span))}");
        return string.Join("\n", tensors.Append(modes));
    }
}
