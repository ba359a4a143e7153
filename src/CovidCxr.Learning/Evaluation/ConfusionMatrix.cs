namespace CovidCxr.Learning.Evaluation;

/// <summary>How often each class was decided for each truth.</summary>
/// <param name="Counts">Row: the truth; column: the decision.</param>
public sealed record ConfusionMatrix(IReadOnlyList<string> Classes, IReadOnlyList<IReadOnlyList<int>> Counts)
{
    public static ConfusionMatrix Of(IReadOnlyList<EvaluatedCase> cases, IReadOnlyList<string> classes)
    {
        var counts = classes.Select(_ => new int[classes.Count]).ToArray();
        foreach (var one in cases)
        {
            counts[one.Truth][one.Decided]++;
        }

        return new(classes, counts);
    }
}
