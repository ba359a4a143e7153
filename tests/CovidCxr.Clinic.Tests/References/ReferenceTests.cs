using CovidCxr.Clinic.References;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.References;

public sealed class ReferenceTests : IAsyncLifetime
{
    const string Head = "study_id,patient_number,study_date,source,result,found_on\n";
    static readonly DateOnly Day = new(2026, 3, 1);

    readonly TestClinic _clinic = new();
    Guid _study, _twinA, _twinB;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (_study, _twinA, _twinB) =
            (await _clinic.UploadAsync(1, "P-1"), await _clinic.UploadAsync(2, "P-2"), await _clinic.UploadAsync(3, "P-2"));
        await using var db = _clinic.Context();
        await db.Studies.ExecuteUpdateAsync(s => s.SetProperty(x => x.AcquiredOn, Day), Cancellation);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<RecordReferenceResult> RecordAsync(
        ReferenceResult result, Guid? supersedes = null, StudyReference? of = null, DateOnly? day = null,
        Domain.Accounts.Actor? actor = null) =>
        _clinic.Get<RecordReference>().RunAsync(
            new(of ?? new(_study, null, null), ReferenceSource.RtPcr, result, day ?? Day, supersedes), actor ?? TestClinic.Lead,
            Cancellation);

    Task<ReferencePlan> PreviewAsync(string csv) => _clinic.Get<ImportReferences>().PreviewAsync(csv, TestClinic.Lead, Cancellation);

    Task<string?> ImportAsync(string csv, ReferencePlan plan) =>
        _clinic.Get<ImportReferences>().RunAsync(csv, plan, TestClinic.Lead, Cancellation);

    async Task<List<ReferenceFinding>> StoredAsync()
    {
        await using var db = _clinic.Context();
        return await db.ReferenceFindings.AsNoTracking().OrderBy(f => f.Id).ToListAsync(Cancellation);
    }

    [Fact]
    public async Task Record_OfAnotherResult_SupersedesOnlyWhenAskedTo()
    {
        var first = Assert.IsType<RecordReferenceResult.Recorded>(await RecordAsync(ReferenceResult.Negative));
        var stands = Assert.IsType<RecordReferenceResult.Stands>(await RecordAsync(ReferenceResult.Positive));
        Assert.Equal(first.FindingId, stands.Finding.Id);

        Assert.IsType<RecordReferenceResult.Recorded>(await RecordAsync(ReferenceResult.Positive, stands.Finding.Id));

        Assert.Equal(
            [(ReferenceResult.Negative, null), (ReferenceResult.Positive, (Guid?)first.FindingId)],
            (await StoredAsync()).Select(f => (f.Result, f.SupersedesId)));
        Assert.Equal([(_study, "RtPcr"), (_study, "RtPcr")], (await _clinic.AuditAsync(AuditAction.ReferenceRecord)).Select(a =>
            (a.StudyId!.Value, a.Detail!)));
        // The first form, sent again late, does not undo it.
        Assert.IsType<RecordReferenceResult.Stands>(await RecordAsync(ReferenceResult.Negative, first.FindingId));
    }

    [Fact]
    public async Task Record_FromFourWindowsAtOnce_IsOneFinding()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => RecordAsync(ReferenceResult.Positive), Cancellation)));

        Assert.Single(await StoredAsync());
    }

    [Fact]
    public async Task Record_OfAnAmbiguousOrUnknownStudyOrAnImpossibleDay_IsRefused()
    {
        Assert.Contains("2 studies", await RefusalAsync(new(null, "p-2", Day)), StringComparison.Ordinal);
        Assert.Contains("no study of this date", await RefusalAsync(new(null, "P-1", Day.AddDays(1))), StringComparison.Ordinal);
        Assert.Contains("no study with this id", await RefusalAsync(new(Guid.NewGuid(), null, null)), StringComparison.Ordinal);
        Assert.Contains("future", await RefusalAsync(null, new DateOnly(2026, 3, 3)), StringComparison.Ordinal);
        Assert.Empty(await StoredAsync());

        async Task<string> RefusalAsync(StudyReference? of, DateOnly? day = null) =>
            Assert.IsType<RecordReferenceResult.Refused>(await RecordAsync(ReferenceResult.Positive, null, of, day)).Message;
    }

    [Fact]
    public async Task RecordAndImport_OfWhoIsNotTheLead_Throw()
    {
        foreach (var actor in new[] { TestClinic.Reader, TestClinic.Admin })
        {
            await Assert.ThrowsAsync<AccessRefusedException>(() => RecordAsync(ReferenceResult.Positive, actor: actor));
            await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<ImportReferences>().PreviewAsync(Head, actor, Cancellation));
            await Assert.ThrowsAsync<AccessRefusedException>(
                () => _clinic.Get<ImportReferences>().RunAsync(Head, new([], null), actor, Cancellation));
            await Assert.ThrowsAsync<AccessRefusedException>(
                () => _clinic.Get<SubmitReferences>().RunAsync([new()], isDryRun: true, actor, Cancellation));
        }
    }

    [Fact]
    public async Task Preview_OfEveryKindOfLine_SaysItsFateAndChangesNothing()
    {
        await RecordAsync(ReferenceResult.Negative);
        var csv = Head
            + ",p-1,2026-03-01,RT-PCR,Positive,2026-03-01\n"
            + $"{_study},,,consensus,positive,2026-03-01\n"
            + ",P-2,2026-03-01,rt-pcr,positive,2026-03-01\n"
            + $"{_twinA},,,rt-pcr,positive,2026-03-01\n"
            + $"{_twinA},,,rt-pcr,negative,2026-03-01\n"
            + $"{_twinB},,,follow-up,negative,2026-03-01\n"
            + $"{_twinB},,,follow-up,negative,2026-03-01\n"
            + ",P-1,01.03.26,rt-pcr,positive,2026-03-01\n"
            + $"{_study},,,antigen,positive,2026-03-01\n"
            + $"{_study},,,rt-pcr,pos,2026-03-01\n"
            + "=1+1,,,rt-pcr,positive,2026-03-01\n\n";

        var plan = await PreviewAsync(csv);

        Assert.Equal(
            [
                ReferenceOutcome.Replaces, ReferenceOutcome.New, ReferenceOutcome.Refused, ReferenceOutcome.Refused,
                ReferenceOutcome.Refused, ReferenceOutcome.New, ReferenceOutcome.Known, ReferenceOutcome.Refused, ReferenceOutcome.Refused,
                ReferenceOutcome.Refused, ReferenceOutcome.Refused],
            plan.Lines.Select(l => l.Outcome));
        Assert.Equal("Replaces Negative of 2026-03-01.", plan.Lines[0].Message);
        Assert.Equal("Lines 5, 6 contradict each other.", plan.Lines[4].Message);
        Assert.Single(await StoredAsync());
    }

    [Fact]
    public async Task Import_AfterItsPreview_AddsExactlyThePlan()
    {
        await RecordAsync(ReferenceResult.Negative);
        // As a spreadsheet of another country writes it: with a mark, semicolons and quotes.
        var csv = "\uFEFF"
            + (
                Head + $"{_study},,,rt-pcr,positive,2026-03-01\r\n\"{_twinA}"
                    + $"\",,,follow-up,\"negative\",2026-03-01\r\n,P-9,2026-03-01,rt-pcr,positive,2026-03-01")
                .Replace(',', ';');
        var plan = await PreviewAsync(csv);

        Assert.Null(await ImportAsync(csv, plan));

        // Both lines are of one moment: their ids have no order.
        var stored = (await StoredAsync()).OrderBy(f => f.IsImported).ThenBy(f => f.Source).ToList();
        Assert.Equal(
            [(ReferenceResult.Negative, false), (ReferenceResult.Positive, true), (ReferenceResult.Negative, true)],
            stored.Select(f => (f.Result, f.IsImported)));
        Assert.Equal(stored[0].Id, stored[1].SupersedesId);
        Assert.Equal("1 new, 1 replaced, 0 known, 1 refused", Assert.Single(await _clinic.AuditAsync(AuditAction.ReferenceImport)).Detail);
        Assert.Equal(
            [ReferenceOutcome.Known, ReferenceOutcome.Known, ReferenceOutcome.Refused],
            (await PreviewAsync(csv)).Lines.Select(l => l.Outcome));
    }

    [Fact]
    public async Task Import_WhereSomethingChangedSinceThePreview_ChangesNothing()
    {
        var csv = Head + $"{_study},,,rt-pcr,positive,2026-03-01\n{_twinA},,,rt-pcr,positive,2026-03-01\n";
        var plan = await PreviewAsync(csv);
        await RecordAsync(ReferenceResult.Negative);

        Assert.Contains("changed since the preview", await ImportAsync(csv, plan), StringComparison.Ordinal);

        Assert.Single(await StoredAsync());
    }

    [Fact]
    public async Task Submit_OfTheLinesOfAFile_DoesWhatTheFileWould()
    {
        await RecordAsync(ReferenceResult.Negative);
        ReferenceEntry[] entries =
        [
            new(PatientNumber: "p-1", StudyDate: "2026-03-01", Source: "RT-PCR", Result: "positive", FoundOn: "2026-03-01"),
            new(_twinA.ToString(), Source: "follow-up", Result: "negative", FoundOn: "2026-03-01"),
            new(PatientNumber: "P-2", StudyDate: "2026-03-01", Source: "rt-pcr", Result: "positive", FoundOn: "2026-03-01"), new(),
        ];
        var csv = Head
            + string.Concat(
                entries.Select(e => $"{e.StudyId},{e.PatientNumber},{e.StudyDate},{e.Source},{e.Result},{e.FoundOn}\n").SkipLast(1))
            + "x,,,,,\n";
        var previewed = await PreviewAsync(csv);

        var plan = await _clinic.Get<SubmitReferences>().RunAsync(entries, isDryRun: true, TestClinic.Lead, Cancellation);
        Assert.Equal(
            previewed.Lines.Select(l => (l.StudyId, l.Outcome, l.SupersedesId)),
            plan.Lines.Select(l => (l.StudyId, l.Outcome, l.SupersedesId)));
        Assert.Equal([1, 2, 3, 4], plan.Lines.Select(l => l.Line));
        Assert.Single(await StoredAsync());

        Assert.Null((await _clinic.Get<SubmitReferences>().RunAsync(entries, isDryRun: false, TestClinic.Lead, Cancellation)).Error);
        Assert.Equal(3, (await StoredAsync()).Count);
        const string Counts = "1 new, 1 replaced, 0 known, 2 refused";
        Assert.Equal(["dry run: " + Counts, Counts], (await _clinic.AuditAsync(AuditAction.ReferenceImport)).Select(a => a.Detail));
    }

    [Fact]
    public async Task Submit_OfOneListFromFourProgramsAtOnce_IsRecordedOnce()
    {
        ReferenceEntry entry = new(_study.ToString(), Source: "rt-pcr", Result: "positive", FoundOn: "2026-03-01");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
            () => _clinic.Get<SubmitReferences>().RunAsync([entry], isDryRun: false, TestClinic.Lead, Cancellation), Cancellation)));

        Assert.Single(await StoredAsync());
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("patient_number,source,result,found_on\n", "first line must name")]
    [InlineData("study_id,source,result,found_on,source\n", "same name")]
    public async Task Preview_OfAFileThatIsNone_SaysWhy(string csv, string why) =>
        Assert.Contains(why, (await PreviewAsync(csv)).Error, StringComparison.Ordinal);
}
