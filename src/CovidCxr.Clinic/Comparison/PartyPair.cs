using CovidCxr.Statistics.Agreement;

namespace CovidCxr.Clinic.Comparison;

/// <summary>Two parties whose calls are compared; the first's are the rows of their table.</summary>
public sealed record PartyPair(Party First, Party Second)
{
    public static IReadOnlyList<PartyPair> All { get; } =
    [
        new(Party.Model, Party.Blind), new(Party.Blind, Party.Reference), new(Party.Model, Party.Reference),
        new(Party.Model, Party.Final), new(Party.Final, Party.Reference), new(Party.Blind, Party.Final),
    ];

    /// <summary>Whether no reader takes part: a prediction that several readers saw counts once.</summary>
    bool IsWithoutReader => First == Party.Model && Second == Party.Reference;

    /// <summary>The cases that both called, with their cell, in which yes is COVID-19.</summary>
    internal IEnumerable<(int Case, PairCell Cell)> Cells(IReadOnlyList<ReaderCase> cases)
    {
        HashSet<Guid> predictions = [];
        for (var i = 0; i < cases.Count; i++)
        {
            var c = cases[i];
            if (c.Call(First) is { } first && c.Call(Second) is { } second && (!IsWithoutReader || predictions.Add(c.PredictionId!.Value)))
            {
                yield return (i, PairCells.Of(first, second));
            }
        }
    }
}
