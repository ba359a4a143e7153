using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Patients;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Patients;

/// <summary>Notes of therapy: who writes and strikes them, who sees them, and what becomes of them where numbers change.</summary>
public sealed class TherapyNoteTests : IAsyncLifetime
{
    const string Reason = "It was another patient's";

    readonly TestClinic _clinic = new();
    readonly DateOnly _today;
    Guid _film;

    public TherapyNoteTests() => _today = DateOnly.FromDateTime(_clinic.Time.GetUtcNow().UtcDateTime);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _film = await _clinic.UploadAsync(seed: 1, patient: "P-1");

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<string?> WriteAsync(
        string? text = "Dexamethasone 6 mg", Actor? by = null, string number = "P-1", DateOnly? from = null, DateOnly? until = null) =>
        _clinic.Get<WriteTherapyNote>().RunAsync(
            new(number, from ?? new(2026, 2, 20), until, text), by ?? TestClinic.Lead, Cancellation);

    Task<string?> StrikeAsync(Guid note, Actor? by = null, string? reason = Reason) =>
        _clinic.Get<StrikeTherapyNote>().RunAsync(note, reason, by ?? TestClinic.Lead, Cancellation);

    async Task<IReadOnlyList<PatientNote>?> NotesAsync(Actor? actor = null, string number = "P-1") =>
        (await _clinic.Get<GetPatient>().RunAsync(number, isView: false, actor ?? TestClinic.Lead, Cancellation))!.Notes;

    async Task<PatientNote> OnlyAsync(Actor? actor = null, string number = "P-1") =>
        Assert.Single((await NotesAsync(actor, number))!);

    // Other days have other policies: as those who see the model at once, too.
    async Task FinishAsync(Guid film, Actor? by = null)
    {
        await _clinic.ReadAsync(film, ReadingStage.Blind, by);
        await _clinic.ReadAsync(film, ReadingStage.Final, by);
    }

    [Fact]
    public async Task Write_KeepsTheNote_AndTheTrailNamesItsIdAlone()
    {
        Assert.Null(await WriteAsync("  Dexamethasone 6 mg ", number: " p-1", until: new(2026, 2, 24)));

        var note = await OnlyAsync();
        Assert.Equal(
            (new(2026, 2, 20), new(2026, 2, 24), "Dexamethasone 6 mg", "lead", _clinic.Time.GetUtcNow(), true, null),
            (note.From, note.Until, note.Text, note.WriterName, note.At, note.MayStrike, note.Struck));
        var row = Assert.Single(await _clinic.AuditAsync(AuditAction.TherapyNote));
        Assert.Equal(
            (AuditOutcome.Succeeded, $"written: {note.Id}", null, null, null),
            (row.Outcome, row.Detail, row.Before, row.After, row.StudyId));
    }

    [Fact]
    public async Task Write_ToTheSameDay_IsOfOneDay()
    {
        Assert.Null(await WriteAsync(until: new(2026, 2, 20)));

        Assert.Null((await OnlyAsync()).Until);
    }

    [Theory]
    [InlineData("", 0, null, "Say what was done in 1 to 200")]
    [InlineData("two\nlines", 0, null, "Say what was done in 1 to 200")]
    [InlineData("x", 2, null, "The first day lies in the future.")]
    [InlineData("x", -60000, null, "The first day lies before 1900.")]
    [InlineData("x", 0, -1, "The last day lies before the first.")]
    [InlineData("x", 0, 400, "The last day lies more than a year ahead.")]
    public async Task Write_WhatCannotBe_IsRefused(string text, int from, int? until, string words)
    {
        var refusal = await WriteAsync(text, from: _today.AddDays(from), until: until is { } days ? _today.AddDays(days) : null);

        Assert.StartsWith(words, refusal, StringComparison.Ordinal);
        Assert.Empty((await NotesAsync())!);
        Assert.Equal(AuditOutcome.Refused, Assert.Single(await _clinic.AuditAsync(AuditAction.TherapyNote)).Outcome);
    }

    [Fact]
    public async Task Write_WithoutADay_OfNobody_OrTooLong_IsRefused()
    {
        Assert.Equal("No film has this patient number.", await WriteAsync(number: "P-2"));
        Assert.Equal("No film has this patient number.", await WriteAsync(number: " "));
        Assert.StartsWith("Say what was done", await WriteAsync(new('x', 201)), StringComparison.Ordinal);
        Assert.StartsWith(
            "Say the day",
            await _clinic.Get<WriteTherapyNote>().RunAsync(new("P-1", null, null, "x"), TestClinic.Lead, Cancellation),
            StringComparison.Ordinal);
        Assert.Null(await WriteAsync(new('x', 200), from: _today));
        await Assert.ThrowsAsync<AccessRefusedException>(() => WriteAsync(by: TestClinic.Admin));
        await Assert.ThrowsAsync<AccessRefusedException>(() => StrikeAsync(Guid.NewGuid(), TestClinic.Admin));
    }

    [Fact]
    public async Task Write_MoreThanAPersonMay_IsRefusedWhateverOthersWrote()
    {
        await using (var db = _clinic.Context())
        {
            db.TherapyNotes.AddRange(Enumerable.Range(0, TherapyNote.MostByAPerson).Select(i => new TherapyNote
            {
                PatientNumber = "p-1",
                Text = $"{i}",
                CreatedBy = TestClinic.Lead.UserId,
                CreatedByName = "lead",
            }));
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Equal("You have written 200 notes of this patient, and more are not kept.", await WriteAsync());
        Assert.Null(await WriteAsync(by: TestClinic.Reader));
    }

    [Fact]
    public async Task Strike_ByWhoWroteItOrTheLead_StaysForTheLeadAlone()
    {
        await FinishAsync(_film);
        await FinishAsync(_film, TestClinic.OtherReader);
        Assert.Null(await WriteAsync(by: TestClinic.Reader));
        var note = await OnlyAsync(TestClinic.OtherReader);
        Assert.False(note.MayStrike);

        Assert.Equal("Who wrote a note strikes it out, or the department lead.", await StrikeAsync(note.Id, TestClinic.OtherReader));
        Assert.StartsWith("Say why", await StrikeAsync(note.Id, TestClinic.Reader, " "), StringComparison.Ordinal);
        Assert.Null(await StrikeAsync(note.Id, TestClinic.Reader, $" {Reason} "));
        Assert.Equal("reader has struck this note out already.", await StrikeAsync(note.Id));
        Assert.Equal("There is no such note.", await StrikeAsync(Guid.NewGuid()));

        Assert.Empty((await NotesAsync(TestClinic.Reader))!);
        var struck = await OnlyAsync();
        Assert.Equal((false, new("reader", _clinic.Time.GetUtcNow(), Reason)), (struck.MayStrike, struck.Struck));
        Assert.Contains(
            await _clinic.AuditAsync(AuditAction.TherapyNote),
            a => a.Outcome == AuditOutcome.Succeeded && a.Detail == $"struck out: {note.Id}" && a.UserName == "reader");
    }

    [Fact]
    public async Task Strike_OfTwoAtOnce_TellsTheSecondWhoWasFirst()
    {
        await WriteAsync();
        var note = (await OnlyAsync()).Id;

        var results = await Task.WhenAll(new[] { "one", "two", "three" }.Select(
            reason => Task.Run(() => StrikeAsync(note, TestClinic.Lead, reason), Cancellation)));

        Assert.Single(results, r => r is null);
        Assert.Equal(2, results.Count(r => r == "lead has struck this note out already."));
        Assert.Single(await _clinic.AuditAsync(AuditAction.TherapyNote), a => a.Detail == $"struck out: {note}");
    }

    [Theory]
    [InlineData(ReadingPolicy.BlindedFirst)]
    [InlineData(ReadingPolicy.Concurrent)]
    public async Task Notes_ForWhoReads_WaitForTheOwnFinishedReadingOfEveryFilm(ReadingPolicy policy)
    {
        await _clinic.SetPolicyAsync(policy);
        var second = await _clinic.UploadAsync(seed: 2, patient: "p-1");
        await WriteAsync();
        await WriteAsync(by: TestClinic.Reader);
        var own = (await NotesAsync())![1].Id;
        Assert.Null(await NotesAsync(TestClinic.ReadingLead));

        async Task<Guid?> ReadAsync(Guid film, bool isLast)
        {
            if (policy == ReadingPolicy.Concurrent)
            {
                await _clinic.ReadAsync(film, ReadingStage.Concurrent);
            }
            else
            {
                await _clinic.ReadAsync(film, ReadingStage.Blind);
                Assert.Null(await NotesAsync(TestClinic.Reader));
                await _clinic.ReadAsync(film, ReadingStage.Final);
            }

            return isLast ? (await NotesAsync(TestClinic.Reader))?[1].Id : null;
        }

        Assert.Null(await NotesAsync(TestClinic.Reader));
        Assert.Null(await ReadAsync(_film, isLast: false));
        Assert.Null(await NotesAsync(TestClinic.Reader));
        // Also of the own note: whether another person has struck it out is of those that wait.
        Assert.Equal("There is no such note.", await StrikeAsync(own, TestClinic.Reader));
        Assert.Equal(own, await ReadAsync(second, isLast: true));
        Assert.Null(await NotesAsync(TestClinic.OtherReader));

        await _clinic.UploadAsync(seed: 3, patient: "P-1");
        Assert.Null(await NotesAsync(TestClinic.Reader));
    }

    [Fact]
    public async Task Notes_OfAPatientWhoseFilmsAreWithdrawn_AreTheLeadsAlone()
    {
        await FinishAsync(_film);
        await WriteAsync();
        await _clinic.Get<ChangeStudy>().RunAsync(
            new(_film, new("P-1", Sex.Unknown, null, null, ViewPosition.Unknown, null, IsWithdrawn: true), Reason, 0),
            TestClinic.Lead, Cancellation);

        Assert.Single((await NotesAsync())!);
        Assert.Null(await NotesAsync(TestClinic.Reader));
    }

    [Fact]
    public async Task Merge_TakesTheNotesAlong_AndItsUndoBringsBackThose()
    {
        await _clinic.UploadAsync(seed: 2, patient: "P-2");
        await _clinic.UploadAsync(seed: 3, patient: "P-3");
        await WriteAsync("one");
        await WriteAsync("two", number: "P-2");
        await WriteAsync("three", number: "P-3");

        await MergeAsync("p-1", "P-2");
        Assert.Equal(["one", "two"], await TextsAsync("P-2"));
        await WriteAsync("later", number: "P-2");
        await MergeAsync("P-2", "P-3");
        Assert.Equal(["later", "one", "three", "two"], await TextsAsync("P-3"));

        await UndoAsync();
        Assert.Equal(["later", "one", "two"], await TextsAsync("P-2"));
        Assert.Equal(["three"], await TextsAsync("P-3"));
        await UndoAsync();
        Assert.Equal(["one"], await TextsAsync("P-1"));
        Assert.Equal(["later", "two"], await TextsAsync("P-2"));
        // One, then three, then the three of them and the one back.
        Assert.Equal(
            8, (await _clinic.AuditAsync(AuditAction.TherapyNote)).Count(a =>
                a.Detail!.StartsWith("moved with the patient: ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Undo_OfAMerge_WhoseNotesWereMovedOn_IsRefused()
    {
        await _clinic.UploadAsync(seed: 2, patient: "P-2");
        await _clinic.UploadAsync(seed: 3, patient: "P-3");
        await WriteAsync("one");
        await MergeAsync("P-1", "P-2");
        await _clinic.Get<ChangeStudy>().RunAsync(
            new(_film, new("P-1", Sex.Unknown, null, null, ViewPosition.Unknown, null), Reason, await LastAsync()), TestClinic.Lead,
            Cancellation);
        await MergeAsync("P-2", "P-3");
        await UndoAsync();

        var refused = Assert.IsType<ChangeStudyResult.Refused>(await _clinic.Get<UndoChange>().RunAsync(
            new(_film, await LastAsync(), Reason), TestClinic.Lead, Cancellation));

        Assert.Equal("What belongs to the patient was moved on since. Take that back first.", refused.Message);
        Assert.Equal(["one"], await TextsAsync("P-3"));
    }

    [Fact]
    public async Task Move_OfOneFilm_LeavesTheNotes()
    {
        await _clinic.UploadAsync(seed: 2, patient: "P-1");
        await WriteAsync();

        await _clinic.Get<ChangeStudy>().RunAsync(
            new(_film, new("P-9", Sex.Unknown, null, null, ViewPosition.Unknown, null), Reason, 0), TestClinic.Lead, Cancellation);

        Assert.Single((await NotesAsync())!);
        Assert.Empty((await NotesAsync(number: "P-9"))!);
        await UndoAsync();
        Assert.Single((await NotesAsync())!);
    }

    async Task<IEnumerable<string>> TextsAsync(string number) =>
        (await NotesAsync(number: number))!.Select(n => n.Text).Order(StringComparer.Ordinal);

    async Task MergeAsync(string from, string to) => Assert.IsType<ChangeStudyResult.Changed>(
        await _clinic.Get<MergePatients>().RunAsync(new(from, to, Reason, null), TestClinic.Lead, Cancellation));

    async Task<long> LastAsync()
    {
        await using var db = _clinic.Context();
        return StudyChange.Standing(await db.StudyChanges.Where(c => c.StudyId == _film).ToListAsync(Cancellation))!.Id;
    }

    async Task UndoAsync() => Assert.IsType<ChangeStudyResult.Changed>(await _clinic.Get<UndoChange>().RunAsync(
        new(_film, await LastAsync(), Reason), TestClinic.Lead, Cancellation));
}
