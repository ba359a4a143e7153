using CovidCxr.Learning.Optimization;

namespace CovidCxr.Engine.Optimization;

/// <summary>
/// Adam (Kingma and Ba 2015) with the layer's momentum as beta1. Because beta1 changes from step to step, its bias correction divides by
/// 1 minus the running product of beta1, which is what the moment's weights really sum to.
/// </summary>
public sealed class Adam(double weightDecay, WeightDecayKind kind, bool decaysNormsAndBiases)
    : Optimizer(weightDecay, kind, decaysNormsAndBiases)
{
    const double Beta2 = 0.999, Epsilon = 1e-8;

    protected override void Apply(Group group)
    {
        double[] steps = [.. group.Parameters.Select((p, i) => -group.Rates[i] / (1 - Product(p.Name + "/beta1", group.Momenta[i])))];
        var corrections = Array.ConvertAll(group.Parameters, p => 1 / Math.Sqrt(1 - Product(p.Name + "/beta2", Beta2)));
        TensorLists.Adam(
            group.Masters, group.Gradients, MomentsOf(group, "mean"), MomentsOf(group, "square"), group.Momenta, Beta2, Epsilon,
            corrections, steps);
    }

    double Product(string name, double beta) => Scalars[name] = Scalars.GetValueOrDefault(name, 1) * beta;
}
