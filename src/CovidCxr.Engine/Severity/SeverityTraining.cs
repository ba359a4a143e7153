using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Severity;

namespace CovidCxr.Engine.Severity;

/// <summary>A film and how severe radiologists found it.</summary>
/// <param name="Group">Films of one patient share it.</param>
/// <param name="Read">Gives the film.</param>
/// <param name="Zones">A to F, 0..3 each.</param>
public sealed record FilmToScore(int Group, Func<GreyImage> Read, IReadOnlyList<double> Zones);

/// <summary>Gives a trained model the head that reads severity off its features.</summary>
public static class SeverityTraining
{
    /// <param name="modelPath">A model file; it is not changed.</param>
    /// <param name="penalty">Above 0.</param>
    /// <param name="folds">At least 2.</param>
    /// <returns>The head, fitted to all films, and what heads that had not seen a film's patient made of it.</returns>
    /// <exception cref="ModelFileException">The model cannot be used.</exception>
    public static (SeverityHead Head, SeverityFigures Figures) Run(
        string modelPath, IReadOnlyList<FilmToScore> films, double penalty, int folds, long seed, CancellationToken cancellation)
    {
        using var model = ServedModel.Load(modelPath, ServingEngine.TorchSharp, threads: 0, keepsFeatures: true);
        var scored = films.Select(film =>
        {
            cancellation.ThrowIfCancellationRequested();
            return (Upright: Score(model, film, mirrored: false), Mirrored: Score(model, film, mirrored: true));
        }).ToList();
        var said = SeverityFitting.CrossValidate(
            [.. scored.Select(s => s.Upright)], [.. scored.Select(s => s.Mirrored)], penalty, folds, seed);
        var figures = SeverityFigures.Of([.. films.Select(f => f.Group)], said, [.. films.Select(f => f.Zones)]);
        var (weights, bias) = SeverityFitting.Fit([.. scored.SelectMany(s => new[] { s.Upright, s.Mirrored })], penalty);
        return (new(weights, bias, figures.SumErrorOfNine, []), figures);
    }

    static ScoredFilm Score(ServedModel model, FilmToScore film, bool mirrored)
    {
        var image = film.Read();
        var prepared = model.Prepare(mirrored ? Mirrored(image) : image);
        var answer = model.Run(prepared.Input, 1)[0];
        // In a mirror the right lung is the left one.
        double[] zones = mirrored ? [.. film.Zones.Skip(3), .. film.Zones.Take(3)] : [.. film.Zones];
        return new(
            film.Group,
            SeverityHead.Inputs(answer.Features, answer.HeatMaps[0].Height, answer.HeatMaps[0].Width, prepared.Lungs, prepared.Region),
            zones);
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
