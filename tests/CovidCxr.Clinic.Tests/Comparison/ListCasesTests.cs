using System.Text;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Exports;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Comparison;

public sealed class ListCasesTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    ReadDepartment _department = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _department = await ReadDepartment.FillAsync(_clinic, Cancellation);

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<CasePage> ListAsync(CaseSelection selection, Actor? actor = null) =>
        _clinic.Get<ListCases>().RunAsync(new(), selection, actor ?? TestClinic.Lead, Cancellation, pageSize: 1000);

    [Fact]
    public async Task RunAsync_OfEachCell_HoldsAsManyCasesAsTheTableSays()
    {
        var comparison = await _clinic.Get<CompareReaders>().RunAsync(new(), TestClinic.Lead, Cancellation);

        foreach (var figures in comparison.Pairs)
        {
            foreach (var cell in Enum.GetValues<PairCell>())
            {
                var page = await ListAsync(new(figures.Pair, cell));
                Assert.Equal((figures.Table.Counts[(int)cell], 0), (page.Total, page.Hidden));
                Assert.Equal(page.Total, page.Cases.Count);
            }
        }

        Assert.Equal(comparison.Switches.Misled, (await ListAsync(new(Switch: SwitchKind.Misled))).Total);
    }

    [Fact]
    public async Task RunAsync_OfTheBlindAloneAgainstTheReference_ListsTheFalseAlarms()
    {
        var expected = _department.Readings.Where(r => r is { BlindCall: true, Truth: false }).Select(r => (r.Study, r.Reader.UserName));

        var page = await ListAsync(new(new(Party.Blind, Party.Reference), PairCell.OnlyFirst));

        Assert.Equal(expected.Order(), page.Cases.Select(c => (c.StudyId, c.ReaderName)).Order());
        Assert.All(page.Cases, c => Assert.Equal((Opinion.Covid19, ReferenceState.Negative), (c.Blind, c.Reference)));
    }

    [Fact]
    public async Task RunAsync_OfALeadWhoReads_HidesWhatIsUnreadByTheLead()
    {
        var all = await ListAsync(new(), TestClinic.ReadingLead);
        Assert.Equal((0, _department.Readings.Count), (all.Total, all.Hidden));
        Assert.Empty(all.Cases);

        await _clinic.ReadAsync(_department.Readings[0].Study, ReadingStage.Blind, TestClinic.ReadingLead);

        Assert.All((await ListAsync(new(), TestClinic.ReadingLead)).Cases, c => Assert.Equal(_department.Readings[0].Study, c.StudyId));
        Assert.NotEmpty((await ListAsync(new(), TestClinic.ReadingLead)).Cases);
    }

    [Fact]
    public async Task Export_OfARadiologist_HoldsOwnLinesTheNoticeAndNoFormula()
    {
        await using (var db = _clinic.Context())
        {
            foreach (var study in db.Studies)
            {
                study.PatientNumber = "=HYPERLINK(\"x\")";
            }

            await db.SaveChangesAsync(Cancellation);
        }

        var lines = Encoding.UTF8.GetString(await _clinic.Get<ExportCases>().RunAsync(new(), TestClinic.Reader, Cancellation))
            .TrimStart('\uFEFF').Split("\r\n", StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("\"Decision support, not a diagnosis.\"", lines[0]);
        Assert.Equal(_department.Readings.Count(r => r.Reader == TestClinic.Reader) + 2, lines.Length);
        Assert.All(lines[2..], l => Assert.Contains(",\"'=HYPERLINK(\"\"x\"\")\",reader,2026-02-", l, StringComparison.Ordinal));
        Assert.Equal($"{lines.Length - 2} readings", Assert.Single(await _clinic.AuditAsync(AuditAction.AgreementExport)).Detail);
    }

    [Fact]
    public async Task Export_SaysOfWhichFilmsTheAnswerIsHeldBack()
    {
        var held = _department.Readings[0].Study;
        var demanded = _department.Readings.First(r => r.Study != held).Study;
        await using var db = _clinic.Context();
        await db.Studies.Where(s => s.Id == held).ExecuteUpdateAsync(s => s.SetProperty(x => x.Status, StudyStatus.Withheld), Cancellation);
        await db.Studies.Where(s => s.Id == demanded).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.Status, StudyStatus.Ready).SetProperty(x => x.StatusReason, "A lateral view."), Cancellation);

        var lines = Encoding.UTF8.GetString(await _clinic.Get<ExportCases>().RunAsync(new(), TestClinic.Lead, Cancellation))
            .Split("\r\n", StringSplitOptions.RemoveEmptyEntries)[2..];

        Assert.All(lines, l => Assert.EndsWith(
            l.StartsWith(held.ToString(), StringComparison.Ordinal) ? ",withheld"
                : l.StartsWith(demanded.ToString(), StringComparison.Ordinal) ? ",on demand" : ",", l, StringComparison.Ordinal));
        Assert.Contains(lines, l => l.EndsWith(",withheld", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.EndsWith(",on demand", StringComparison.Ordinal));

        using var stream = new MemoryStream();
        await _clinic.Get<ExportRegistry>().RunAsync(new(), stream, TestClinic.Lead, Cancellation);
        var registry = Encoding.UTF8.GetString(stream.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var column = Array.IndexOf(registry[0].Split(','), "ai_withheld");
        Assert.All(registry[1..], l => Assert.Equal(
            l.StartsWith(held.ToString(), StringComparison.Ordinal) ? "withheld"
                : l.StartsWith(demanded.ToString(), StringComparison.Ordinal) ? "on demand" : "", l.Split(',')[column]));
        Assert.Contains(registry, l => l.Split(',')[column] == "withheld");
        Assert.Contains(registry, l => l.Split(',')[column] == "on demand");
    }

    [Fact]
    public async Task Comparisons_CountTheStudiesUnderTheFilterWhoseAnswerIsHeldBack()
    {
        var held = _department.Readings.Select(r => r.Study).Distinct().Take(5).ToList();
        await using (var db = _clinic.Context())
        {
            await db.Studies.Where(s => held.Contains(s.Id)).ExecuteUpdateAsync(
                s => s.SetProperty(x => x.Status, StudyStatus.Withheld).SetProperty(x => x.StatusReason, "A lateral view."), Cancellation);
            await db.Studies.Where(s => s.Id == held[0] || s.Id == held[1]).ExecuteUpdateAsync(
                s => s.SetProperty(x => x.Status, StudyStatus.Ready), Cancellation);
        }

        async Task AssertHeldAsync(WithheldStudies expected, AgreementFilter filter, Actor actor)
        {
            Assert.Equal(expected, (await _clinic.Get<CompareReaders>().RunAsync(filter, actor, Cancellation)).Withheld);
            if (actor.Is(Role.DepartmentLead))
            {
                Assert.Equal(expected, (await _clinic.Get<ComparePolicies>().RunAsync(filter, actor, Cancellation)).Withheld);
            }
        }

        WithheldStudies Of(Func<PutIn, bool> isIn)
        {
            var studies = _department.Readings.Where(isIn).Select(r => r.Study).ToHashSet();
            return new(held.Skip(2).Count(studies.Contains), held.Take(2).Count(studies.Contains));
        }

        await AssertHeldAsync(new(3, 2), new(), TestClinic.Lead);
        var reader = _department.Readings.First(r => r.Study == held[0]).Reader;
        await AssertHeldAsync(Of(r => r.Reader == reader), new(), reader);
        await AssertHeldAsync(Of(r => r.View == ViewPosition.AP), new(View: ViewPosition.AP), TestClinic.Lead);
        // Who reads too learns nothing of films that wait for the own reading.
        await AssertHeldAsync(WithheldStudies.None, new(), TestClinic.ReadingLead);
    }
}
