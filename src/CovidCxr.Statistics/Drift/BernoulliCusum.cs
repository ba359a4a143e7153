namespace CovidCxr.Statistics.Drift;

/// <summary>
/// Watches a share case by case, for a rise or a fall of a stated size: the cumulative sum of Page (Biometrika 1954, 41:100) for single
/// cases (Reynolds and Stoumbos, Journal of Quality Technology 1999, 31:87). The sum takes the log likelihood ratio of the moved share and
/// that of before, never falls below 0 and alarms at its limit. The weights are whole numbers in the same proportion, so that the sum is
/// a Markov chain (Brook and Evans, Biometrika 1972, 59:539) and what is said of it is computed, not simulated. The share of before
/// is known from a sample alone: every figure is the mean over what it may be after that sample (Jeffreys' prior).
/// </summary>
/// <param name="Event">What is added for a case with the event; negative where a fall is watched for.</param>
/// <param name="NoEvent">What is added for a case without; of the other sign.</param>
/// <param name="Limit">The sum at which it alarms, above 0.</param>
/// <param name="FalseAlarms">Expected for each case while nothing moves.</param>
/// <param name="MeanDelay">Cases until it alarms once the share has moved by the stated size, on average, from a sum of 0.</param>
/// <param name="SureDelay">Cases within which it then alarms with a probability of 0.95; null for over
/// <see cref="LongestDelay"/>.</param>
public sealed record BernoulliCusum(int Event, int NoEvent, int Limit, double FalseAlarms, double MeanDelay, int? SureDelay)
{
    public const int LongestDelay = 20_000;

    const int Shares = 21, LargestLimit = 4_000, MostParts = 6;
    const double Sure = 0.95, Spread = 3, Nearly = 0.04;

    /// <param name="events">In the sample of before, 0 .. cases.</param>
    /// <param name="cases">At least 1.</param>
    /// <param name="shift">By how much the share moves, -1..1 and not 0: negative for a fall.</param>
    /// <param name="falseAlarms">At most so many expected for each case while nothing moves, above 0.</param>
    /// <returns>Null where no share can move so far, or no limit is found.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A value outside its range.</exception>
    public static BernoulliCusum? Design(int events, int cases, double shift, double falseAlarms)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(cases, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(events);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(events, cases);
        ArgumentOutOfRangeException.ThrowIfZero(shift);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(falseAlarms);
        var before = (events + 0.5) / (cases + 1);
        var after = before + shift;
        if (after is <= 0 or >= 1)
        {
            return null;
        }

        var (withEvent, without) = (Math.Log(after / before), Math.Log((1 - after) / (1 - before)));
        var (up, down) = Weights(withEvent, without);
        var possible = Possible(events, cases);
        double Rate(int limit) => possible.Sum(s => s.Weight / new Chain(up, down, limit, s.Share).MeanLength());
        var (low, high) = (0, 1);
        while (Rate(high) > falseAlarms)
        {
            if (high >= LargestLimit)
            {
                return null;
            }

            (low, high) = (high, Math.Min(2 * high, LargestLimit));
        }

        while (high - low > 1)
        {
            var middle = (low + high) / 2;
            (low, high) = Rate(middle) > falseAlarms ? (middle, high) : (low, middle);
        }

        List<(Chain Chain, double Weight)> moved = possible.ConvertAll(
            s => (new Chain(up, down, high, Math.Clamp(s.Share + shift, 0.0, 1.0)), s.Weight));
        return new(up, down, high, Rate(high), moved.Sum(m => m.Weight * m.Chain.MeanLength()), SureLength(moved));
    }

    /// <summary>Where it alarms in a run of cases; after an alarm it begins anew.</summary>
    /// <returns>Of each alarm the index of the first case since the sum was last 0, and that of the alarm.</returns>
    public IReadOnlyList<(int First, int Last)> Alarms(IEnumerable<bool> cases)
    {
        List<(int First, int Last)> alarms = [];
        var (sum, first) = (0, 0);
        foreach (var (i, hasEvent) in cases.Index())
        {
            first = sum == 0 ? i : first;
            sum = Math.Max(0, sum + (hasEvent ? Event : NoEvent));
            if (sum >= Limit)
            {
                alarms.Add((first, i));
                sum = 0;
            }
        }

        return alarms;
    }

    // The smallest whole numbers that are nearly in proportion: small ones make a short chain.
    static (int Event, int NoEvent) Weights(double withEvent, double without)
    {
        var smaller = Math.Min(Math.Abs(withEvent), Math.Abs(without));
        var ratio = Math.Max(Math.Abs(withEvent), Math.Abs(without)) / smaller;
        var parts = Enumerable.Range(1, MostParts).MinBy(k => Math.Max(Nearly, Math.Abs((Math.Round(k * ratio) / (k * ratio)) - 1)));
        return ((int)Math.Round(parts * withEvent / smaller), (int)Math.Round(parts * without / smaller));
    }

    // Shares around the sample's, each with its weight after it: Beta(events + 1/2, others + 1/2) on a grid.
    static List<(double Share, double Weight)> Possible(int events, int cases)
    {
        var centre = (events + 0.5) / (cases + 1);
        var width = Spread * Math.Sqrt(centre * (1 - centre) / (cases + 1));
        List<(double Share, double Log)> grid =
        [
            .. Enumerable.Range(0, Shares).Select(i => centre + (width * ((2.0 * i / (Shares - 1)) - 1))).Where(p => p is > 0 and < 1)
                .Select(p => (p, ((events - 0.5) * Math.Log(p)) + ((cases - events - 0.5) * Math.Log(1 - p)))),
        ];
        var highest = grid.Max(g => g.Log);
        var total = grid.Sum(g => Math.Exp(g.Log - highest));
        return grid.ConvertAll(g => (g.Share, Math.Exp(g.Log - highest) / total));
    }

    static int? SureLength(List<(Chain Chain, double Weight)> chains)
    {
        for (var n = 1; n <= LongestDelay; n++)
        {
            if (chains.Sum(c => c.Weight * c.Chain.Step()) >= Sure)
            {
                return n;
            }
        }

        return null;
    }

    /// <summary>The sum as a Markov chain on 0 .. limit - 1, for a given share.</summary>
    sealed class Chain(int up, int down, int limit, double share)
    {
        double[] _at = [1, .. new double[limit - 1]];
        double _alarmed;

        /// <summary>One case more.</summary>
        /// <returns>The probability that it has alarmed by now.</returns>
        public double Step()
        {
            var next = new double[limit];
            for (var s = 0; s < limit; s++)
            {
                Move(next, s + up, share * _at[s]);
                Move(next, s + down, (1 - share) * _at[s]);
            }

            _at = next;
            return _alarmed;
        }

        void Move(double[] next, int to, double weight)
        {
            if (to >= limit)
            {
                _alarmed += weight;
            }
            else
            {
                next[Math.Max(0, to)] += weight;
            }
        }

        /// <summary>Cases to the first alarm from a sum of 0: (I - Q) L = 1, an M-matrix of a narrow band, eliminated in order.</summary>
        public double MeanLength()
        {
            var (below, above) = (Math.Max(-up, -down), Math.Max(up, down));
            var matrix = new double[limit, limit];
            var length = new double[limit];
            for (var s = 0; s < limit; s++)
            {
                (matrix[s, s], length[s]) = (1, 1);
                Take(matrix, s, s + up, share);
                Take(matrix, s, s + down, 1 - share);
            }

            for (var pivot = 0; pivot < limit; pivot++)
            {
                for (var row = pivot + 1; row <= Math.Min(limit - 1, pivot + below); row++)
                {
                    var factor = matrix[row, pivot] / matrix[pivot, pivot];
                    for (var column = pivot; factor != 0 && column <= Math.Min(limit - 1, pivot + above); column++)
                    {
                        matrix[row, column] -= factor * matrix[pivot, column];
                    }

                    length[row] -= factor * length[pivot];
                }
            }

            for (var row = limit - 1; row >= 0; row--)
            {
                for (var column = row + 1; column <= Math.Min(limit - 1, row + above); column++)
                {
                    length[row] -= matrix[row, column] * length[column];
                }

                length[row] /= matrix[row, row];
            }

            return length[0];
        }

        void Take(double[,] matrix, int from, int to, double weight)
        {
            if (to < limit)
            {
                matrix[from, Math.Max(0, to)] -= weight;
            }
        }
    }
}
