using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Patients;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Tests.Hl7;

/// <summary>What messages do to films, once, and what waits for a person.</summary>
public sealed class TakeMessageTests : IAsyncDisposable
{
    readonly TestHospital _hospital = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _hospital.DisposeAsync();

    async Task<Guid> FilmAsync(int number, string patient = "P-1", string sex = "F", string born = "19600101", string age = "") =>
        (await _hospital.ReceiveAsync(TestHospital.Film(number, patient, sex, born, age: age))).StudyId!.Value;

    Task<Hl7Error?> TakeAsync(string message, string authority = "") =>
        _hospital.Clinic.Get<TakeMessage>().RunAsync(Adt.Parse(message, authority), "127.0.0.1", Cancellation);

    async Task<Study> StudyAsync(Guid id)
    {
        await using var db = _hospital.Clinic.Context();
        return await db.AllStudies.AsNoTracking().SingleAsync(s => s.Id == id, Cancellation);
    }

    async Task<ReceivedMessage> RowAsync(string id)
    {
        await using var db = _hospital.Clinic.Context();
        return await db.ReceivedMessages.AsNoTracking().SingleAsync(m => m.ControlId == id, Cancellation);
    }

    Task<string?> AnswerAsync(Guid id, MessageAnswer answer, Actor? actor = null) =>
        _hospital.Clinic.Get<AnswerMessage>().RunAsync(id, answer, actor ?? TestClinic.Admin, Cancellation);

    async Task<ChangeStudyResult> UndoAsync(Guid study)
    {
        await using var db = _hospital.Clinic.Context();
        var changes = await db.StudyChanges.Where(c => c.StudyId == study).ToListAsync(Cancellation);
        return await _hospital.Clinic.Get<UndoChange>().RunAsync(
            new(study, StudyChange.Standing(changes)!.Id, "It was right before"), TestClinic.Lead, Cancellation);
    }

    [Fact]
    public async Task Update_CorrectsAllFilmsOfTheNumber_WithReasonAuditAndUndo()
    {
        var (one, two, other) = (await FilmAsync(1), await FilmAsync(2), await FilmAsync(3, "P-2"));

        Assert.Null(await TakeAsync(Adt.Update("u1", "P-1", "M")));

        Assert.Equal(
            (Sex.Male, Sex.Male, Sex.Female), ((await StudyAsync(one)).Sex, (await StudyAsync(two)).Sex, (await StudyAsync(other)).Sex));
        await using var db = _hospital.Clinic.Context();
        var changes = await db.StudyChanges.OrderBy(c => c.Id).ToListAsync(Cancellation);
        Assert.Equal([one, two], changes.Select(c => c.StudyId));
        Assert.Single(changes.Select(c => c.ActionId).Distinct());
        Assert.All(changes, c => Assert.Equal(
            (Sex.Female, Sex.Male, "by message: u1", "HL7 from ADT1"), (c.Before.Sex, c.After.Sex, c.Reason, c.ChangedByName)));
        var audit = await _hospital.Clinic.AuditAsync(AuditAction.StudyChange);
        Assert.Equal(["Correct: sex", "Correct: sex"], audit.Select(a => a.Detail));
        Assert.All(audit, a => Assert.Equal(("HL7 from ADT1", "127.0.0.1"), (a.UserName, a.Source)));
        var row = await RowAsync("u1");
        Assert.Equal((MessageState.Applied, 2, "P-1", Sex.Male), (row.State, row.Films, row.Number, row.Sex));

        Assert.Equal(2, Assert.IsType<ChangeStudyResult.Changed>(await UndoAsync(one)).Studies);
        Assert.Equal((Sex.Female, Sex.Female), ((await StudyAsync(one)).Sex, (await StudyAsync(two)).Sex));
    }

    [Fact]
    public async Task Update_FillsInWhatIsNotKnown_AndLeavesWhatItDoesNotSay()
    {
        var study = await FilmAsync(1, sex: "", born: "");

        Assert.Null(await TakeAsync(Adt.Update("u1", "P-1", "F", "")));
        Assert.Null(await TakeAsync(Adt.Update("u2", "P-1", "\"\"", "19600101", "A31")));

        Assert.Equal((Sex.Female, new DateOnly(1960, 1, 1)), await StudyAsync(study) is var s ? (s.Sex, s.BirthDate) : default);
        Assert.Null(await TakeAsync(Adt.Update("u3", "P-1")));
        var row = await RowAsync("u3");
        Assert.Equal((MessageState.Unneeded, "The films say so already."), (row.State, row.Reason));
        Assert.Equal(2, await _hospital.Clinic.CountAsync<StudyChange>());
    }

    [Theory]
    [InlineData("A40")]
    [InlineData("A47")]
    public async Task Merge_MovesAllFilms_WithReasonAuditAndUndo(string trigger)
    {
        var (one, two, there) = (await FilmAsync(1), await FilmAsync(2), await FilmAsync(3, "P-2"));
        Assert.Null(await _hospital.Clinic.Get<WriteTherapyNote>().RunAsync(
            new("P-1", new(2026, 2, 1), null, "Oxygen"), TestClinic.Lead, Cancellation));

        Assert.Null(await TakeAsync(Adt.Merge("m1", "P-1", "P-2", "F", "19600101", trigger)));
        Assert.Equal("P-2", await NoteNumberAsync());

        Assert.All(
            await Task.WhenAll(StudyAsync(one), StudyAsync(two), StudyAsync(there)), s => Assert.Equal("P-2", s.PatientNumber));
        Assert.Equal(["Move: patient number", "Move: patient number"],
            (await _hospital.Clinic.AuditAsync(AuditAction.StudyChange)).Select(a => a.Detail));
        Assert.Equal((MessageState.Applied, 2), await RowAsync("m1") is var row ? (row.State, row.Films) : default);

        Assert.IsType<ChangeStudyResult.Changed>(await UndoAsync(two));
        Assert.Equal(("P-1", "P-2"), ((await StudyAsync(one)).PatientNumber, (await StudyAsync(there)).PatientNumber));
        Assert.Equal("P-1", await NoteNumberAsync());
    }

    async Task<string> NoteNumberAsync()
    {
        await using var db = _hospital.Clinic.Context();
        return await db.TherapyNotes.Select(n => n.PatientNumber).SingleAsync(Cancellation);
    }

    /// <summary>The hospital knows numbers that no film stands under: nobody has mistyped it.</summary>
    [Fact]
    public async Task Merge_ToANumberWithoutFilms_IsNoQuestion()
    {
        var study = await FilmAsync(1);

        Assert.Null(await TakeAsync(Adt.Merge("m1", "P-1", "P-9")));

        Assert.Equal("P-9", (await StudyAsync(study)).PatientNumber);
    }

    [Fact]
    public async Task Message_ThatComesAgain_IsTakenOnce()
    {
        var study = await FilmAsync(1);
        Assert.Null(await TakeAsync(Adt.Update("u1", "P-1", "M")));
        Assert.IsType<ChangeStudyResult.Changed>(await UndoAsync(study));

        // As it came, and with another name in it: no name is read.
        Assert.Null(await TakeAsync(Adt.Update("u1", "P-1", "M")));
        Assert.Null(await TakeAsync(Adt.Update("u1", "P-1", "M").Replace("SECRET", "OTHER", StringComparison.Ordinal)));

        Assert.Equal(Sex.Female, (await StudyAsync(study)).Sex);
        Assert.Equal(1, await _hospital.Clinic.CountAsync<ReceivedMessage>());
        foreach (var other in new[]
        {
            Adt.Update("u1", "P-1", "O"), Adt.Update("u1", "P-2", "M"), Adt.Update("u1", "P-1", "M", sent: "20260303080000"),
            Adt.Merge("u1", "P-1", "P-2"),
        })
        {
            Assert.Equal(("AE", 205), await TakeAsync(other) is { } error ? (error.Code, error.Condition) : default);
        }

        // Another sender counts for itself. What a person has taken back here is a question from then on.
        Assert.Null(await TakeAsync(Adt.Update("u1", "P-1", "O", application: "ADT2")));
        Assert.Equal(Sex.Female, (await StudyAsync(study)).Sex);
        await using var db = _hospital.Clinic.Context();
        var asked = await db.ReceivedMessages.SingleAsync(m => m.Application == "ADT2", Cancellation);
        Assert.Equal((MessageState.Question, "A person has corrected it here."), (asked.State, asked.Reason));
        Assert.Null(await AnswerAsync(asked.Id, MessageAnswer.Apply));
        Assert.Equal(Sex.Other, (await StudyAsync(study)).Sex);
    }

    [Fact]
    public async Task Question_ThatANewerMessageOvertook_IsNotApplied()
    {
        var study = await FilmAsync(1);
        Assert.Null(await TakeAsync(Adt.Merge("q", "P-1", "P-2", "M")));
        var row = await RowAsync("q");
        _hospital.Clinic.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(await TakeAsync(Adt.Update("u1", "P-1", "O")));

        Assert.StartsWith("A newer message", await AnswerAsync(row.Id, MessageAnswer.Apply), StringComparison.Ordinal);

        Assert.Equal(("P-1", MessageState.Question), ((await StudyAsync(study)).PatientNumber, (await RowAsync("q")).State));
    }

    [Fact]
    public async Task Age_FollowsTheBirthDate()
    {
        var study = await FilmAsync(1, age: "066Y");

        Assert.Null(await TakeAsync(Adt.Update("u1", "P-1", "F", "19610701")));

        Assert.Equal((new DateOnly(1961, 7, 1), 64), await StudyAsync(study) is var s ? (s.BirthDate, s.AgeYears) : default);
    }

    [Fact]
    public async Task Message_ThatComesTwiceAtOnce_IsTakenOnce()
    {
        await FilmAsync(1);

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => Task.Run(() => TakeAsync(Adt.Update("u1", "P-1", "M")), Cancellation)));

        Assert.All(answers, Assert.Null);
        Assert.Equal(1, await _hospital.Clinic.CountAsync<ReceivedMessage>());
        Assert.Equal(1, await _hospital.Clinic.CountAsync<StudyChange>());
    }

    [Fact]
    public async Task Patient_WithoutFilmsHere_IsNotKept()
    {
        await FilmAsync(1);

        Assert.Null(await TakeAsync(Adt.Update("u1", "P-8", "M")));
        Assert.Null(await TakeAsync(Adt.Merge("m1", "P-8", "P-1", "M", "19700101")));
        Assert.Null(await TakeAsync(Adt.Merge("m2", "P-1", "p-1")));
        Assert.Null(await TakeAsync(Adt.Update("u2", "P-1^^^OTHER", "M"), authority: "HOSP"));

        await using var db = _hospital.Clinic.Context();
        Assert.All(await db.ReceivedMessages.ToListAsync(Cancellation), m => Assert.Equal(
            (MessageState.Unneeded, (string?)null, (string?)null, Sex.Unknown, (DateOnly?)null),
            (m.State, m.Number, m.FormerNumber, m.Sex, m.BirthDate)));
        Assert.Equal(0, await _hospital.Clinic.CountAsync<StudyChange>());
        // And the row itself not for ever.
        _hospital.Clinic.Time.Advance(TakeMessage.UnneededKept + TimeSpan.FromDays(1));
        Assert.Null(await TakeAsync(Adt.Update("u9", "P-8", "M")));
        Assert.Equal(["u9"], await db.ReceivedMessages.Select(m => m.ControlId).ToListAsync(Cancellation));
    }

    public static TheoryData<string, string> Contradictions => new()
    {
        { Adt.Merge("q", "P-1", "P-2"), "The sex is another than known." },
        { Adt.Merge("q", "P-1", "P-3"), "The birth date is another than known." },
        { Adt.Merge("q", "P-1", "P-9", "M"), "The sex is another than known." },
        { Adt.Merge("q", "P-1", "P-9", "F", "19620101"), "The birth date is another than known." },
        { Adt.Update("q", "P-1", "M", "19700101"), "Sex and birth date are both others than known. The age is another than known." },
        { Adt.Update("q", "P-1", "F", "19700101"), "The age is another than known." },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public async Task Contradiction_WaitsForAPerson_WhoAppliesIt(string message, string reason)
    {
        var study = await FilmAsync(1, age: "066Y");
        await FilmAsync(2, "P-2", "M");
        await FilmAsync(3, "P-3", "F", "19610101");

        Assert.Null(await TakeAsync(message));

        var row = await RowAsync("q");
        Assert.Equal((MessageState.Question, reason, 0), (row.State, row.Reason, row.Films));
        Assert.Equal(0, await _hospital.Clinic.CountAsync<StudyChange>());
        Assert.Equal(AuditOutcome.Refused, Assert.Single(await _hospital.Clinic.AuditAsync(AuditAction.ReceivedMessage)).Outcome);
        await Assert.ThrowsAsync<AccessRefusedException>(() => AnswerAsync(row.Id, MessageAnswer.Apply, TestClinic.Reader));

        Assert.Null(await AnswerAsync(row.Id, MessageAnswer.Apply));

        row = await RowAsync("q");
        Assert.Equal((MessageState.Applied, 1), (row.State, row.Films));
        var changed = await StudyAsync(study);
        Assert.Equal((row.Number, row.Kind == MessageKind.Update ? row.Sex : Sex.Female), (changed.PatientNumber, changed.Sex));
        await using var db = _hospital.Clinic.Context();
        Assert.Equal(
            ("by message: q, applied by admin", "HL7 from ADT1"),
            await db.StudyChanges.SingleAsync(Cancellation) is var c ? (c.Reason, c.ChangedByName) : default);
        var audit = (await _hospital.Clinic.AuditAsync(AuditAction.ReceivedMessage))[^1];
        Assert.Equal(("admin", $"Apply: {row.Id:N}"), (audit.UserName, audit.Detail));
        Assert.Contains(
            "confirmed against doubts", (await _hospital.Clinic.AuditAsync(AuditAction.StudyChange))[^1].Detail, StringComparison.Ordinal);
        Assert.StartsWith("It waits no more", await AnswerAsync(row.Id, MessageAnswer.Refuse), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Contradiction_ThatAPersonRefuses_ChangesNothing_NorWhenItComesAgain()
    {
        var study = await FilmAsync(1);
        Assert.Null(await TakeAsync(Adt.Merge("q", "P-1", "P-2", "M")));
        var row = await RowAsync("q");

        Assert.Null(await AnswerAsync(row.Id, MessageAnswer.Refuse, TestClinic.Lead));
        Assert.Null(await TakeAsync(Adt.Merge("q", "P-1", "P-2", "M")));

        Assert.Equal(MessageState.Dismissed, (await RowAsync("q")).State);
        Assert.Equal("P-1", (await StudyAsync(study)).PatientNumber);
        Assert.StartsWith("It waits no more", await AnswerAsync(row.Id, MessageAnswer.Apply), StringComparison.Ordinal);
    }

    [Fact]
    public async Task BirthDate_ThatCannotBe_IsRefused()
    {
        await FilmAsync(1);

        Assert.Equal("AE", (await TakeAsync(Adt.Update("u1", "P-1", "F", "20900101")))!.Code);
        Assert.Equal(0, await _hospital.Clinic.CountAsync<ReceivedMessage>());
    }

    [Fact]
    public async Task Messages_AreListedForThoseWhoAnswerThem()
    {
        await FilmAsync(1);
        await TakeAsync(Adt.Update("u1", "P-1", "M"));
        await TakeAsync(Adt.Merge("q", "P-1", "P-2", "F"));
        var list = _hospital.Clinic.Get<ListMessages>();

        var page = await list.RunAsync(new(PageSize: 1), TestClinic.Lead, Cancellation);
        Assert.Equal((2, "q"), (page.Total, Assert.Single(page.Messages).ControlId));
        Assert.Equal("u1", Assert.Single((await list.RunAsync(new(1, 1), TestClinic.Admin, Cancellation)).Messages).ControlId);
        Assert.Equal(1, (await list.RunAsync(new(State: MessageState.Question), TestClinic.Admin, Cancellation)).Total);
        await Assert.ThrowsAsync<AccessRefusedException>(() => list.RunAsync(new(), TestClinic.Reader, Cancellation));
        Assert.Contains("messages", (await _hospital.Clinic.AuditAsync(AuditAction.ListView)).Select(a => a.Detail));
    }
}
