using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Worklist;

/// <summary>Whose work a film is.</summary>
public sealed class AssignStudiesTests : ReadingRoom
{
    [Fact]
    public async Task Assigned_ToAReader_IsFoundByOwnerAndByNobody()
    {
        var films = await AddFilmsAsync(3);
        await AssignAsync(films[0], TestClinic.Reader);
        await AssignAsync(films[1], TestClinic.OtherReader);

        Assert.Equal([films[0]], await IdsAsync(new(AssignedTo: TestClinic.Reader.UserId)));
        Assert.Equal([films[2]], await IdsAsync(new(IsUnassigned: true)));
        Assert.Empty(await IdsAsync(new(AssignedTo: Guid.NewGuid())));
        Assert.Equal(
            [null, "other", "reader"], (await ListAsync()).Select(i => i.AssignedToName));
        Assert.Equal(1, (await Clinic.Get<ListStudies>().RunAsync(new(), TestClinic.Reader, Cancellation)).Mine);
        var detail = await Clinic.Get<GetStudy>().RunAsync(films[1], isView: false, TestClinic.Reader, Cancellation);
        Assert.Equal((TestClinic.OtherReader.UserId, "other"), (detail!.AssignedTo, detail.AssignedToName));
    }

    [Fact]
    public async Task Assigned_ToSomebodyElse_IsReadableAllTheSame()
    {
        await Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        var film = (await AddFilmsAsync(1))[0];
        await AssignAsync(film, TestClinic.OtherReader);

        Assert.IsType<RecordReadingResult.Recorded>(await Clinic.ReadAsync(film, ReadingStage.Concurrent));
    }

    [Fact]
    public async Task Lead_AssignsToAnybodyAndTakesBack_AndTheTrailHasOldAndNew()
    {
        var film = (await AddFilmsAsync(1))[0];

        Assert.Equal(1, (await AssignAsync(film, TestClinic.Reader)).Changed);
        Assert.Equal(0, (await AssignAsync(film, TestClinic.Reader)).Changed);
        Assert.Equal(1, (await AssignAsync(film, TestClinic.OtherReader)).Changed);
        Assert.Equal(1, (await AssignAsync(film, to: null)).Changed);

        Assert.Equal(
            [
                (AuditOutcome.Succeeded, film, "nobody", "reader"), (AuditOutcome.Succeeded, film, "reader", "other"),
                (AuditOutcome.Succeeded, film, "other", "nobody"),
            ],
            await TrailAsync(AuditAction.StudyAssign));
    }

    [Fact]
    public async Task Reader_TakesAndGivesBackTheOwn_AndNoOthers()
    {
        var films = await AddFilmsAsync(2);
        await AssignAsync(films[1], TestClinic.OtherReader);

        Assert.Equal(1, (await AssignAsync(films[0], TestClinic.Reader, TestClinic.Reader)).Changed);
        Assert.Equal(1, (await AssignAsync(films[0], null, TestClinic.Reader)).Changed);
        Assert.Equal(
            ["The department lead assigns films to others; you may take them yourself."],
            (await AssignAsync(films[0], TestClinic.OtherReader, TestClinic.Reader)).Refusals);
        string[] others = ["P-2: it is assigned to other; the department lead may change that."];
        Assert.Equal(others, (await AssignAsync(films[1], TestClinic.Reader, TestClinic.Reader)).Refusals);
        Assert.Equal(others, (await AssignAsync(films[1], null, TestClinic.Reader)).Refusals);

        Assert.Equal(3, (await TrailAsync(AuditAction.StudyAssign)).Count(a => a.Outcome == AuditOutcome.Refused));
        Assert.Equal([films[1]], await IdsAsync(new(AssignedTo: TestClinic.OtherReader.UserId)));
    }

    [Fact]
    public async Task Assign_OfWhatCannotBeAssigned_IsRefused()
    {
        await Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        var films = await AddFilmsAsync(3);
        await Clinic.ReadAsync(films[0], ReadingStage.Concurrent);
        await WithdrawAsync(films[1]);
        var assign = Clinic.Get<AssignStudies>();

        await Assert.ThrowsAsync<AccessRefusedException>(() => AssignAsync(films[2], TestClinic.Reader, TestClinic.Admin));
        var result = await assign.RunAsync(films, TestClinic.Reader.UserId, TestClinic.Lead, Cancellation);
        Assert.Equal((1, 2), (result.Changed, result.Refusals.Count));
        Assert.Equal(["P-1: reader has read it.", "P-2: it was withdrawn."], result.Refusals.Order());
        // Somebody else may read it a second time.
        Assert.Equal(1, (await AssignAsync(films[0], TestClinic.OtherReader)).Changed);
        Assert.NotEmpty((await AssignAsync(films[2], TestClinic.Lead)).Refusals);
        Assert.NotEmpty((await assign.RunAsync([], null, TestClinic.Lead, Cancellation)).Refusals);
        var many = Enumerable.Range(0, 101).Select(_ => Guid.NewGuid()).ToList();
        Assert.NotEmpty((await assign.RunAsync(many, null, TestClinic.Lead, Cancellation)).Refusals);
    }

    [Fact]
    public async Task Readers_OfALead_AreAllRadiologists_AndOfAReaderTheOneAlone()
    {
        var assign = Clinic.Get<AssignStudies>();

        Assert.Equal(
            ["other", "reader", "reading-lead"], (await assign.ListReadersAsync(TestClinic.Lead, Cancellation)).Select(r => r.Name));
        Assert.Equal(["reader"], (await assign.ListReadersAsync(TestClinic.Reader, Cancellation)).Select(r => r.Name));
        await Assert.ThrowsAsync<AccessRefusedException>(() => assign.ListReadersAsync(TestClinic.Admin, Cancellation));
    }
}
