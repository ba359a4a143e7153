using CovidCxr.Statistics.Discrimination;

namespace CovidCxr.Statistics.Tests.Discrimination;

public class LogisticRegressionTests
{
    [Fact]
    public void Fit_OfOneYesOrNo_GivesTheLogarithmOfTheOddsRatio()
    {
        // 30 of 40 positive with it, 10 of 60 without: odds 3 and 0.2.
        List<double[]> rows = [];
        List<bool> truth = [];
        void Add(double value, int positives, int negatives)
        {
            rows.AddRange(Enumerable.Range(0, positives + negatives).Select(_ => new[] { value }));
            truth.AddRange(Enumerable.Range(0, positives + negatives).Select(i => i < positives));
        }

        Add(1, 30, 10);
        Add(0, 10, 50);
        var fitted = LogisticRegression.Fit(rows, truth, penalty: 1e-12);

        Assert.Equal(Math.Log(15), fitted.Weights[0], 1e-6);
        Assert.Equal(Math.Log(0.2), fitted.Bias, 1e-6);
        Assert.Equal(0.75, fitted.Probability([1]), 1e-6);
    }

    [Fact]
    public void Fit_OfAFeatureThatTellsTheClassesApart_StaysFinite()
    {
        var fitted = LogisticRegression.Fit(
            [.. Enumerable.Range(0, 40).Select(i => new double[] { i, 7 })], [.. Enumerable.Range(0, 40).Select(i => i >= 20)]);

        Assert.All(fitted.Weights.Append(fitted.Bias), w => Assert.True(double.IsFinite(w)));
        Assert.True(fitted.Probability([39, 7]) > 0.9);
    }

    [Fact]
    public void CrossValidate_OfNoise_KnowsNothingOfTheCasesLeftOut()
    {
        // A feature that names the patient, and a class by patient: in the sample it tells all, outside it nothing.
        const int Patients = 100;
        double[][] rows = [.. Enumerable.Range(0, Patients).Select(i => new[] { i * 37 % 101 / 101.0 })];
        bool[] truth = [.. Enumerable.Range(0, Patients).Select(i => i * 53 % 97 % 2 == 0)];
        var said = LogisticRegression.CrossValidate(rows, truth, [.. Enumerable.Range(0, Patients).Select(i => $"{i}")]);

        Assert.InRange(RocCurve.Of(said, truth).Area.Value!.Value, 0.3, 0.7);
    }

    [Fact]
    public void CrossValidate_CasesOfOneGroup_AreNeverFittedForEachOther()
    {
        // Every group is of one class and has a value of its own; with a case of the group in the fit it would be known.
        string[] groups = [.. Enumerable.Range(0, 40).Select(i => $"{i / 4}")];
        double[][] rows = [.. Enumerable.Range(0, 40).Select(i => new double[] { i / 4 == 9 ? 1 : 0 })];
        bool[] truth = [.. Enumerable.Range(0, 40).Select(i => i / 4 == 9 || i / 4 % 2 == 0)];
        var said = LogisticRegression.CrossValidate(rows, truth, groups, folds: 10);

        // Without group 9 the feature is 0 everywhere and its weight is 0: the base rate is all that is known.
        Assert.All(said[36..], p => Assert.Equal(5 / 9.0, p, 1e-3));
    }
}
