using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Worklist;

/// <summary>A person says what is urgent, and why; unread, it stands first.</summary>
public sealed class MarkUrgentTests : ReadingRoom
{
    [Fact]
    public async Task Urgent_WhileUnread_StandsFirstAndIsFound()
    {
        var films = await AddFilmsAsync(4);
        await MarkAsync(films[0]);
        await MarkAsync(films[1], UrgencyReason.Isolation);

        Assert.Equal([films[1], films[0], films[3], films[2]], await IdsAsync());
        Assert.Equal([films[1], films[0]], await IdsAsync(new(IsUrgent: true)));
        Assert.Equal(UrgencyReason.Isolation, (await ListAsync())[0].Urgency);
        Assert.Equal(2, (await Clinic.Get<ListStudies>().RunAsync(new(), TestClinic.Lead, Cancellation)).Urgent);
        // Other orders are what they say.
        Assert.Equal([.. Enumerable.Reverse(films)], await IdsAsync(new(Sort: WorklistSort.Received)));
    }

    [Fact]
    public async Task Urgent_OnceRead_StandsWhereOthersStand()
    {
        await Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        var films = await AddFilmsAsync(3);
        await MarkAsync(films[0]);

        Assert.IsType<RecordReadingResult.Recorded>(await Clinic.ReadAsync(films[0], ReadingStage.Concurrent));
        Assert.IsType<RecordReadingResult.Recorded>(await Clinic.ReadAsync(films[2], ReadingStage.Concurrent));

        Assert.Equal([films[1], films[2], films[0]], await IdsAsync());
        Assert.Empty(await IdsAsync(new(IsUrgent: true)));
        Assert.All(await ListAsync(), i => Assert.Null(i.Urgency));
        // The film's own page still says so.
        var detail = await Clinic.Get<GetStudy>().RunAsync(films[0], isView: false, TestClinic.Reader, Cancellation);
        Assert.Equal(UrgencyReason.EmergencyDepartment, detail!.Urgency);
    }

    [Fact]
    public async Task Mark_ByReaderAndLead_IsInTheTrailWithItsReasonAndThatOfBefore()
    {
        var film = (await AddFilmsAsync(1))[0];

        Assert.Equal(1, (await MarkAsync(film)).Changed);
        Assert.Equal(0, (await MarkAsync(film)).Changed);
        Assert.Equal(1, (await MarkAsync(film, UrgencyReason.Deteriorating, TestClinic.Lead)).Changed);
        Assert.Equal(1, (await MarkAsync(film, reason: null, TestClinic.Lead)).Changed);

        Assert.Equal(
            [
                (AuditOutcome.Succeeded, film, "not urgent", "urgent: EmergencyDepartment"),
                (AuditOutcome.Succeeded, film, "urgent: EmergencyDepartment", "urgent: Deteriorating"),
                (AuditOutcome.Succeeded, film, "urgent: Deteriorating", "not urgent"),
            ],
            await TrailAsync(AuditAction.StudyUrgency));
        Assert.Equal(["reader", "lead", "lead"], (await Clinic.AuditAsync(AuditAction.StudyUrgency)).Select(a => a.UserName));
    }

    [Fact]
    public async Task Mark_BySomebodyElseOrOfTheWrongKind_IsRefused()
    {
        var film = (await AddFilmsAsync(1))[0];
        var mark = Clinic.Get<MarkUrgent>();

        await Assert.ThrowsAsync<AccessRefusedException>(() => MarkAsync(film, by: TestClinic.Admin));
        Assert.NotEmpty((await MarkAsync(film, (UrgencyReason)99)).Refusals);
        Assert.NotEmpty((await mark.RunAsync([], UrgencyReason.Isolation, TestClinic.Reader, Cancellation)).Refusals);
        var many = Enumerable.Range(0, 101).Select(_ => Guid.NewGuid()).ToList();
        Assert.NotEmpty((await mark.RunAsync(many, UrgencyReason.Isolation, TestClinic.Reader, Cancellation)).Refusals);
        await WithdrawAsync(film);
        Assert.Equal(["P-1: it was withdrawn."], (await MarkAsync(film)).Refusals);

        Assert.Equal([(AuditOutcome.Refused, film, null, null)], await TrailAsync(AuditAction.StudyUrgency));
    }

    [Fact]
    public async Task Upload_OfAnUrgentFilm_MarksItInOneTransaction()
    {
        var import = Clinic.Get<ImportStudy>();
        StudyDetails details = new("P-9", Urgency: UrgencyReason.BeforeProcedure);

        var film = Assert.IsType<ImportStudyResult.Imported>(
            await import.RunAsync(TestClinic.Film(9), details, TestClinic.Reader, Cancellation)).StudyId;
        var refused = await import.RunAsync(
            TestClinic.Film(10), details with { Urgency = (UrgencyReason)99 }, TestClinic.Reader, Cancellation);

        Assert.IsType<ImportStudyResult.Refused>(refused);
        Assert.Equal([film], await IdsAsync(new(IsUrgent: true)));
        Assert.Equal(
            [(AuditOutcome.Succeeded, film, "not urgent", "urgent: BeforeProcedure")], await TrailAsync(AuditAction.StudyUrgency));
    }

    [Fact]
    public async Task Upload_OfAKnownFilmAsUrgent_MarksIt_AndAReasonThatStandsStays()
    {
        var film = await Clinic.UploadAsync(9, "P-9");
        foreach (var reason in new[] { UrgencyReason.EmergencyDepartment, UrgencyReason.Isolation })
        {
            Assert.IsType<ImportStudyResult.Duplicate>(await Clinic.Get<ImportStudy>().RunAsync(
                TestClinic.Film(9), new("P-9", Urgency: reason), TestClinic.Reader, Cancellation));
        }

        Assert.Equal(UrgencyReason.EmergencyDepartment, Assert.Single(await ListAsync(new(IsUrgent: true))).Urgency);
        Assert.Equal(
            [(AuditOutcome.Succeeded, film, "not urgent", "urgent: EmergencyDepartment")], await TrailAsync(AuditAction.StudyUrgency));
    }
}
