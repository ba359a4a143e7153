namespace CovidCxr.Statistics.Discrimination;

/// <summary>
/// The one number by which logits are divided so that probabilities fit what was seen (Guo et al. 2017, arXiv:1706.04599, eq. 9): the order
/// of the classes of a case stays as it is.
/// </summary>
public static class Temperature
{
    // Beyond these the cases say no more than that it is sharper, or flatter, than anything.
    const double Least = 0.05, Most = 20;
    const int Halvings = 60;

    /// <summary>The temperature of the least mean negative logarithm of the true class's probability.</summary>
    /// <param name="logarithms">Of the probabilities, cases x classes, finite; at least one case. Logits do as well.</param>
    /// <param name="truth">The class of each case.</param>
    /// <returns>0.05 to 20; above 1 where the probabilities were too sure.</returns>
    public static double Fit(IReadOnlyList<double[]> logarithms, IReadOnlyList<int> truth)
    {
        if (logarithms.Count == 0 || logarithms.Count != truth.Count)
        {
            throw new ArgumentException("Logarithms and truth need the same cases, at least one.", nameof(truth));
        }

        // The loss is convex in 1 / T: its slope changes its sign once.
        var (low, high) = (1 / Most, 1 / Least);
        for (var i = 0; i < Halvings; i++)
        {
            var middle = Math.Sqrt(low * high);
            (low, high) = Slope(logarithms, truth, middle) < 0 ? (middle, high) : (low, middle);
        }

        return 1 / Math.Sqrt(low * high);
    }

    // Of the mean loss, by 1 / T: what is expected of the logits less what the true class has.
    static double Slope(IReadOnlyList<double[]> logarithms, IReadOnlyList<int> truth, double inverse)
    {
        var slope = 0.0;
        for (var i = 0; i < truth.Count; i++)
        {
            var row = logarithms[i];
            var most = row.Max();
            double sum = 0, expected = 0;
            foreach (var value in row)
            {
                var weight = Math.Exp(inverse * (value - most));
                sum += weight;
                expected += weight * value;
            }

            slope += (expected / sum) - row[truth[i]];
        }

        return slope / truth.Count;
    }
}
