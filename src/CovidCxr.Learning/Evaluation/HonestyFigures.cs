using CovidCxr.Learning.Data;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Learning.Evaluation;

/// <summary>Films of one sex, age band or view.</summary>
/// <param name="Kind">sex, age or view.</param>
/// <param name="Area">Under the ROC curve, with its interval by patient.</param>
public sealed record GroupFigures(string Kind, string Name, int Films, int Positives, Estimate Area);

/// <summary>What the clinic's guard and lung finder say of the evaluated films.</summary>
/// <param name="Films">So many were looked at, spread evenly over all.</param>
/// <param name="Withheld">The share that the guard withholds, 0..1.</param>
/// <param name="InLungs">Mean share of the heat map of the decided class inside the lungs, 0..1.</param>
public sealed record FilmLooks(int Films, Estimate Withheld, Estimate InLungs);

/// <summary>What tells, beside its figures, whether a model reads the disease or something that came with it.</summary>
/// <param name="Fewest">Evaluated patients of the class that has fewer of them.</param>
/// <param name="CentreCovered">The films without their middle.</param>
/// <param name="BorderOnly">Their border alone.</param>
/// <param name="MetadataArea">Of a classifier that is told width, height, mean, spread and bit depth alone, cross-validated by
/// patient.</param>
/// <param name="SourceArea">Of a classifier that is told a film's source alone, over all films of the data set; no value with one
/// source.</param>
/// <param name="Groups">By sex, age and view as far as tables or manifests say them; films without a word are in none.</param>
/// <param name="IsByPatient">Whether the division kept a patient's films on one side.</param>
/// <param name="Unknown">Ancestors whose training images are not known, in words.</param>
/// <param name="Looks">Null where the films themselves were not looked at.</param>
public sealed record HonestyFigures(
    int Fewest, CoveredFigures CentreCovered, CoveredFigures BorderOnly, Estimate MetadataArea, Estimate SourceArea,
    IReadOnlyList<GroupFigures> Groups, bool IsByPatient, IReadOnlyList<string> Unknown, FilmLooks? Looks)
{
    /// <summary>Null where no active model was named, or it could not be compared.</summary>
    public RivalFigures? Rival { get; init; }

    /// <summary>Whether one was named that could not be compared: it looks for something else, or has seen every film.</summary>
    public bool HasUnknownRival { get; init; }

    /// <summary>Of how well size, greyness and bit depth alone tell the classes apart.</summary>
    /// <param name="cases">At least one.</param>
    /// <param name="positive">Index of the positive class.</param>
    public static Estimate MetadataAreaOf(IReadOnlyList<EvaluatedCase> cases, int positive)
    {
        var truth = FigureSet.TruthOf(cases, positive);
        return Area(cases, LogisticRegression.CrossValidate([.. cases.Select(Features)], truth, [.. cases.Select(c => c.Cluster)]), truth);
    }

    /// <summary>Of how well a film's source alone tells the classes apart: the share of positives among the other films of it.</summary>
    /// <param name="samples">The whole data set, at least one.</param>
    /// <param name="positive">Index of the positive class.</param>
    public static Estimate SourceAreaOf(IReadOnlyList<Sample> samples, int positive)
    {
        var sources = samples.GroupBy(s => s.Image.File.Source, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => (Films: g.Count(), Positives: g.Count(s => s.Class == positive)), StringComparer.Ordinal);
        if (sources.Count < 2)
        {
            return Estimate.Undefined(samples.Count, "one source");
        }

        bool[] truth = [.. samples.Select(s => s.Class == positive)];
        double[] scores = [.. samples.Select(s =>
        {
            var (films, positives) = sources[s.Image.File.Source];
            return films == 1 ? 0.5 : (positives - (s.Class == positive ? 1.0 : 0)) / (films - 1);
        })];
        var area = new AreaStatistic(Clusters.Of(samples.Select(s => s.Group).ToArray()), scores, truth);
        return ClusteredBootstrap.Intervals([area])[area.Figure];
    }

    /// <summary>Figures of every group that some film belongs to.</summary>
    /// <param name="positive">Index of the positive class.</param>
    public static IReadOnlyList<GroupFigures> GroupsOf(IReadOnlyList<EvaluatedCase> cases, int positive) =>
    [
        .. By("sex", cases, positive, f => f.Sex), .. By("age", cases, positive, f => PatientTraits.AgeBand(f.Age)),
        .. By("view", cases, positive, f => f.View),
    ];

    static IEnumerable<GroupFigures> By(
        string kind, IReadOnlyList<EvaluatedCase> cases, int positive, Func<LabelledFile, string?> nameOf) =>
        from one in cases
        let name = nameOf(one.File)?.Trim().ToUpperInvariant()
        where !string.IsNullOrEmpty(name)
        group one by name into films
        orderby films.Key
        let own = films.ToList()
        select new GroupFigures(
            kind, films.Key, own.Count, own.Count(c => c.Truth == positive),
            Area(own, FigureSet.ScoresOf(own, positive), FigureSet.TruthOf(own, positive)));

    static double[] Features(EvaluatedCase one)
    {
        var image = one.Prediction.Sample.Image;
        return [image.Width, image.Height, image.Statistics.Mean, image.Statistics.Deviation, image.BitsStored];
    }

    static Estimate Area(IReadOnlyList<EvaluatedCase> cases, double[] scores, bool[] truth)
    {
        var area = new AreaStatistic(Clusters.Of(cases.Select(c => c.Cluster).ToArray()), scores, truth);
        return ClusteredBootstrap.Intervals([area])[area.Figure];
    }
}
