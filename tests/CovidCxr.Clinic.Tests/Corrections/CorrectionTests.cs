using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Jobs;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Tests.Corrections;

/// <summary>Correcting, moving, withdrawing and taking back; who may, what stays and who wins.</summary>
public sealed class CorrectionTests : IAsyncLifetime
{
    const string Reason = "Wrong name on the order";

    readonly TestClinic _clinic = new();
    Guid _study;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _study = await _clinic.UploadAsync(seed: 3, patient: "P-1");

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<StudyDetail> OpenAsync(Guid? study = null, Actor? actor = null) =>
        (await _clinic.Get<GetStudy>().RunAsync(study ?? _study, isView: false, actor ?? TestClinic.Lead, Cancellation))!;

    async Task<ChangeStudyResult> ChangeAsync(
        Func<StudyParticulars, StudyParticulars> to, Actor? actor = null, string? reason = Reason, long? seen = null, Guid? study = null,
        bool isConfirmed = false)
    {
        var detail = await OpenAsync(study);
        var last = seen ?? detail.Changes.Select(c => c.Id).FirstOrDefault();
        return await _clinic.Get<ChangeStudy>().RunAsync(
            new(detail.Id, to(detail.Particulars), reason, last, isConfirmed), actor ?? TestClinic.Lead, Cancellation);
    }

    Task<ChangeStudyResult> WithdrawAsync(Actor? actor = null) => ChangeAsync(p => p with { IsWithdrawn = true }, actor);

    async Task<ChangeStudyResult> UndoAsync(Guid? study = null, Actor? actor = null, long? change = null) =>
        await _clinic.Get<UndoChange>().RunAsync(
            new(study ?? _study, change ?? StudyChange.Standing([.. (await OpenAsync(study)).Changes])?.Id ?? 0, "It was right before"),
            actor ?? TestClinic.Lead, Cancellation);

    Task<ChangeStudyResult> MergeAsync(string from, string to, int films, bool isConfirmed = false) =>
        _clinic.Get<MergePatients>().RunAsync(new(from, to, Reason, films, isConfirmed), TestClinic.Lead, Cancellation);

    static void AssertChanged(ChangeStudyResult result, int studies = 1) =>
        Assert.Equal(studies, Assert.IsType<ChangeStudyResult.Changed>(result).Studies);

    static string Refused(ChangeStudyResult result) => Assert.IsType<ChangeStudyResult.Refused>(result).Message;

    [Fact]
    public async Task Correct_KeepsOldAndNewWithTheReason_AndTellsTheAuditTrailNoValues()
    {
        var to = new StudyParticulars("P-1", Sex.Female, new(1961, 5, 4), 64, ViewPosition.AP, new(2026, 2, 20));

        AssertChanged(await ChangeAsync(_ => to));

        var detail = await OpenAsync();
        var change = Assert.Single(detail.Changes);
        Assert.Equal(to, detail.Particulars);
        Assert.Equal(
            (new("P-1", Sex.Unknown, null, null, ViewPosition.Unknown, null), to, Reason, "lead", _clinic.Time.GetUtcNow()),
            (change.Before, change.After, change.Reason, change.ChangedByName, change.ChangedAt));
        var row = Assert.Single(await _clinic.AuditAsync(AuditAction.StudyChange));
        Assert.Equal(
            (_study, AuditOutcome.Succeeded, "Correct: sex, birth date, age, view, date"), (row.StudyId, row.Outcome, row.Detail));
    }

    [Theory]
    [InlineData("", "Say why")]
    [InlineData("two\nlines", "Say why")]
    public async Task Change_WithoutAReason_IsRefused(string reason, string words)
    {
        Assert.StartsWith(
            words, Refused(await ChangeAsync(p => p with { View = ViewPosition.PA }, reason: reason)), StringComparison.Ordinal);
        Assert.Equal(0, await _clinic.CountAsync<StudyChange>());
        Assert.Equal(AuditOutcome.Refused, Assert.Single(await _clinic.AuditAsync(AuditAction.StudyChange)).Outcome);
    }

    [Fact]
    public async Task Change_ToWhatCannotBe_IsRefused()
    {
        Assert.Equal("Nothing is changed.", Refused(await ChangeAsync(p => p)));
        Assert.Contains("birth date", Refused(await ChangeAsync(p => p with { BirthDate = new(2090, 1, 1) })), StringComparison.Ordinal);
        Assert.Contains("age", Refused(await ChangeAsync(p => p with { AgeYears = 200 })), StringComparison.Ordinal);
        Assert.Contains("future", Refused(await ChangeAsync(p => p with { AcquiredOn = new(2090, 1, 1) })), StringComparison.Ordinal);
        Assert.Contains(
            "not both", Refused(await ChangeAsync(p => p with { IsWithdrawn = true, View = ViewPosition.PA })), StringComparison.Ordinal);
        Assert.Contains(
            "no such study",
            Refused(await _clinic.Get<ChangeStudy>().RunAsync(
                new(Guid.NewGuid(), new("P", Sex.Male, null, null, ViewPosition.PA, null), Reason, 0), TestClinic.Lead, Cancellation)),
            StringComparison.Ordinal);
    }

    public static TheoryData<string, bool, bool> People => new()
    {
        { nameof(TestClinic.Lead), true, true },
        { nameof(TestClinic.ReadingLead), true, true },
        { nameof(TestClinic.Reader), true, false },
        { nameof(TestClinic.OtherReader), false, false },
    };

    [Theory]
    [MemberData(nameof(People))]
    public async Task Change_ByWhom_IsForTheLeadAndForTheUploaderOfAnUnreadFilm(string name, bool whileUnread, bool onceRead)
    {
        var actor = (Actor)typeof(TestClinic).GetField(name)!.GetValue(null)!;
        Assert.Equal(whileUnread, (await OpenAsync(actor: actor)).CanChange);
        Assert.Equal(whileUnread, await ChangeAsync(p => p with { View = ViewPosition.PA }, actor) is ChangeStudyResult.Changed);
        Assert.Equal(whileUnread, await WithdrawAsync(actor) is ChangeStudyResult.Changed);
        Assert.True(!whileUnread || await UndoAsync(actor: actor) is ChangeStudyResult.Changed);

        await _clinic.ReadAsync(_study, ReadingStage.Blind, TestClinic.OtherReader);

        Assert.Equal(onceRead, (await OpenAsync(actor: actor)).CanChange);
        Assert.Equal(onceRead, await ChangeAsync(p => p with { View = ViewPosition.AP }, actor) is ChangeStudyResult.Changed);
        Assert.Equal(onceRead, await WithdrawAsync(actor) is ChangeStudyResult.Changed);
        AssertChanged(onceRead ? await UndoAsync(actor: actor) : await WithdrawAsync());
        Assert.Equal(onceRead, await UndoAsync(actor: actor) is ChangeStudyResult.Changed);
    }

    [Fact]
    public async Task Change_ByAnAdministrator_HasNoDoor()
    {
        await Assert.ThrowsAsync<AccessRefusedException>(() => WithdrawAsync(TestClinic.Admin));
        await Assert.ThrowsAsync<AccessRefusedException>(() => UndoAsync(actor: TestClinic.Admin));
        await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<MergePatients>().RunAsync(
            new("P-1", "P-2", Reason, 1), TestClinic.Reader, Cancellation));
    }

    [Fact]
    public async Task Change_OfTwoAtOnce_TellsTheSecondWhoWasFirst()
    {
        var results = await Task.WhenAll(
            ChangeAsync(p => p with { PatientNumber = "P-2" }, TestClinic.Lead, seen: 0),
            ChangeAsync(p => p with { PatientNumber = "P-3" }, TestClinic.ReadingLead, seen: 0));

        Assert.Single(results.OfType<ChangeStudyResult.Changed>());
        var detail = await OpenAsync();
        var winner = Assert.Single(detail.Changes);
        Assert.Equal(winner.After.PatientNumber, detail.PatientNumber);
        Assert.Equal(
            $"{winner.ChangedByName} has changed this study meanwhile. Look at it again.",
            Assert.Single(results.OfType<ChangeStudyResult.Refused>()).Message);
    }

    [Fact]
    public async Task Move_TakesTheReadingsAlong()
    {
        var other = await _clinic.UploadAsync(seed: 2, patient: "P-2");
        await _clinic.ReadAsync(_study, ReadingStage.Blind);
        var before = (await OpenAsync()).Readings;

        AssertChanged(await ChangeAsync(p => p with { PatientNumber = " P-2 " }));

        var moved = await OpenAsync();
        Assert.Equal("P-2", moved.PatientNumber);
        Assert.Equal(before, moved.Readings);
        Assert.Equal(other, Assert.Single(moved.Earlier).Id);
        Assert.Equal(_study, Assert.Single((await OpenAsync(other)).Earlier).Id);
        Assert.Equal("Move: patient number", (await _clinic.AuditAsync(AuditAction.StudyChange))[^1].Detail);
    }

    [Fact]
    public async Task Move_ToAPatientOfAnotherSex_IsAQuestion()
    {
        var other = await _clinic.UploadAsync(seed: 2, patient: "P-2");
        AssertChanged(await ChangeAsync(p => p with { Sex = Sex.Female, AgeYears = 30 }, study: other));
        AssertChanged(await ChangeAsync(p => p with { Sex = Sex.Male, AgeYears = 70 }));

        var doubts = Assert.IsType<ChangeStudyResult.Doubted>(await ChangeAsync(p => p with { PatientNumber = "P-2" })).Doubts;
        var merge = await MergeAsync("P-1", "P-2", films: 1);

        Assert.Equal(
            ["The sex is Female there and Male here.", "By its age the patient was born about 1996 there and about 1956 here."], doubts);
        Assert.Equal(doubts, Assert.IsType<ChangeStudyResult.Doubted>(merge).Doubts);
        Assert.Equal("P-1", (await OpenAsync()).PatientNumber);
        AssertChanged(await ChangeAsync(p => p with { PatientNumber = "P-2" }, isConfirmed: true));
        Assert.Equal(
            "Move: patient number; confirmed against doubts", (await _clinic.AuditAsync(AuditAction.StudyChange))[^1].Detail);
    }

    [Fact]
    public async Task Withdraw_TakesNoReadingAndKeepsWhatWasChosen()
    {
        await _clinic.Get<Drafts>().KeepAsync(_study, Opinion.Normal, 2, null, null, "half", TestClinic.OtherReader, Cancellation);

        AssertChanged(await WithdrawAsync());

        Assert.True((await OpenAsync(actor: TestClinic.Reader)) is { IsWithdrawn: true, NextStage: null, Prediction: null });
        var refused = Assert.IsType<RecordReadingResult.Refused>(
            await _clinic.ReadAsync(_study, ReadingStage.Blind, opinion: Opinion.Covid19, note: "typed"));
        Assert.StartsWith("The study was withdrawn, so no reading of it is taken.", refused.Message, StringComparison.Ordinal);
        AssertChanged(await UndoAsync());
        foreach (var (actor, opinion, note) in new[]
        {
            (TestClinic.Reader, Opinion.Covid19, "typed"), (TestClinic.OtherReader, Opinion.Normal, "half")
        })
        {
            var draft = await _clinic.Get<Drafts>().FindAsync(_study, actor, Cancellation);
            Assert.Equal((opinion, note), (draft!.Opinion, draft.Note));
            Assert.Equal(ReadingStage.Blind, (await OpenAsync(actor: actor)).NextStage);
        }
    }

    [Fact]
    public async Task Withdraw_BeforeTheAnalysis_IsHarmless()
    {
        AssertChanged(await WithdrawAsync());

        await TestModels.ActivateAsync(_clinic, TestModels.First);
        await WorkAsync();

        await using var db = _clinic.Context();
        Assert.Equal(JobState.Succeeded, (await db.Jobs.SingleAsync(Cancellation)).State);
        Assert.Equal(0, (await ListAsync(new())).Total);
        AssertChanged(await UndoAsync());
        Assert.NotEqual(StudyStatus.Queued, Assert.Single((await ListAsync(new())).Items).Status);
    }

    [Fact]
    public async Task Withdraw_LeavesTheWorklistAndItsCounts_AndItsOwnFilterFindsIt()
    {
        await _clinic.UploadAsync(seed: 2, patient: "P-1");
        await _clinic.ReadAsync(_study, ReadingStage.Blind);

        AssertChanged(await WithdrawAsync());

        var list = await ListAsync(new());
        Assert.Equal((1, 1, 1, 0), (list.Total, list.Unread, list.Running, list.Begun));
        Assert.Empty((await ListAsync(new(IsBegun: true))).Items);
        var found = Assert.Single((await ListAsync(new(IsWithdrawn: true))).Items);
        Assert.Equal((_study, true, null), (found.Id, found.IsLocked, found.PredictedClass));
        _clinic.Time.Advance(TimeSpan.FromHours(2));
        await _clinic.Get<SweepImages>().RunAsync(Cancellation);
        Assert.Equal(2, _clinic.Folder.Blobs.Count);
        Assert.NotNull(await _clinic.Get<GetPixels>().RunAsync(_study, TestClinic.Lead, Cancellation));
    }

    [Fact]
    public async Task Undo_TakesBackOneAfterTheOther_AndEachOnce()
    {
        var first = await OpenAsync();
        AssertChanged(await ChangeAsync(p => p with { View = ViewPosition.PA }));
        AssertChanged(await ChangeAsync(p => p with { PatientNumber = "P-9" }));
        AssertChanged(await WithdrawAsync());
        var last = (await OpenAsync()).Changes[0].Id;

        AssertChanged(await UndoAsync());
        Assert.Equal("This is not the study's last change any more. Look at it again.", Refused(await UndoAsync(change: last)));
        Assert.Equal("P-9", (await OpenAsync()).PatientNumber);
        AssertChanged(await UndoAsync());
        Assert.Equal(first.Particulars with { View = ViewPosition.PA }, (await OpenAsync()).Particulars);
        AssertChanged(await UndoAsync());

        Assert.Equal(first.Particulars, (await OpenAsync()).Particulars);
        Assert.Equal("There is no such change.", Refused(await UndoAsync()));
        Assert.Equal(6, await _clinic.CountAsync<StudyChange>());
    }

    [Fact]
    public async Task BringBack_OfAStudyThatWasMovedMeanwhile_LeavesItWhereItIs()
    {
        AssertChanged(await WithdrawAsync());
        AssertChanged(await MergeAsync("p-1", "P-7", films: 0, isConfirmed: true));
        Assert.Contains(
            "Bring it back first", Refused(await ChangeAsync(p => p with { View = ViewPosition.PA })), StringComparison.Ordinal);

        AssertChanged(await ChangeAsync(p => p with { IsWithdrawn = false }));

        Assert.Equal("P-7", Assert.Single((await ListAsync(new())).Items).PatientNumber);
    }

    [Fact]
    public async Task Merge_MovesAllInOneAction_AndBackInOne()
    {
        var second = await _clinic.UploadAsync(seed: 2, patient: "p-1");
        var other = await _clinic.UploadAsync(seed: 5, patient: "P-2");

        Assert.Contains("Look again", Refused(await MergeAsync("P-1", "P-2", films: 1)), StringComparison.Ordinal);
        Assert.Contains("same", Refused(await MergeAsync("P-1", "p-1", films: 2)), StringComparison.Ordinal);
        Assert.Contains(
            "No film stands", Assert.Single(Assert.IsType<ChangeStudyResult.Doubted>(await MergeAsync("P-1", "P-22", films: 2)).Doubts),
            StringComparison.Ordinal);
        AssertChanged(await MergeAsync("P-1", "P-2", films: 2), studies: 2);
        Assert.Equal(3, (await ListAsync(new(Text: "P-2"))).Total);

        AssertChanged(await ChangeAsync(p => p with { View = ViewPosition.PA }, study: second));
        Assert.StartsWith("Of the 2 films that were changed together 1", Refused(await UndoAsync()), StringComparison.Ordinal);
        AssertChanged(await UndoAsync(second));
        AssertChanged(await UndoAsync(), studies: 2);
        Assert.Equal(
            ["P-1", "p-1", "P-2"],
            new[] { await OpenAsync(), await OpenAsync(second), await OpenAsync(other) }.Select(d => d.PatientNumber));
    }

    [Fact]
    public async Task Merge_OfAFilmThatWasWithdrawnAndBroughtBack_IsUndone()
    {
        await _clinic.UploadAsync(seed: 5, patient: "P-2");
        AssertChanged(await MergeAsync("P-1", "P-2", films: 1));
        AssertChanged(await WithdrawAsync());
        AssertChanged(await ChangeAsync(p => p with { IsWithdrawn = false }));

        AssertChanged(await UndoAsync());

        Assert.Equal(("P-1", false), await OpenAsync() is var d ? (d.PatientNumber, d.IsWithdrawn) : default);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Correct_FromLateral_AsksTheModelAfterAll_AndBackTakesItsAnswerAway()
    {
        await TestModels.ActivateAsync(_clinic, TestModels.First);
        AssertChanged(await ChangeAsync(p => p with { View = ViewPosition.Lateral }));
        await WorkAsync();
        Assert.Equal(StudyStatus.Withheld, (await OpenAsync()).Status);

        AssertChanged(await UndoAsync());
        Assert.Equal(StudyStatus.Queued, (await OpenAsync()).Status);
        await WorkAsync();
        Assert.Equal(StudyStatus.Ready, (await OpenAsync()).Status);

        AssertChanged(await ChangeAsync(p => p with { View = ViewPosition.Lateral }));
        await using (var db = _clinic.Context())
        {
            Assert.True(await db.Studies.AnyAsync(
                s => s.Id == _study && s.PredictionId == null && s.PredictedClass == null && s.Probability == null, Cancellation));
        }

        await WorkAsync();
        var detail = await OpenAsync();
        Assert.Equal((StudyStatus.Withheld, null), (detail.Status, detail.Prediction));
    }

    Task<WorklistPage> ListAsync(WorklistQuery query) => _clinic.Get<ListStudies>().RunAsync(query, TestClinic.Reader, Cancellation);

    // What a worker does, without its clock.
    async Task WorkAsync()
    {
        var queue = _clinic.Get<JobQueue>();
        while (await queue.ClaimAsync(AnalyseStudy.JobKind, "test", Cancellation) is { } job)
        {
            await using var scope = _clinic.Services.CreateAsyncScope();
            var handler = scope.ServiceProvider.GetServices<IJobHandler>().Single(h => h.Kind == job.Kind);
            Assert.True(await queue.CompleteAsync(job, await handler.RunAsync(job, Cancellation), Cancellation));
        }
    }
}
