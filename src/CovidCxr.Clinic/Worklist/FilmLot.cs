namespace CovidCxr.Clinic.Worklist;

/// <param name="Margin">How far the score is from where it would turn, -1..1, positive on the side of the disease.</param>
public readonly record struct WaitingFilm(Guid Id, double Margin, FilmLook Look);

/// <summary>Brightness and its spread, 0..1 each; null for a film of before they were measured.</summary>
public readonly record struct FilmLook(double? Mean, double? Deviation);

/// <summary>Which films are drawn to be read: by lot, with odds that follow what a training would learn.</summary>
public static class FilmLot
{
    /// <summary>How many times as likely the most wanted film is as the least wanted one.</summary>
    public const double MostOdds = 3;

    /// <summary>How likely each film is to be drawn beside the others, 1..<see cref="MostOdds"/>.</summary>
    public static IReadOnlyList<(Guid Id, double Odds)> Odds(IReadOnlyList<WaitingFilm> films, IReadOnlyList<FilmLook> read)
    {
        // Each side by itself: with a low threshold, all negatives would be nearer to it than a sure positive, and the odds would tell.
        var doubt = new double[films.Count];
        foreach (var side in Enumerable.Range(0, films.Count).GroupBy(i => films[i].Margin >= 0))
        {
            int[] at = [.. side];
            foreach (var (rank, i) in Ranks([.. at.Select(i => -Math.Abs(films[i].Margin))]).Zip(at))
            {
                doubt[i] = rank;
            }
        }

        var (mean, deviation) = (Spread.Of(read.Select(r => r.Mean)), Spread.Of(read.Select(r => r.Deviation)));
        var strange = Ranks([.. films.Select(f => mean.SquareOf(f.Look.Mean) + deviation.SquareOf(f.Look.Deviation))]);
        return [.. films.Select((f, i) => (f.Id, 1 + (MostOdds - 1) * Math.Max(doubt[i], strange[i])))];
    }

    /// <summary>Without replacement, by Efraimidis and Spirakis 2006: the largest of u^(1/odds).</summary>
    public static List<Guid> Draw(IReadOnlyList<(Guid Id, double Odds)> films, int count, int seed)
    {
        // CA5394: a lot that can be drawn again from its seed, and guards nothing.
#pragma warning disable CA5394
        var random = new Random(seed);
        return [.. films.Select(f => (f.Id, Key: Math.Pow(random.NextDouble(), 1 / f.Odds))).OrderByDescending(f => f.Key)
            .Take(count).Select(f => f.Id)];
#pragma warning restore CA5394
    }

    // 0 for the smallest, 1 for the largest; 0 for all where they are the same.
    static double[] Ranks(double[] values)
    {
        double[] sorted = [.. values.Distinct().Order()];
        return [.. values.Select(v => sorted.Length < 2 ? 0 : (double)Array.BinarySearch(sorted, v) / (sorted.Length - 1))];
    }

    readonly record struct Spread(double Mean, double Variance)
    {
        public static Spread Of(IEnumerable<double?> values)
        {
            var known = values.OfType<double>().ToList();
            var mean = known.DefaultIfEmpty().Average();
            return new(mean, known.Sum(v => (v - mean) * (v - mean)) / Math.Max(known.Count - 1, 1));
        }

        /// <summary>Of the distance from the mean in standard deviations; 0 where it is not known.</summary>
        public double SquareOf(double? value) => Variance > 0 && value is { } v ? (v - Mean) * (v - Mean) / Variance : 0;
    }
}
