using System.Text.Json;
using CovidCxr.Testing;

namespace CovidCxr.Statistics.Tests;

/// <summary>Equal to 1e-9, absolute and relative.</summary>
static class Close
{
    public const double Tolerance = 1e-9;

    public static void To(double? expected, double? actual)
    {
        if (expected is not { } e)
        {
            Assert.Null(actual);
            return;
        }

        Assert.NotNull(actual);
        Assert.True(Math.Abs(actual.Value - e) <= Tolerance * Math.Max(1, Math.Abs(e)), $"expected {e:R}, was {actual.Value:R}");
    }

    /// <summary>[value, lower, upper], each a number or null.</summary>
    public static void To(JsonElement expected, Estimate actual)
    {
        To(expected[0].Optional(), actual.Value);
        To(expected[1].Optional(), actual.Lower);
        To(expected[2].Optional(), actual.Upper);
    }
}
