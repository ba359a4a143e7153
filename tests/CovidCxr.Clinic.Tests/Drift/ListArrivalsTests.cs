using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Drift;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Drift;

/// <summary>The studies behind the scores' distribution; it is 2 March 2026.</summary>
public sealed class ListArrivalsTests : IAsyncLifetime
{
    static readonly AgreementFilter February = new(From: new(2026, 2, 1), To: new(2026, 2, 28));

    readonly TestClinic _clinic = new();
    readonly Arrivals _arrivals;

    public ListArrivalsTests() => _arrivals = new(_clinic);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _arrivals.RegisterAsync();
        // Scores 0.00, 0.01 .. 1.00 in February, and others before it and of another version.
        await _arrivals.AddAsync(new(2026, 1, 15), 40, i => i / 40.0);
        await _arrivals.AddAsync(new(2026, 2, 15), 101, i => i / 100.0);
        await _arrivals.AddAsync(new(2026, 2, 16), 30, i => i / 30.0, Arrivals.New, view: ViewPosition.AP);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<ArrivalPage> ListAsync(AgreementFilter filter, int? bin, Domain.Accounts.Actor? actor = null) =>
        _clinic.Get<ListArrivals>().RunAsync(filter, bin, actor ?? TestClinic.Lead, Cancellation, pageSize: 1000);

    [Fact]
    public async Task RunAsync_OfEachBin_ListsAsManyStudiesAsTheDistributionSays()
    {
        var report = await _clinic.Get<MeasureDrift>().RunAsync(February, TestClinic.Lead, Cancellation);
        var score = report.Measures.Single(m => m.Quantity == DriftQuantity.Score);

        foreach (var (number, bin) in score.Bins.Index())
        {
            var now = await ListAsync(February, number);
            Assert.Equal((Arrivals.Old, 0), (now.Version!.Id, now.Hidden));
            Assert.Equal(bin.Current!.Value * 101, now.Total, 1e-9);
            Assert.All(now.Studies, s => Assert.InRange(s.Score, bin.Low - 1e-9, bin.High + 1e-9));
            Assert.Equal(
                bin.Previous!.Value * 40,
                (await ListAsync(new(report.Previous.From, report.Previous.To, ModelVersionId: Arrivals.Old), number)).Total, 1e-9);
        }

        var all = await ListAsync(February, null);
        Assert.Equal(101, all.Studies.DistinctBy(s => s.StudyId).Count());
        Assert.Equal(all.Studies.OrderByDescending(s => s.ReceivedAt), all.Studies);
    }

    [Fact]
    public async Task RunAsync_UnderFilters_ListsTheOtherVersionsAndTheViews()
    {
        Assert.Equal(30, (await ListAsync(February with { ModelVersionId = Arrivals.New }, null)).Total);
        Assert.Equal(30, (await ListAsync(February with { View = ViewPosition.AP }, null)).Total);
        Assert.Equal(
            (0, null),
            await ListAsync(new(From: new(2020, 1, 1), To: new(2020, 1, 31)), 3) is var none ? (none.Total, none.Version) : default);
    }

    [Fact]
    public async Task RunAsync_OfALeadWhoReads_HidesWhatIsUnreadByTheLead()
    {
        var hidden = await ListAsync(February, 19, TestClinic.ReadingLead);
        // As many are hidden whichever bin is asked for.
        Assert.Equal((0, 131, 0), (hidden.Total, hidden.Hidden, hidden.Studies.Count));
        Assert.Equal((0, 131), await ListAsync(February, 3, TestClinic.ReadingLead) is var other ? (other.Total, other.Hidden) : default);
        Guid study;
        await using (var db = _clinic.Context())
        {
            study = await db.Studies.Where(s => s.PatientNumber == "A-140").Select(s => s.Id).SingleAsync(Cancellation);
        }

        await _clinic.ReadAsync(study, ReadingStage.Blind, TestClinic.ReadingLead);

        Assert.Equal([study], (await ListAsync(February, 19, TestClinic.ReadingLead)).Studies.Select(s => s.StudyId));
        await Assert.ThrowsAsync<AccessRefusedException>(() => ListAsync(February, 19, TestClinic.Reader));
    }
}
