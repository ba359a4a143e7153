using CovidCxr.Learning.Severity;
using TorchSharp;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Severity;

/// <summary>A film that radiologists have scored.</summary>
/// <param name="Group">Films of one patient share it.</param>
/// <param name="Inputs">One per zone, as <see cref="SeverityHead.Inputs"/> gives them; or one, of the lungs as a whole.</param>
/// <param name="Scores">As many: the zones A to F, 0..3 each, or the one score of the lungs.</param>
public sealed record ScoredFilm(int Group, IReadOnlyList<float[]> Inputs, IReadOnlyList<double> Scores);

/// <summary>Fits what reads a score off features: ridge regression (Hoerl and Kennard 1970) over the inputs of all films.</summary>
public static class SeverityFitting
{
    /// <param name="penalty">Above 0, of inputs scaled to deviation 1, per input that is fitted.</param>
    public static (float[] Weights, double Bias) Fit(IReadOnlyList<ScoredFilm> films, double penalty)
    {
        using var scope = NewDisposeScope();
        var rows = films.SelectMany(f => f.Inputs).ToList();
        var x = tensor(rows.SelectMany(r => r).Select(v => (double)v).ToArray(), [rows.Count, rows[0].Length]);
        var y = tensor(films.SelectMany(f => f.Scores).ToArray());
        var (mean, deviation) = (x.mean([0]), x.std(0).add(1e-6));
        var scaled = x.sub(mean).div(deviation);
        var level = y.mean();
        using var strength = (penalty * rows.Count).ToScalar();
        var gram = scaled.t().mm(scaled).add(eye(scaled.shape[1], dtype: ScalarType.Float64).mul(strength));
        var weights = linalg.solve(gram, scaled.t().mv(y.sub(level))).div(deviation);
        var bias = level.sub(weights.dot(mean)).item<double>();
        return (weights.to_type(ScalarType.Float32).data<float>().ToArray(), bias);
    }

    /// <summary>What a head says of every film that was fitted without the film's patient.</summary>
    /// <param name="more">Further films to fit, never judged: the same ones in a mirror.</param>
    /// <param name="max">The top of the scale.</param>
    /// <param name="folds">At least 2.</param>
    /// <returns>For each film, in their order, a score for each of its inputs.</returns>
    public static IReadOnlyList<IReadOnlyList<double>> CrossValidate(
        IReadOnlyList<ScoredFilm> films, IReadOnlyList<ScoredFilm> more, double max, double penalty, int folds, long seed)
    {
        var groups = films.Select(f => f.Group).Distinct().Order().ToArray();
        new Imaging.Augmentation.SplitMix64(seed, 0x5E7).Shuffle<int>(groups);
        var foldOf = groups.Select((g, i) => (g, i % folds)).ToDictionary();
        var said = new IReadOnlyList<double>[films.Count];
        for (var fold = 0; fold < folds; fold++)
        {
            var (weights, bias) = Fit([.. films.Concat(more).Where(f => foldOf[f.Group] != fold)], penalty);
            for (var i = 0; i < films.Count; i++)
            {
                if (foldOf[films[i].Group] == fold)
                {
                    said[i] = [.. films[i].Inputs.Select(input => SeverityHead.Read(input, weights, bias, max))];
                }
            }
        }

        return said;
    }
}
