using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Lungs;
using CovidCxr.Engine.Optimization;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Optimization;
using CovidCxr.Statistics;
using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;
using TorchSharp;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Guard;

/// <summary>How a guard did on films that it did not learn from.</summary>
/// <param name="Withheld">Of every kind: pictures, how many of them were withheld, and the area under the ROC curve of the suspicion that
/// tells them from good films, by resampling patients; null for good films.</param>
/// <param name="Area">Of all kinds but good films together.</param>
public sealed record GuardFigures(
    IReadOnlyDictionary<FilmKind, (int Pictures, int Withheld, Estimate? Area)> Withheld, Estimate Area);

public sealed record GuardResult(IReadOnlyDictionary<string, StoredTensor> Weights, GuardFigures Figures);

/// <summary>
/// Teaches the guard from good films and what <see cref="BadFilms"/> makes of them. A part of the patients sets its limits and measures
/// it. Runs on the caller's thread.
/// </summary>
public sealed class GuardTraining(LungFinder lungs, long seed, Action<string> note)
{
    const int Steps = 600, Resamples = 500;
    const double Rate = 0.02, Decay = 0.02, Shrinkage = 0.1;

    // Of good films that it has not seen: half a percent by each limit, so that at most one is withheld.
    const double WithheldByEach = 0.004;

    /// <param name="groups">Of each film: those of one patient share it.</param>
    /// <param name="film">Gives one by its index; called from several threads.</param>
    public GuardResult Train(IReadOnlyList<int> groups, Func<int, GreyImage> film, CancellationToken cancellation)
    {
        var examples = Examples([.. Enumerable.Range(0, groups.Count)], groups.Count, film, cancellation);
        var isHeldOut = HeldOut(groups);
        var (train, test) = (examples.FindAll(e => !isHeldOut(e.Film)), examples.FindAll(e => isHeldOut(e.Film)));
        note($"{train.Count} pictures to learn from, {test.Count} of other patients to measure.");

        var good = train.FindAll(e => e.Kind == FilmKind.Frontal);
        var (mean, deviation) = Scale(good);
        float[] Scaled(Example e) => FilmGuard.Scaled(e.Features, mean, deviation);
        var (weight, bias) = Regress([.. train.Select(Scaled)], [.. train.Select(e => (long)FilmGuard.Kinds.ToList().IndexOf(e.Kind))]);
        var precision = Precision([.. good.Select(Scaled)]);

        var weights = new Dictionary<string, StoredTensor>
        {
            ["mean"] = Stored(mean),
            ["deviation"] = Stored(deviation),
            ["weight"] = Stored(weight),
            ["bias"] = Stored(bias),
            ["precision"] = Stored(precision),
            ["limits"] = Stored([0, 1]),
        };
        weights["limits"] = Stored(Limits(new FilmGuard(weights, lungs), test.FindAll(e => e.Kind == FilmKind.Frontal)));
        return new(weights, Figures(new FilmGuard(weights, lungs), groups, test, cancellation));
    }

    /// <summary>How a guard does on the films that this training holds out: what they are it tells from the groups and the seed.</summary>
    /// <param name="guard">Trained on the same films with the same seed.</param>
    /// <param name="groups">As above, likewise film.</param>
    public GuardFigures Measure(FilmGuard guard, IReadOnlyList<int> groups, Func<int, GreyImage> film, CancellationToken cancellation)
    {
        int[] heldOut = [.. Enumerable.Range(0, groups.Count).Where(HeldOut(groups))];
        return Figures(guard, groups, Examples(heldOut, groups.Count, film, cancellation), cancellation);
    }

    static GuardFigures Figures(FilmGuard guard, IReadOnlyList<int> groups, List<Example> test, CancellationToken cancellation)
    {
        var verdicts = test.ConvertAll(e => (e.Kind, Patient: groups[e.Film], Verdict: guard.Judge(e.Features)));
        Estimate Area(params FilmKind[] kinds)
        {
            var judged = verdicts.FindAll(v => v.Kind == FilmKind.Frontal || kinds.Contains(v.Kind));
            var area = new AreaStatistic(
                Clusters.Of([.. judged.Select(v => v.Patient)]), [.. judged.Select(v => v.Verdict.Suspicion)],
                [.. judged.Select(v => v.Kind != FilmKind.Frontal)]);
            return ClusteredBootstrap.Intervals([area], new() { Resamples = Resamples }, cancellation)[area.Figure];
        }

        return new(
            verdicts.GroupBy(v => v.Kind).ToDictionary(
                g => g.Key,
                g => (g.Count(), g.Count(v => v.Verdict.Withholds), g.Key == FilmKind.Frontal ? null : Area(g.Key))),
            Area([.. FilmGuard.Kinds.Skip(1)]));
    }

    sealed record Example(int Film, FilmKind Kind, float[] Features);

    // Of some of so many films.
    List<Example> Examples(int[] some, int films, Func<int, GreyImage> film, CancellationToken cancellation)
    {
        var examples = new Example[some.Length][];
        Parallel.For(0, some.Length, new ParallelOptions { CancellationToken = cancellation }, place =>
        {
            var i = some[place];
            var good = film(i);
            // Pictures of nothing are the most various: three for each film.
            var pictures = FilmGuard.Kinds.Select(kind => (kind, kind switch
            {
                FilmKind.Frontal => good,
                FilmKind.NoChest => BadFilms.Nothing(good, seed + i),
                _ => BadFilms.Spoil(good, kind, seed + i),
            })).Append((FilmKind.NoChest, BadFilms.Nothing(good, seed - 1 - i)))
                .Append((FilmKind.NoChest, BadFilms.Nothing(good, seed + films + i)));
            examples[place] = [.. pictures.Select(p =>
            {
                var (mask, means) = lungs.Look(p.Item2);
                return new Example(i, p.Item1, GuardFeatures.Of(p.Item2, mask, means));
            })];
        });
        return [.. examples.SelectMany(e => e)];
    }

    // A fifth of the patients.
    Func<int, bool> HeldOut(IReadOnlyList<int> groups) =>
        film => new SplitMix64(seed, groups[film], 0x6A).NextDouble() < 0.2;

    static (float[] Mean, float[] Deviation) Scale(List<Example> good)
    {
        var mean = new float[GuardFeatures.Count];
        var deviation = new float[GuardFeatures.Count];
        for (var i = 0; i < mean.Length; i++)
        {
            var values = good.ConvertAll(e => (double)e.Features[i]);
            var average = values.Average();
            mean[i] = (float)average;
            // A feature that never moves shall not divide by nothing.
            deviation[i] = (float)Math.Max(1e-3, Math.Sqrt(values.Average(v => (v - average) * (v - average))));
        }

        return (mean, deviation);
    }

    static (float[] Weight, float[] Bias) Regress(float[][] inputs, long[] kinds)
    {
        using var scope = NewDisposeScope();
        var x = tensor(inputs.SelectMany(i => i).ToArray(), [inputs.Length, GuardFeatures.Count]);
        var y = tensor(kinds);
        var layer = nn.Linear(GuardFeatures.Count, FilmGuard.Kinds.Count);
        nn.init.zeros_(layer.weight);
        nn.init.zeros_(layer.bias);
        using var optimizer = new Optimization.Adam(Decay, WeightDecayKind.Decoupled, decaysNormsAndBiases: false);
        TrainedParameter[] parameters = [
            new("weight", 0, layer.weight, layer.weight, IsNormOrBias: false),
            new("bias", 0, layer.bias!, layer.bias!, IsNormOrBias: true)];
        for (var step = 0; step < Steps; step++)
        {
            using var inner = NewDisposeScope();
            nn.functional.cross_entropy(layer.call(x), y).backward();
            using (no_grad())
            {
                optimizer.Update(parameters, [.. parameters.Select(p => p.Working.grad!)], [(Rate, 0.9)]);
            }

            layer.zero_grad();
        }

        return (StateDict.ToStored(layer.weight).ToFloats(), StateDict.ToStored(layer.bias!).ToFloats());
    }

    // Of the good films' scaled features: their covariance, drawn towards the identity, inverted.
    static float[] Precision(float[][] scaled)
    {
        using var scope = NewDisposeScope();
        var features = GuardFeatures.Count;
        var x = tensor(scaled.SelectMany(s => s).Select(v => (double)v).ToArray(), [scaled.Length, features]);
        using var share = (1 - Shrinkage).ToScalar();
        using var rest = Shrinkage.ToScalar();
        using var count = ((double)scaled.Length).ToScalar();
        var covariance = x.t().mm(x).mul(share).div(count).add(eye(features, dtype: ScalarType.Float64).mul(rest));
        return linalg.inv(covariance).to_type(ScalarType.Float32).data<float>().ToArray();
    }

    static float[] Limits(FilmGuard open, List<Example> good)
    {
        var verdicts = good.ConvertAll(e => open.Judge(e.Features));
        var passed = (int)(WithheldByEach * good.Count);
        return [
            (float)verdicts.Select(v => v.Good).Order().ElementAt(passed),
            (float)verdicts.Select(v => v.Distance).OrderDescending().ElementAt(passed)];
    }

    static StoredTensor Stored(float[] values) => StoredTensor.FromFloats(values, [values.Length]);
}
