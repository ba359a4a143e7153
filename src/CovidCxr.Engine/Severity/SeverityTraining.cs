using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Severity;

namespace CovidCxr.Engine.Severity;

/// <summary>A film and how severe radiologists found it.</summary>
/// <param name="Group">Films of one patient share it.</param>
/// <param name="Read">Gives the film.</param>
/// <param name="Zones">A to F, 0..3 each; null where nobody scored them.</param>
/// <param name="Scores">Of the lungs as a whole, one for each scale; null where nobody gave it.</param>
public sealed record FilmToScore(int Group, Func<GreyImage> Read, IReadOnlyList<double>? Zones, IReadOnlyList<double?> Scores);

/// <summary>A scale of the lungs as a whole, from 0 to its top.</summary>
public sealed record LungScale(string Name, double Max);

/// <summary>How a head does on films of patients that it had not seen.</summary>
/// <param name="Films">Scored ones; likewise Patients.</param>
public sealed record LungScoreFit(LungScoreHead Head, ScoreFigures Figures, int Films, int Patients);

/// <summary>Gives a trained model the heads that read severity off its features.</summary>
public static class SeverityTraining
{
    /// <param name="modelPath">A model file; it is not changed.</param>
    /// <param name="films">With zones those of at least as many patients as folds, and with each scale likewise.</param>
    /// <param name="penalty">Above 0.</param>
    /// <param name="folds">At least 2.</param>
    /// <returns>The head, fitted to all films, and what heads that had not seen a film's patient made of it.</returns>
    /// <exception cref="ModelFileException">The model cannot be used.</exception>
    public static (SeverityHead Head, SeverityFigures Figures, IReadOnlyList<LungScoreFit> Scores) Run(
        string modelPath, IReadOnlyList<FilmToScore> films, IReadOnlyList<LungScale> scales, double penalty, int folds, long seed,
        CancellationToken cancellation)
    {
        using var model = ServedModel.Load(modelPath, ServingEngine.TorchSharp, threads: 0, keepsFeatures: true);
        var seen = films.Select(film =>
        {
            cancellation.ThrowIfCancellationRequested();
            return new Seen(film, Inputs(model, film, mirrored: false), Inputs(model, film, mirrored: true));
        }).ToList();
        var (zones, mirrored) = Select(
            seen, f => f.Zones is null ? null : [.. f.Zones], inputs => inputs, f => [.. f.Skip(3), .. f.Take(3)]);
        var said = SeverityFitting.CrossValidate(zones, mirrored, SeverityHead.MaxZone, penalty, folds, seed);
        var figures = SeverityFigures.Of([.. zones.Select(f => f.Group)], said, [.. zones.Select(f => f.Scores)]);
        var (weights, bias) = SeverityFitting.Fit([.. zones, .. mirrored], penalty);
        var scores = scales.Select((scale, at) => Fit(seen, scale, at, penalty, folds, seed)).ToList();
        return (new(weights, bias, figures.Sum.ErrorOfNine, []) { Scores = scores.ConvertAll(s => s.Head) }, figures, scores);
    }

    sealed record Seen(FilmToScore Film, IReadOnlyList<float[]> Upright, IReadOnlyList<float[]> Mirrored);

    static LungScoreFit Fit(List<Seen> seen, LungScale scale, int at, double penalty, int folds, long seed)
    {
        var (films, mirrored) = Select(
            seen, f => f.Scores[at] is { } score ? [score] : null, inputs => [SeverityHead.InLungs(inputs)], scores => scores);
        var said = SeverityFitting.CrossValidate(films, mirrored, scale.Max, penalty, folds, seed);
        int[] patients = [.. films.Select(f => f.Group)];
        var figures = ScoreFigures.Of(patients, [.. said.Select(s => s[0])], [.. films.Select(f => f.Scores[0])]);
        var (weights, bias) = SeverityFitting.Fit([.. films, .. mirrored], penalty);
        return new(
            new(scale.Name, scale.Max, weights, bias, Math.Min(scale.Max, figures.ErrorOfNine)), figures, films.Count,
            patients.Distinct().Count());
    }

    /// <param name="scoresOf">Null where the film has none.</param>
    /// <param name="mirror">What becomes of the scores in a mirror, where the right lung is the left one.</param>
    static (List<ScoredFilm> Upright, List<ScoredFilm> Mirrored) Select(
        List<Seen> seen, Func<FilmToScore, double[]?> scoresOf, Func<IReadOnlyList<float[]>, IReadOnlyList<float[]>> inputsOf,
        Func<double[], double[]> mirror)
    {
        var scored = seen.Select(s => (s, Scores: scoresOf(s.Film))).Where(s => s.Scores is not null).ToList();
        return (
            scored.ConvertAll(s => new ScoredFilm(s.s.Film.Group, inputsOf(s.s.Upright), s.Scores!)),
            scored.ConvertAll(s => new ScoredFilm(s.s.Film.Group, inputsOf(s.s.Mirrored), mirror(s.Scores!))));
    }

    static IReadOnlyList<float[]> Inputs(ServedModel model, FilmToScore film, bool mirrored)
    {
        var image = film.Read();
        var prepared = model.Prepare(mirrored ? Mirrored(image) : image);
        var answer = model.Run(prepared.Input, 1)[0];
        return SeverityHead.Inputs(
            answer.Features, answer.HeatMaps[0].Height, answer.HeatMaps[0].Width, prepared.Lungs, prepared.Region);
    }

    static GreyImage Mirrored(GreyImage film)
    {
        var samples = (ushort[])film.Samples.Clone();
        for (var row = 0; row < film.Height; row++)
        {
            samples.AsSpan(row * film.Width, film.Width).Reverse();
        }

        return film with { Samples = samples };
    }
}
