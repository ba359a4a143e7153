using System.Numerics.Tensors;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Preprocessing;

namespace CovidCxr.Learning.Severity;

/// <summary>
/// Six zones of the lungs, each 0 (nothing) to 3 (interstitial and alveolar infiltrates, the latter dominant), by the Brixia score
/// (Borghesi and Maroldi 2020), and their sum.
/// </summary>
/// <param name="Zones">A to F, 0..3 each: the patient's right lung from top to bottom, then the left one.</param>
/// <param name="Sum">0..18.</param>
/// <param name="Lower">Of the interval around the sum; likewise Upper.</param>
public sealed record SeverityEstimate(IReadOnlyList<double> Zones, double Sum, double Lower, double Upper)
{
    /// <summary>Scores of the lungs as a whole.</summary>
    public IReadOnlyList<LungScoreEstimate> Scores { get; init; } = [];
}

/// <summary>One score of the lungs as a whole, such as geographic extent 0..8 or opacity 0..6 (Cohen et al. 2020).</summary>
/// <param name="Value">0..Max; likewise the interval from Lower to Upper.</param>
public sealed record LungScoreEstimate(string Name, double Value, double Lower, double Upper, double Max);

/// <summary>Reads one score of the lungs as a whole off the mean of the features in them.</summary>
/// <param name="Weights">One per channel of the network.</param>
/// <param name="Error">So far from the truth nine of ten were in cross-validation, 0..Max.</param>
public sealed record LungScoreHead(string Name, double Max, IReadOnlyList<float> Weights, double Bias, double Error)
{
    internal bool IsSound =>
        Name is { Length: > 0 and <= 60 } && Max is > 0 and <= 1000 && Weights is { Count: > 0 and <= 8192 } && Weights.All(float.IsFinite)
            && double.IsFinite(Bias) && Error >= 0 && Error <= Max;

    /// <param name="lungs">The means of the features in the lungs.</param>
    public LungScoreEstimate Read(ReadOnlySpan<float> lungs)
    {
        var value = SeverityHead.Read(lungs, [.. Weights], Bias, Max);
        return new(Name, value, Math.Max(0, value - Error), Math.Min(Max, value + Error), Max);
    }
}

/// <summary>
/// Reads severity off the features of a network that was trained for classes: one linear layer for every zone, on the mean of the features
/// in the zone and in the lungs as a whole. Stands in a model's header.
/// </summary>
/// <param name="Weights">Of the features in the zone, then of those in the lungs: twice the channels of the network.</param>
/// <param name="SumError">So far from the truth nine of ten sums were in cross-validation, 0..18.</param>
/// <param name="Figures">How well it does, in words, for the card.</param>
public sealed record SeverityHead(IReadOnlyList<float> Weights, double Bias, double SumError, IReadOnlyList<string> Figures)
{
    public const int ZoneCount = 6;

    /// <summary>Of the lungs as a whole.</summary>
    public IReadOnlyList<LungScoreHead> Scores { get; init; } = [];

    public const double MaxZone = 3, MaxSum = ZoneCount * MaxZone;

    /// <summary>Whether its numbers are in range: a file may have been written by anybody.</summary>
    internal bool IsSound =>
        Weights.Count is > 0 and <= 16_384 && Weights.All(float.IsFinite) && double.IsFinite(Bias) && SumError is >= 0 and <= MaxSum
            && Figures.Count <= 40 && Scores is { Count: <= 10 }
            && Scores.All(s => s is { IsSound: true } && 2 * s.Weights.Count == Weights.Count);

    /// <param name="inputs">One per zone, as <see cref="Inputs"/> gives them.</param>
    public SeverityEstimate Read(IReadOnlyList<float[]> inputs)
    {
        float[] weights = [.. Weights];
        double[] zones = [.. inputs.Select(i => Read(i, weights, Bias, MaxZone))];
        var sum = zones.Sum();
        return new(zones, sum, Math.Max(0, sum - SumError), Math.Min(MaxSum, sum + SumError))
        {
            Scores = [.. Scores.Select(s => s.Read(InLungs(inputs)))],
        };
    }

    /// <summary>Of a film's inputs, the means of the features in the lungs: the same beside every zone.</summary>
    public static float[] InLungs(IReadOnlyList<float[]> inputs) => inputs[0][(inputs[0].Length / 2)..];

    /// <summary>What a linear layer says, kept within 0..<paramref name="max"/>.</summary>
    public static double Read(ReadOnlySpan<float> input, ReadOnlySpan<float> weights, double bias, double max) =>
        Math.Clamp(TensorPrimitives.Dot(input, weights) + bias, 0, max);

    /// <summary>What the head is given of a film: for every zone, A to F, the means of the features in it and in the lungs.</summary>
    /// <param name="features">(channels, height, width) of one film, row-major.</param>
    /// <param name="lungs">Of the whole film.</param>
    /// <param name="region">The part of the film that the features show.</param>
    public static IReadOnlyList<float[]> Inputs(float[] features, int height, int width, LungMask lungs, FilmRegion region)
    {
        var area = height * width;
        var shares = Preprocessor.Follow(lungs, region, width, height);
        var zoneOf = ZonesOf(shares, height, width);
        var whole = Means(features, area, shares);
        return [.. Enumerable.Range(0, ZoneCount).Select(zone =>
        {
            var own = new float[area];
            for (var i = 0; i < area; i++)
            {
                // A zone of which the lungs show nothing is still a place on the film.
                own[i] = zoneOf[i] == zone ? shares[i] + 0.01f : 0;
            }

            return (float[])[.. Means(features, area, own), .. whole];
        })];
    }

    // The patient's right is the film's left. Each lung is divided into thirds of its height.
    static int[] ZonesOf(float[] shares, int height, int width)
    {
        var zones = new int[shares.Length];
        for (var side = 0; side < 2; side++)
        {
            var columns = Enumerable.Range(side == 0 ? 0 : width / 2, side == 0 ? width / 2 : width - (width / 2)).ToArray();
            int[] rows = [.. Enumerable.Range(0, height).Where(r => columns.Any(c => shares[(r * width) + c] >= LungMask.Lung))];
            var (top, bottom) = rows.Length < 3 ? (0, height) : (rows[0], rows[^1] + 1);
            for (var row = 0; row < height; row++)
            {
                var third = Math.Clamp((int)((row + 0.5 - top) * 3 / (bottom - top)), 0, 2);
                Array.ForEach(columns, c => zones[(row * width) + c] = (side * 3) + third);
            }
        }

        return zones;
    }

    static float[] Means(float[] features, int area, float[] weights)
    {
        var sum = Math.Max(1e-6f, TensorPrimitives.Sum(weights));
        return [.. Enumerable.Range(0, features.Length / area).Select(
            c => TensorPrimitives.Dot(features.AsSpan(c * area, area), weights) / sum)];
    }
}
