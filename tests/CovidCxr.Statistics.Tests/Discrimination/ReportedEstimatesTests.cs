using CovidCxr.Statistics.Discrimination;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Statistics.Tests.Discrimination;

public class ReportedEstimatesTests
{
    const int Ill = 0, Found = 1;

    // Forty films of 12 ill patients, all found, and a hundred of as many well ones.
    [Fact]
    public void Share_WhereAllResamplesAgree_CountsThePatientsOfItsOwnCases()
    {
        var clusters = Clusters.Of([.. Enumerable.Range(0, 40).Select(i => i % 12), .. Enumerable.Range(100, 100)]);
        var sums = new TotalStatistics(clusters, 2, (i, row) =>
        {
            row[Ill] += i < 40 ? 1 : 0;
            row[Found] += i < 40 ? 1 : 0;
        });
        var sensitivity = sums.Ask(TotalStatistic.Ratio([Found], [Ill]));

        var estimates = ClusteredBootstrap.Intervals([sums], cancellation: TestContext.Current.CancellationToken);
        var share = new ReportedEstimates(estimates, clusters.Count).Share(sensitivity);

        Assert.Equal((1.0, 1.0, 40, "Wilson, by 12 patients"), (share.Value!.Value, share.Upper!.Value, share.Count, share.Method));
        // n / (n + z2) of 12, and not of 40.
        Assert.Equal(0.7575, share.Lower!.Value, 4);
    }
}
