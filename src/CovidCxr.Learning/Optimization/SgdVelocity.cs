using static TorchSharp.torch;

namespace CovidCxr.Learning.Optimization;

/// <summary>v = mom v - alr g ; w = w + v: eq. (7)-(8). The rate is inside the velocity, unlike in the usual library form.</summary>
public sealed class SgdVelocity(double weightDecay, WeightDecayKind kind, bool decaysNormsAndBiases) : Optimizer(weightDecay, kind, decaysNormsAndBiases)
{
    protected override void Apply(TrainedParameter parameter, Tensor gradient, double rate, double momentum)
    {
        var velocity = Moment(parameter, "velocity");
        velocity.ScaleBy(momentum).AddScaled(gradient, -rate);
        parameter.Master.AddScaled(velocity);
    }
}
