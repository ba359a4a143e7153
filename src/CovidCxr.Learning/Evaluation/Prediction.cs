using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Evaluation;

/// <summary>What a network said of one sample.</summary>
/// <param name="Probabilities">Softmax over the classes.</param>
/// <param name="Loss">Cross-entropy: minus the logarithm of the true class's probability.</param>
public sealed record Prediction(Sample Sample, float[] Probabilities, double Loss)
{
    public int Predicted => Array.IndexOf(Probabilities, Probabilities.Max());
}
