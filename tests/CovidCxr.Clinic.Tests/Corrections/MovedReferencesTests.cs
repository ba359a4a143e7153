using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.References;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Corrections;

/// <summary>A film that moves leaves the other patient's findings behind, and an undo brings them back.</summary>
public sealed class MovedReferencesTests : IAsyncLifetime
{
    static readonly DateOnly Day = new(2026, 2, 20);

    readonly TestClinic _clinic = new();
    Guid _study;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _study = await _clinic.UploadAsync(seed: 3, patient: "P-1");
        await RecordAsync(ReferenceSource.RtPcr, ReferenceResult.Positive);
        await RecordAsync(ReferenceSource.Consensus, ReferenceResult.Positive);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task RecordAsync(ReferenceSource source, ReferenceResult result, Guid? supersedes = null)
    {
        Assert.IsType<RecordReferenceResult.Recorded>(await _clinic.Get<RecordReference>().RunAsync(
            new(new(_study, null, null), source, result, Day, supersedes), TestClinic.Lead, Cancellation));
        _clinic.Time.Advance(TimeSpan.FromMinutes(1));
    }

    async Task<StudyDetail> OpenAsync() =>
        (await _clinic.Get<GetStudy>().RunAsync(_study, isView: false, TestClinic.Lead, Cancellation))!;

    async Task<ChangeStudyResult> ChangeAsync(Func<StudyParticulars, StudyParticulars> to, bool isConfirmed = false)
    {
        var detail = await OpenAsync();
        var result = await _clinic.Get<ChangeStudy>().RunAsync(
            new(_study, to(detail.Particulars), "Mixed up", detail.Changes.Select(c => c.Id).FirstOrDefault(), isConfirmed),
            TestClinic.Lead, Cancellation);
        _clinic.Time.Advance(TimeSpan.FromMinutes(1));
        return result;
    }

    async Task UndoAsync() => Assert.IsType<ChangeStudyResult.Changed>(await _clinic.Get<UndoChange>().RunAsync(
        new(_study, StudyChange.Standing([.. (await OpenAsync()).Changes])!.Id, "It was right"), TestClinic.Lead, Cancellation));

    async Task<List<ReferenceFinding>> InForceAsync()
    {
        await using var db = _clinic.Context();
        return await db.ReferenceFindings.AsNoTracking().Where(f => !db.ReferenceFindings.Any(o => o.SupersedesId == f.Id))
            .OrderBy(f => f.Source).ToListAsync(Cancellation);
    }

    async Task AssertInForceAsync(ReferenceResult rtPcr) => Assert.Equal(
        [(ReferenceSource.RtPcr, rtPcr, Day), (ReferenceSource.Consensus, ReferenceResult.Positive, Day)],
        (await InForceAsync()).Select(f => (f.Source, f.Result, f.FoundOn)));

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Move_IsAQuestion_AndLeavesTheRtPcrBehindUntilItIsUndone()
    {
        var doubts = Assert.IsType<ChangeStudyResult.Doubted>(await ChangeAsync(p => p with { PatientNumber = "P-2" })).Doubts;
        Assert.StartsWith("RT-PCR positive of 2026-02-20", Assert.Single(doubts), StringComparison.Ordinal);
        await AssertInForceAsync(ReferenceResult.Positive);

        Assert.IsType<ChangeStudyResult.Changed>(await ChangeAsync(p => p with { PatientNumber = "P-2" }, isConfirmed: true));
        await AssertInForceAsync(ReferenceResult.Indeterminate);
        // What fell once is no question again.
        Assert.IsType<ChangeStudyResult.Changed>(await ChangeAsync(p => p with { PatientNumber = "P-3" }));

        await UndoAsync();
        await AssertInForceAsync(ReferenceResult.Indeterminate);
        await UndoAsync();
        await AssertInForceAsync(ReferenceResult.Positive);
        Assert.Equal(
            [
                "RtPcr", "Consensus", "RtPcr, left behind with a change of the study", "RtPcr, restored with a change of the study"],
            (await _clinic.AuditAsync(AuditAction.ReferenceRecord)).Select(a => a.Detail));
    }

    [Fact]
    public async Task Undo_TakesWhatWasRecordedForTheOtherPatientAway()
    {
        await ChangeAsync(p => p with { PatientNumber = "P-2" }, isConfirmed: true);
        await RecordAsync(ReferenceSource.RtPcr, ReferenceResult.Negative, (await InForceAsync())[0].Id);
        await RecordAsync(ReferenceSource.FollowUp, ReferenceResult.Negative);

        await UndoAsync();

        Assert.Equal(
            [ReferenceResult.Positive, ReferenceResult.Positive, ReferenceResult.Indeterminate],
            (await InForceAsync()).Select(f => f.Result));
    }

    [Fact]
    public async Task Correct_OfOtherFactsOrOfADateThatWasMissing_LeavesThem()
    {
        Assert.IsType<ChangeStudyResult.Changed>(
            await ChangeAsync(p => p with { Sex = Sex.Female, AcquiredOn = Day, PatientNumber = "p-1" }));

        Assert.IsType<ChangeStudyResult.Doubted>(await ChangeAsync(p => p with { AcquiredOn = Day.AddDays(-2) }));
        Assert.IsType<ChangeStudyResult.Changed>(await _clinic.Get<MergePatients>().RunAsync(
            new("P-1", "P-2", "One person", 1, IsConfirmed: true), TestClinic.Lead, Cancellation));
        await AssertInForceAsync(ReferenceResult.Positive);
    }
}
