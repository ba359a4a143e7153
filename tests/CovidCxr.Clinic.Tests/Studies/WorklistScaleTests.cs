using CovidCxr.Clinic.Studies;
using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Tests.Studies;

/// <summary>A hundred thousand studies, seeded once for all these tests.</summary>
public sealed class LargeClinic : IAsyncLifetime
{
    public const int Count = 100_000;

    internal CommandLog Commands { get; } = new();

    internal TestClinic Clinic { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Clinic = new(services: s => s.ConfigureDbContext<CovidCxrDbContext>(o => o.AddInterceptors(Commands)));
        await using var db = Clinic.Context();
        await ManyStudies.AddAsync(db, Count, Clinic.Time.GetUtcNow(), TestClinic.Reader.UserId);
        await Clinic.SetPolicyAsync(Domain.Readings.ReadingPolicy.Concurrent);
    }

    public ValueTask DisposeAsync() => Clinic.DisposeAsync();
}

[Trait("Speed", "Slow")]
public sealed class WorklistScaleTests(LargeClinic large) : IClassFixture<LargeClinic>
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    Task<WorklistPage> ListAsync(WorklistQuery query, Actor? actor = null) =>
        large.Clinic.Get<ListStudies>().RunAsync(query, actor ?? TestClinic.Reader, Cancellation);

    public static TheoryData<WorklistSort, bool> Orders =>
        new(Enum.GetValues<WorklistSort>().SelectMany(s => new[] { (s, true), (s, false) }));

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task RunAsync_EveryOrder_FollowsAnIndexAndSortsNothing(WorklistSort sort, bool descending)
    {
        Assert.SkipWhen(large.Clinic.Folder.IsPostgreSql, "It reads SQLite's plans.");
        large.Commands.Clear();
        await ListAsync(new(Page: 3, Sort: sort, Descending: descending));

        var plans = large.Commands.Explain(large.Clinic.Folder.Data.Database);

        var page = Assert.Single(plans, p => p.Sql.Contains("OFFSET", StringComparison.Ordinal));
        AssertNothingSorted(page.Plan);
        Assert.Contains(page.Plan, line => line.Contains("USING INDEX IX_Studies", StringComparison.Ordinal));
        AssertNoTableScan(plans);
    }

    public static TheoryData<WorklistQuery> Filters =>
    [
        new WorklistQuery(IsRead: false),
        new WorklistQuery(IsRead: true),
        new WorklistQuery(Status: StudyStatus.Ready),
        new WorklistQuery(PredictedClass: "COVID-19"),
        new WorklistQuery(Text: "012"),
        new WorklistQuery(From: new(2026, 3, 10, 0, 0, 0, TimeSpan.Zero), To: new(2026, 3, 11, 0, 0, 0, TimeSpan.Zero)),
        new WorklistQuery(View: ViewPosition.PA),
        new WorklistQuery(IsRead: false, View: ViewPosition.PA, Text: "P-0"),
        new WorklistQuery(IsUrgent: true),
        new WorklistQuery(AssignedTo: TestClinic.Reader.UserId),
        new WorklistQuery(AssignedTo: TestClinic.Reader.UserId, IsRead: false),
        new WorklistQuery(IsUnassigned: true),
        new WorklistQuery(IsUnassigned: true, IsRead: false, Status: StudyStatus.Ready),
    ];

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task RunAsync_EveryFilter_ReadsNoWholeTableForAPage(WorklistQuery query)
    {
        Assert.SkipWhen(large.Clinic.Folder.IsPostgreSql, "It reads SQLite's plans.");
        large.Commands.Clear();
        await ListAsync(query);

        var plans = large.Commands.Explain(large.Clinic.Folder.Data.Database);

        AssertNoTableScan([.. plans.Where(p => query.View is null || p.Sql.Contains("OFFSET", StringComparison.Ordinal))]);
        if (query is { Text: null, From: null })
        {
            AssertNothingSorted(Assert.Single(plans, p => p.Sql.Contains("OFFSET", StringComparison.Ordinal)).Plan);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task FindNextStudy_ForAReaderAndALead_FollowsAnIndexToItsFirstFilm(bool isLead)
    {
        Assert.SkipWhen(large.Clinic.Folder.IsPostgreSql, "It reads SQLite's plans.");
        // Nothing urgent is left for this reader, nor anything of the own: every question is asked.
        var actor = isLead ? TestClinic.Lead : TestClinic.ReadingLead;
        await using var db = large.Clinic.Context();
        var urgent = await db.Studies.Where(s => s.Urgency != null).Select(s => new { s.Id, s.Urgency }).ToListAsync(Cancellation);
        await db.Studies.Where(s => s.Urgency != null).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.Urgency, (UrgencyReason?)null), Cancellation);
        large.Commands.Clear();

        var next = await large.Clinic.Get<FindNextStudy>().RunAsync(null, actor, Cancellation);

        var plans = large.Commands.Explain(large.Clinic.Folder.Data.Database);
        foreach (var film in urgent)
        {
            await db.Studies.Where(s => s.Id == film.Id).ExecuteUpdateAsync(
                s => s.SetProperty(x => x.Urgency, film.Urgency), Cancellation);
        }

        Assert.NotNull(next);
        Assert.Equal(isLead ? 1 : 5, plans.Count);
        // Few are asked of anybody, and to few an image came late; those are sorted.
        Assert.All(
            plans.Where(p => !p.Sql.Contains("ReadRequests", StringComparison.Ordinal)
                && !p.Sql.Contains("StudyImages", StringComparison.Ordinal)),
            p => AssertNothingSorted(p.Plan));
        AssertNoTableScan(plans);
    }

    static void AssertNothingSorted(IReadOnlyList<string> plan) =>
        Assert.DoesNotContain(plan, line => line.Contains("TEMP B-TREE", StringComparison.Ordinal));

    static void AssertNoTableScan(IReadOnlyList<(string Sql, IReadOnlyList<string> Plan)> plans) =>
        Assert.All(plans.Where(p => p.Sql.Contains("\"Studies\"", StringComparison.Ordinal)), p => Assert.DoesNotContain(
            p.Plan,
            line =>
                line.StartsWith("SCAN", StringComparison.Ordinal) && !line.Contains("USING", StringComparison.Ordinal)
                    && !line.Contains("CONSTANT ROW", StringComparison.Ordinal)));

    [Theory]
    [MemberData(nameof(Orders))]
    public async Task RunAsync_PagesDeepDown_AreTheOrderCutInPieces(WorklistSort sort, bool descending)
    {
        await using var db = large.Clinic.Context();
        var all = await db.Studies.AsNoTracking()
            .Select(s => new { s.Id, s.ReadCount, s.WaitsUrgently, s.ReceivedAt, s.PatientNumber, s.AgeYears, s.Probability })
            .ToListAsync(Cancellation);
        // The program's own order, by LINQ instead of SQL; text compares as SQLite's NOCASE and ids as their upper-case text.
        var ids = StringComparer.Ordinal;
        var expected = (sort switch
        {
            WorklistSort.Received => all.OrderBy(s => s.ReceivedAt).ThenBy(s => s.Id.ToString(), ids),
            WorklistSort.Patient => all.OrderBy(s => s.PatientNumber, ids).ThenBy(s => s.ReceivedAt).ThenBy(s => s.Id.ToString(), ids),
            WorklistSort.Age => all.OrderBy(s => s.AgeYears).ThenBy(s => s.Id.ToString(), ids),
            WorklistSort.Probability => all.OrderBy(s => s.Probability).ThenBy(s => s.Id.ToString(), ids),
            _ => all.OrderBy(s => s.ReadCount).ThenByDescending(s => s.WaitsUrgently).ThenByDescending(s => s.ReceivedAt)
                .ThenByDescending(s => s.Id.ToString(), ids),
        }).Select(s => s.Id).ToList();
        if (descending && sort != WorklistSort.Unread)
        {
            expected.Reverse();
        }

        foreach (var page in new[] { 0, 1, 997, 1999, 2000 })
        {
            var list = await ListAsync(new(page, 50, sort, descending));
            Assert.Equal(expected.Skip(page * 50).Take(50), list.Items.Select(i => i.Id));
            Assert.Equal((LargeClinic.Count, LargeClinic.Count / 10 * 9), (list.Total, list.Unread));
        }
    }

    [Fact]
    public async Task RunAsync_OddPages_AreBounded()
    {
        var first = await ListAsync(new());
        Assert.Equal(first.Items, (await ListAsync(new(Page: -1))).Items);
        Assert.Empty((await ListAsync(new(Page: int.MaxValue))).Items);
        var clamped = await ListAsync(new(Page: 1, PageSize: 5000));
        Assert.Equal((await ListAsync(new(Page: 1, PageSize: 200))).Items, clamped.Items);
        Assert.Equal(200, clamped.Items.Count);
    }

    [Fact]
    public async Task RunAsync_OfTexts_TakesThemLiterally()
    {
        Assert.Equal(5, (await ListAsync(new(Text: "p-01234"))).Total);
        Assert.Equal(5, (await ListAsync(new(Text: " 01234 "))).Total);
        // P-x1234 of 0 and 1, P-1234x of ten.
        Assert.Equal(5 * 12, (await ListAsync(new(Text: "1234"))).Total);
        foreach (var text in new[] { "P%", "P-0123_", "%", "_", "\\", "\\P", "'", new('%', 60_000) })
        {
            Assert.Equal(0, (await ListAsync(new(Text: text))).Total);
        }

        await using var db = large.Clinic.Context();
        await db.Studies.Where(s => s.PatientNumber == "P-00031")
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.AccessionNumber, "ACC-77"), Cancellation);
        Assert.Equal(5, (await ListAsync(new(Text: "cc-77"))).Total);
    }
}
