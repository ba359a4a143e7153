using static TorchSharp.torch;

namespace CovidCxr.Learning.Optimization;

/// <summary>
/// Adam (Kingma and Ba 2015) with the layer's momentum as beta1. Because beta1 changes from step to step, its bias correction divides by
/// 1 minus the running product of beta1, which is what the moment's weights really sum to.
/// </summary>
public sealed class Adam(double weightDecay, WeightDecayKind kind, bool decaysNormsAndBiases) : Optimizer(weightDecay, kind, decaysNormsAndBiases)
{
    const double Beta2 = 0.999, Epsilon = 1e-8;

    protected override void Apply(TrainedParameter parameter, Tensor gradient, double rate, double momentum)
    {
        var mean = Moment(parameter, "mean");
        var square = Moment(parameter, "square");
        var product1 = Product(parameter.Name + "/beta1", momentum);
        var product2 = Product(parameter.Name + "/beta2", Beta2);

        mean.ScaleBy(momentum).AddScaled(gradient, 1 - momentum);
        square.ScaleBy(Beta2).AddProduct(gradient, gradient, 1 - Beta2);
        var denominator = square.sqrt().ScaleBy(1 / Math.Sqrt(1 - product2)).AddNumber(Epsilon);
        parameter.Master.AddQuotient(mean, denominator, -rate / (1 - product1));
    }

    double Product(string name, double beta) => Scalars[name] = Scalars.GetValueOrDefault(name, 1) * beta;
}
