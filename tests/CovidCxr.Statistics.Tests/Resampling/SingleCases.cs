using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Tests.Resampling;

static class SingleCases
{
    /// <summary>Every case is a cluster of its own: the ordinary bootstrap.</summary>
    public static Clusters Of(int count) => Clusters.Of([.. Enumerable.Range(0, count)]);
}
