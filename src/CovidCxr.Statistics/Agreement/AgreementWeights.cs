namespace CovidCxr.Statistics.Agreement;

/// <summary>How much two different categories still agree.</summary>
public enum AgreementWeights
{
    /// <summary>Not at all: for categories without order.</summary>
    Identity,

    /// <summary>1 - |i - j| / (k - 1) (Cicchetti and Allison 1971).</summary>
    Linear,

    /// <summary>1 - (i - j)² / (k - 1)² (Fleiss and Cohen 1973).</summary>
    Quadratic,
}

static class WeightMatrix
{
    /// <summary>k x k, row by row; 1 on the diagonal, 0 at the far corners.</summary>
    public static double[] Of(AgreementWeights weights, int categories)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(categories, 2);
        var matrix = new double[categories * categories];
        for (var i = 0; i < matrix.Length; i++)
        {
            var distance = Math.Abs((i / categories) - (i % categories)) / (categories - 1.0);
            matrix[i] = weights switch
            {
                AgreementWeights.Identity => distance == 0 ? 1 : 0,
                AgreementWeights.Linear => 1 - distance,
                AgreementWeights.Quadratic => 1 - (distance * distance),
                _ => throw new ArgumentOutOfRangeException(nameof(weights)),
            };
        }

        return matrix;
    }
}
