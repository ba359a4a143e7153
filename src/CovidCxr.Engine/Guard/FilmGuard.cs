using CovidCxr.Engine.Lungs;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Engine.Guard;

/// <summary>
/// Decides whether a picture may have a score: by its kind (softmax regression) and by its distance from good films (Mahalanobis; Lee et
/// al. 2018), both on <see cref="GuardFeatures"/>. Safe to call from several threads.
/// </summary>
public sealed class FilmGuard
{
    /// <summary>The kinds that the regression tells apart, in the order of its rows.</summary>
    public static IReadOnlyList<FilmKind> Kinds { get; } =
        [FilmKind.Frontal, FilmKind.TurnedSideways, FilmKind.UpsideDown, FilmKind.Inverted, FilmKind.CutOff, FilmKind.NoChest];

    static readonly Lazy<FilmGuard> Shipped = new(() => new(
        WeightsFile.Read(Path.Combine(AppContext.BaseDirectory, "Guard", "guard.safetensors")), LungFinder.Default));

    static readonly GuardVerdict Passed = new(FilmKind.Frontal, 1, 0);

    readonly LungFinder _lungs;
    readonly float[] _mean, _deviation, _weight, _bias, _precision;
    readonly float _leastGood, _farthest;

    /// <param name="weights">As <see cref="GuardTraining"/> makes them.</param>
    /// <exception cref="ModelFileException">They are not the guard's.</exception>
    public FilmGuard(IReadOnlyDictionary<string, StoredTensor> weights, LungFinder lungs)
    {
        _lungs = lungs;
        var (features, kinds) = (GuardFeatures.Count, Kinds.Count);
        _mean = Read("mean", features);
        _deviation = Read("deviation", features);
        _weight = Read("weight", kinds * features);
        _bias = Read("bias", kinds);
        _precision = Read("precision", features * features);
        var limits = Read("limits", 2);
        (_leastGood, _farthest) = (limits[0], limits[1]);

        float[] Read(string name, int length) =>
            weights.TryGetValue(name, out var stored) && stored.ToFloats() is var values && values.Length == length
                ? values
                : throw new ModelFileException("The weights are not those of the guard.");
    }

    /// <summary>With the weights that come with the program.</summary>
    /// <exception cref="IOException">Their file is not beside the program.</exception>
    public static FilmGuard Default => Shipped.Value;

    /// <summary>The verdict on a film, and the lungs that were found on the way to it. A phantom that bears its mark is no patient's: it
    /// passes, so that it can show what the program does.</summary>
    public (GuardVerdict Verdict, LungMask Lungs) Look(GreyImage film)
    {
        var (lungs, means) = _lungs.Look(film);
        return (PhantomMark.IsOn(film) ? Passed : Judge(GuardFeatures.Of(film, lungs, means)), lungs);
    }

    internal GuardVerdict Judge(float[] features)
    {
        var scaled = Scaled(features, _mean, _deviation);
        var chances = new float[Kinds.Count];
        for (var kind = 0; kind < chances.Length; kind++)
        {
            chances[kind] = _bias[kind]
                + System.Numerics.Tensors.TensorPrimitives.Dot(_weight.AsSpan(kind * scaled.Length, scaled.Length), scaled);
        }

        System.Numerics.Tensors.TensorPrimitives.SoftMax(chances, chances);
        var distance = Distance(scaled, _precision) / _farthest;
        var likeliestBad = Enumerable.Range(1, chances.Length - 1).MaxBy(k => chances[k]);
        var kindFound = chances[0] < _leastGood ? Kinds[likeliestBad] : distance > 1 ? FilmKind.Unlike : FilmKind.Frontal;
        // Where only certainty is good enough any doubt is suspicion.
        var doubt = (1.0 - chances[0]) / Math.Max(float.Epsilon, 1.0 - _leastGood);
        return new(kindFound, chances[0], distance) { Suspicion = Math.Max(doubt, distance) };
    }

    internal static float[] Scaled(float[] features, float[] mean, float[] deviation) =>
        [.. features.Select((f, i) => (f - mean[i]) / deviation[i])];

    /// <summary>sqrt(x P x).</summary>
    /// <param name="precision">Square, row-major: the inverse of the good films' covariance.</param>
    internal static double Distance(float[] scaled, float[] precision)
    {
        var sum = 0.0;
        for (var row = 0; row < scaled.Length; row++)
        {
            sum += scaled[row]
                * System.Numerics.Tensors.TensorPrimitives.Dot(precision.AsSpan(row * scaled.Length, scaled.Length), scaled);
        }

        return Math.Sqrt(Math.Max(0, sum));
    }
}
