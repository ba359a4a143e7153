namespace CovidCxr.Statistics.Discrimination;

/// <summary>
/// Logistic regression with a small ridge penalty, fitted by Newton's method (Hastie, Tibshirani and Friedman 2009, section 4.4): a handful
/// of features against a class.
/// </summary>
/// <param name="Weights">One per feature, in the features' own units.</param>
/// <param name="Bias">The logarithm of the odds where every feature is 0.</param>
public sealed record LogisticRegression(IReadOnlyList<double> Weights, double Bias)
{
    const int MostSteps = 50;
    const double Settled = 1e-10, LeastDeviation = 1e-9;

    /// <param name="rows">Cases x features, all finite.</param>
    /// <param name="isPositive">One per case. With one class alone the answer is nearly constant.</param>
    /// <param name="penalty">Above 0, of features scaled to deviation 1: keeps the weights finite where a feature tells the classes
    /// apart.</param>
    /// <param name="weights">How often each case counts, 0 or more, at least one of them more; null for once each.</param>
    public static LogisticRegression Fit(
        IReadOnlyList<double[]> rows, IReadOnlyList<bool> isPositive, double penalty = 1e-3, IReadOnlyList<int>? weights = null)
    {
        var cases = weights ?? [.. Enumerable.Repeat(1, rows.Count)];
        var total = (double)cases.Sum();
        var features = rows[0].Length;
        var mean = new double[features];
        var deviation = new double[features];
        for (var f = 0; f < features; f++)
        {
            mean[f] = rows.Select((r, i) => cases[i] * r[f]).Sum() / total;
            var variance = rows.Select((r, i) => cases[i] * (r[f] - mean[f]) * (r[f] - mean[f])).Sum() / total;
            deviation[f] = Math.Max(LeastDeviation, Math.Sqrt(variance));
        }

        double[][] scaled = [.. rows.Select(r => (double[])[.. r.Select((v, f) => (v - mean[f]) / deviation[f]), 1])];
        var fitted = new double[features + 1];
        for (var step = 0; step < MostSteps && Step(scaled, isPositive, cases, fitted, penalty * total) > Settled; step++)
        {
        }

        double[] own = [.. fitted.Take(features).Select((w, f) => w / deviation[f])];
        return new(own, fitted[features] - own.Select((w, f) => w * mean[f]).Sum());
    }

    /// <summary>The probability of the positive class, 0..1.</summary>
    /// <param name="row">One value per feature.</param>
    public double Probability(IReadOnlyList<double> row)
    {
        var sum = Bias;
        for (var f = 0; f < Weights.Count; f++)
        {
            sum += Weights[f] * row[f];
        }

        return 1 / (1 + Math.Exp(-sum));
    }

    /// <summary>What regressions say of cases that they were not fitted to.</summary>
    /// <param name="groups">One per case: cases of one group (a patient) lie in one fold.</param>
    /// <param name="folds">At least 2; groups go round them in the order in which they first appear.</param>
    /// <returns>One probability per case.</returns>
    public static double[] CrossValidate(
        IReadOnlyList<double[]> rows, IReadOnlyList<bool> isPositive, IReadOnlyList<string> groups, int folds = 5)
    {
        var foldOf = groups.Distinct(StringComparer.Ordinal).Index().ToDictionary(g => g.Item, g => g.Index % folds);
        var said = new double[rows.Count];
        for (var fold = 0; fold < folds; fold++)
        {
            int[] rest = [.. Enumerable.Range(0, rows.Count).Where(i => foldOf[groups[i]] != fold)];
            if (rest.Length == 0)
            {
                continue;
            }

            var fitted = Fit([.. rest.Select(i => rows[i])], [.. rest.Select(i => isPositive[i])]);
            for (var i = 0; i < rows.Count; i++)
            {
                said[i] = foldOf[groups[i]] == fold ? fitted.Probability(rows[i]) : said[i];
            }
        }

        return said;
    }

    // One step of Newton's method; the bias, which stands last, is not penalised.
    static double Step(double[][] rows, IReadOnlyList<bool> isPositive, IReadOnlyList<int> cases, double[] weights, double penalty)
    {
        var size = weights.Length;
        var system = new double[size, size + 1];
        for (var i = 0; i < rows.Length; i++)
        {
            if (cases[i] == 0)
            {
                continue;
            }

            var row = rows[i];
            var sum = 0.0;
            for (var f = 0; f < size; f++)
            {
                sum += row[f] * weights[f];
            }

            var chance = 1 / (1 + Math.Exp(-sum));
            var spread = cases[i] * Math.Max(1e-9, chance * (1 - chance));
            for (var r = 0; r < size; r++)
            {
                for (var c = 0; c < size; c++)
                {
                    system[r, c] += spread * row[r] * row[c];
                }

                system[r, size] += cases[i] * ((isPositive[i] ? 1 : 0) - chance) * row[r];
            }
        }

        for (var f = 0; f < size; f++)
        {
            var strength = f < size - 1 ? penalty : 1e-9;
            system[f, f] += strength;
            system[f, size] -= f < size - 1 ? strength * weights[f] : 0;
        }

        var change = Solve(system, size);
        // Far from the answer a whole step may overshoot.
        var scale = Math.Min(1, 4 / Math.Max(1e-12, change.Max(Math.Abs)));
        for (var f = 0; f < size; f++)
        {
            weights[f] += scale * change[f];
        }

        return change.Max(Math.Abs);
    }

    // Gauss with pivots.
    static double[] Solve(double[,] system, int size)
    {
        for (var column = 0; column < size; column++)
        {
            var pivot = Enumerable.Range(column, size - column).MaxBy(r => Math.Abs(system[r, column]));
            for (var c = column; c <= size; c++)
            {
                (system[column, c], system[pivot, c]) = (system[pivot, c], system[column, c]);
            }

            for (var r = column + 1; r < size; r++)
            {
                var factor = system[r, column] / system[column, column];
                for (var c = column; c <= size; c++)
                {
                    system[r, c] -= factor * system[column, c];
                }
            }
        }

        var solution = new double[size];
        for (var r = size - 1; r >= 0; r--)
        {
            var sum = system[r, size];
            for (var c = r + 1; c < size; c++)
            {
                sum -= system[r, c] * solution[c];
            }

            solution[r] = sum / system[r, r];
        }

        return solution;
    }
}
