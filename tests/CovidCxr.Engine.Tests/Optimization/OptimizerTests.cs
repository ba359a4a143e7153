using System.Text.Json;
using CovidCxr.Engine.Optimization;
using CovidCxr.Learning.Optimization;
using CovidCxr.Testing;
using static TorchSharp.torch;
using Parameter = TorchSharp.Modules.Parameter;

namespace CovidCxr.Engine.Tests.Optimization;

public class OptimizerTests
{
    static readonly JsonElement Golden = GoldenFile.Read("optimizers.json");

    public static TheoryData<int> Cases() => new(Enumerable.Range(0, Golden.GetProperty("cases").GetArrayLength()));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Update_FiftySteps_EndsWhereNumPyOrPyTorchEnds(int number)
    {
        var golden = Golden.GetProperty("cases")[number];
        var isChanging = golden.GetProperty("changing").GetBoolean();
        var rates = Golden.GetProperty("rates").Doubles();
        var momenta = Golden.GetProperty("momenta").Doubles();
        using var scope = NewDisposeScope();
        using var optimizer = Create(golden);
        var problem = new Problem();
        for (var i = 0; i < 50; i++)
        {
            var rate = isChanging ? rates[i] : Golden.GetProperty("constantRate").GetDouble();
            var momentum = isChanging ? momenta[i] : Golden.GetProperty("constantMomentum").GetDouble();
            optimizer.Update([problem.Parameter], [problem.Gradient()], [(rate, momentum)]);
        }

        var expected = golden.GetProperty("result").Doubles();
        var actual = problem.Parameter.Master.data<double>().ToArray();
        Assert.All(
            expected.Zip(actual), p => Assert.True(Math.Abs(p.First - p.Second) < 1e-9, $"{golden} but {string.Join(", ", actual)}"));
    }

    [Theory]
    [InlineData(WeightDecayKind.L2, false, true)]
    [InlineData(WeightDecayKind.L2, true, false)]
    [InlineData(WeightDecayKind.Decoupled, false, true)]
    [InlineData(WeightDecayKind.Decoupled, true, false)]
    public void Update_OfANormWithoutGradient_DecaysOnlyWhereAsked(WeightDecayKind kind, bool decaysNorms, bool isUntouched)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var weight = new Parameter(ones(3), requires_grad: false);
        using var optimizer = new SgdVelocity(0.01, kind, decaysNorms);
        optimizer.Update([new("bn.weight", 0, weight, weight, IsNormOrBias: true)], [zeros(3)], [(0.5, 0)]);
        Assert.Equal(isUntouched, weight.data<float>().ToArray().All(v => v == 1));
    }

    // The first is larger than what is updated together on a CPU, the others are not.
    [Theory]
    [InlineData(false, WeightDecayKind.L2)]
    [InlineData(true, WeightDecayKind.Decoupled)]
    public void Update_ManyParametersOfManyLayers_EqualsEachAlone(bool isAdam, WeightDecayKind kind)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        random.manual_seed(4);
        Optimizer Create() => isAdam ? new Adam(0.01, kind, false) : new SgdVelocity(0.01, kind, false);
        using var together = Create();
        using var alone = Create();
        long[][] shapes = [[300_000], [7], [5, 3]];
        (double Rate, double Momentum)[] layers = [(0.1, 0.9), (0.2, 0.8), (0.3, 0.7)];
        TrainedParameter Parameter(int layer, Tensor value) =>
            new Parameter(value, requires_grad: false) is var w ? new($"{layer}", layer, w, w, IsNormOrBias: layer == 1) : null!;
        Tensor[] starts = [.. shapes.Select(s => randn(s))];
        TrainedParameter[] many = [.. starts.Select((s, i) => Parameter(i, s.clone()))], single = [.. starts.Select(
            (s, i) => Parameter(i, s.clone()))];
        for (var step = 0; step < 3; step++)
        {
            Tensor[] gradients = [.. shapes.Select(s => randn(s))];
            together.Update(many, [.. gradients.Select(g => g.clone())], layers);
            for (var i = 0; i < single.Length; i++)
            {
                alone.Update([single[i]], [gradients[i].clone()], layers);
            }
        }

        Assert.All(many.Zip(single), p => Assert.Equal(p.Second.Master.data<float>().ToArray(), p.First.Master.data<float>().ToArray()));
        Assert.All(many.Zip(starts), p => Assert.False(p.First.Master.allclose(p.Second)));
    }

    static Optimizer Create(JsonElement golden)
    {
        var decay = golden.GetProperty("weightDecay").GetDouble();
        var kind = golden.GetProperty("decoupled").GetBoolean() ? WeightDecayKind.Decoupled : WeightDecayKind.L2;
        return golden.GetProperty("optimizer").GetString() == "adam" ? new Adam(decay, kind, false) : new SgdVelocity(decay, kind, false);
    }

    /// <summary>The script's: sum of log cosh(A w - b).</summary>
    sealed class Problem
    {
        readonly Tensor _a = tensor([.. Golden.GetProperty("a").EnumerateArray().SelectMany(r => r.Doubles())], [12, 5]);
        readonly Tensor _b = tensor(Golden.GetProperty("b").Doubles());

        public Problem()
        {
            var weights = new Parameter(tensor(Golden.GetProperty("start").Doubles()), requires_grad: false);
            Parameter = new("w", 0, weights, weights, IsNormOrBias: false);
        }

        public TrainedParameter Parameter { get; }

        public Tensor Gradient() => _a.t().matmul((_a.matmul(Parameter.Master) - _b).tanh());
    }
}
