using CovidCxr.Learning.Evaluation;
using CovidCxr.Statistics;

namespace CovidCxr.Learning.Tests.Evaluation;

public class FigureSetTests
{
    // 4 sick: 3 found. 6 healthy: 4 left alone. Of 24 pairs the sick film has the higher score in 18 and an equal one in 1.
    static readonly List<EvaluatedCase> Ten =
    [
        Cases.Of("a", true, 0.9, 0), Cases.Of("b", true, 0.8, 1), Cases.Of("c", true, 0.6, 2), Cases.Of("d", true, 0.2, 3),
        Cases.Of("e", false, 0.7, 4), Cases.Of("f", false, 0.6, 5), Cases.Of("g", false, 0.4, 6), Cases.Of("h", false, 0.3, 7),
        Cases.Of("i", false, 0.1, 8), Cases.Of("j", false, 0.05, 9),
    ];

    // Intervals by Wilson's formula with z = 1.959963984540054, computed in Python.
    [Theory]
    [InlineData(FigureSet.Accuracy, 0.7, 0.3967781, 0.8922087)]
    [InlineData(FigureSet.Sensitivity, 0.75, 0.3006418, 0.9544127)]
    [InlineData(FigureSet.Specificity, 4.0 / 6, 0.2999933, 0.9032286)]
    [InlineData(FigureSet.PositivePredictiveValue, 0.6, 0.2307243, 0.8823792)]
    [InlineData(FigureSet.NegativePredictiveValue, 0.8, 0.3755346, 0.9637759)]
    public void Of_TenCases_GivesSharesCountedByHand(string name, double value, double lower, double upper)
    {
        var figure = FigureSet.Of("ten", Ten, positive: 0)[name].ByImage;
        Assert.Equal(value, figure.Value!.Value, 1e-12);
        Assert.Equal(lower, figure.Lower!.Value, 1e-6);
        Assert.Equal(upper, figure.Upper!.Value, 1e-6);
    }

    [Fact]
    public void Of_TenCases_HasTheAreaCountedByHand()
    {
        var set = FigureSet.Of("ten", Ten, positive: 0);
        Assert.Equal(18.5 / 24, set[FigureSet.Area].ByImage.Value!.Value, 1e-12);
        Assert.Equal(18.5 / 24, set[FigureSet.Area].ByPatient.Value!.Value, 1e-12);
        Assert.Equal((10, 10, 4), (set.Images, set.Patients, set.Positives));
    }

    [Fact]
    public void Of_PatientsWithTenLikeFilms_HasAWiderIntervalByPatient()
    {
        // 20 patients, half of them sick; the model is right or wrong with all films of a patient.
        var cases = (from patient in Enumerable.Range(0, 20)
                     from film in Enumerable.Range(0, 10)
                     let isRight = patient % 5 != 0
                     select Cases.Of($"{patient}-{film}", patient < 10, patient < 10 == isRight ? 0.9 : 0.1, patient)).ToList();
        var accuracy = FigureSet.Of("films", cases, 0)[FigureSet.Accuracy];
        Assert.Equal(0.8, accuracy.ByImage.Value!.Value, 1e-12);
        Assert.Equal(0.8, accuracy.ByPatient.Value!.Value, 1e-12);
        // Ten like films are one case: the interval of 20 patients is about sqrt(10) times that of 200 films.
        Assert.InRange(Width(accuracy.ByPatient) / Width(accuracy.ByImage), 2.5, 3.8);
    }

    [Fact]
    public void Of_OneClass_SaysWhatIsNotDefined()
    {
        var set = FigureSet.Of("healthy", Ten[4..], 0);
        Assert.Null(set[FigureSet.Sensitivity].ByImage.Value);
        Assert.Null(set[FigureSet.Area].ByPatient.Value);
        Assert.Equal(4.0 / 6, set[FigureSet.Specificity].ByImage.Value!.Value, 1e-12);
    }

    [Fact]
    public void ConfusionMatrix_TenCases_HasTruthInRows()
    {
        var matrix = ConfusionMatrix.Of(Ten, ["COVID-19", "Other"]);
        Assert.Equal([[3, 1], [2, 4]], matrix.Counts);
    }

    [Fact]
    public void WorstOf_TenCases_IsByLossWorstFirst()
    {
        var worst = ConfusedImage.WorstOf(Ten, ["COVID-19", "Other"], 3);
        Assert.Equal(["d", "e", "f"], worst.Select(w => w.Path));
        Assert.Equal(("Other", "COVID-19"), (worst[0].Predicted, worst[0].Truth));
        Assert.Equal(0.2, worst[0].ProbabilityOfTruth, 1e-6);
        Assert.Equal(-Math.Log(0.2), worst[0].Loss, 1e-6);
    }

    static double Width(Estimate e) => e.Upper!.Value - e.Lower!.Value;
}
