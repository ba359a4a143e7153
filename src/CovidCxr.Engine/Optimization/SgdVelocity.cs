using CovidCxr.Learning.Optimization;

namespace CovidCxr.Engine.Optimization;

/// <summary>v = mom v - alr g ; w = w + v: eq. (7)-(8). The rate is inside the velocity, unlike in the usual library form.</summary>
public sealed class SgdVelocity(double weightDecay, WeightDecayKind kind, bool decaysNormsAndBiases)
    : Optimizer(weightDecay, kind, decaysNormsAndBiases)
{
    protected override void Apply(Group group) =>
        TensorLists.Velocity(
            group.Masters, group.Gradients, MomentsOf(group, "velocity"), group.Momenta, Array.ConvertAll(group.Rates, r => -r));
}
