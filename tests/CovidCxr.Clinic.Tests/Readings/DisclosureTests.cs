using CovidCxr.Clinic.Adjudication;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Drift;
using CovidCxr.Clinic.Incidents;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Readings;

/// <summary>What somebody saw on a concurrent day is never blind on the next.</summary>
public sealed class DisclosureTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    Guid _study, _prediction;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _study = await _clinic.UploadAsync(patient: "P-1");
        _prediction = await _clinic.PredictAsync(_study);
        await _clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<StudyDetail?> OpenAsync(Actor actor) => _clinic.Get<GetStudy>().RunAsync(_study, isView: true, actor, Cancellation);

    [Fact]
    public async Task Worklist_SortedByProbabilityOnAConcurrentDay_MakesTheNextDaysReadingConcurrent()
    {
        var list = await _clinic.Get<ListStudies>().RunAsync(new(Sort: WorklistSort.Probability), TestClinic.Reader, Cancellation);
        Assert.Equal(0.9, Assert.Single(list.Items).Probability);
        _clinic.Time.Advance(TimeSpan.FromDays(1));
        await _clinic.SetPolicyAsync(ReadingPolicy.BlindedFirst);

        var detail = (await OpenAsync(TestClinic.Reader))!;
        Assert.Equal((ReadingStage.Concurrent, true, true), (detail.NextStage, detail.IsRevealed, detail.IsDisclosed));
        Assert.Equal(
            "You have been shown the model's answer to this study, or it has left for the hospital's archive. So it cannot be read "
                + "blind any more. Reload the page.",
            Assert.IsType<RecordReadingResult.Refused>(await _clinic.ReadAsync(_study, ReadingStage.Blind)).Message);
        Assert.IsType<RecordReadingResult.Recorded>(await _clinic.ReadAsync(_study, ReadingStage.Concurrent, shown: _prediction));

        // Who has not seen it reads blind.
        var other = (await OpenAsync(TestClinic.OtherReader))!;
        Assert.Equal((ReadingStage.Blind, false, false), (other.NextStage, other.IsRevealed, other.IsDisclosed));
        await using var db = _clinic.Context();
        Assert.Equal(
            (TestClinic.Reader.UserId, _study, _clinic.Time.GetUtcNow().AddDays(-1)),
            await db.Disclosures.SingleAsync(Cancellation) is var d ? (d.ReaderId, d.StudyId, d.At) : default);
    }

    public static TheoryData<string> Ways => [.. Looks.Keys];

    static Dictionary<string, Func<TestClinic, Guid, Actor, Task>> Looks => new()
    {
        ["worklist"] = (clinic, _, actor) => clinic.Get<ListStudies>().RunAsync(new(), actor, Cancellation),
        ["study"] = (clinic, id, actor) => clinic.Get<GetStudy>().RunAsync(id, isView: false, actor, Cancellation),
        ["heat map"] = (clinic, id, actor) => clinic.Get<GetHeatMap>().RunAsync(id, 1, actor, Cancellation),
        ["thumbnail"] = (clinic, id, actor) => clinic.Get<GetStudyThumbnail>().RunAsync(id, actor, Cancellation),
        ["arrivals"] = (clinic, _, actor) => clinic.Get<ListArrivals>().RunAsync(new(), 18, actor, Cancellation, page: 9),
        ["cases"] = (clinic, _, actor) => clinic.Get<ListCases>().RunAsync(new(), new(), actor, Cancellation, page: 9),
        ["incident pack"] = PackAsync,
        ["discordances"] = (clinic, _, actor) => clinic.Get<ListDiscordances>().RunAsync(new(), true, actor, Cancellation, page: 9),
    };

    // By administrators, of whom some read films.
    static async Task PackAsync(TestClinic clinic, Guid study, Actor actor)
    {
        try
        {
            await clinic.Get<PackIncident>().RunAsync(
                study, actor with { Roles = new HashSet<string>(actor.Roles) { Role.Admin } }, Cancellation);
        }
        catch (AccessRefusedException)
        {
            // It waits for the own opinion.
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Answer_ShownInAnyWayBeforeTheOwnOpinion_IsNotedOnceForWhoReads(string way)
    {
        // Somebody calls it otherwise than the model.
        await _clinic.SetPolicyAsync(ReadingPolicy.BlindedFirst);
        await _clinic.ReadAsync(_study, ReadingStage.Blind, TestClinic.OtherReader);
        await _clinic.ReadAsync(_study, ReadingStage.Final, TestClinic.OtherReader, _prediction);
        await Looks[way](_clinic, _study, TestClinic.ReadingLead);
        Assert.Equal(0, await _clinic.CountAsync<Disclosure>());
        await _clinic.SetPolicyAsync(ReadingPolicy.Concurrent);

        foreach (var actor in new[] { TestClinic.Lead, TestClinic.ReadingLead, TestClinic.ReadingLead })
        {
            await Looks[way](_clinic, _study, actor);
        }

        await using var db = _clinic.Context();
        Assert.Equal(TestClinic.ReadingLead.UserId, (await db.Disclosures.SingleAsync(Cancellation)).ReaderId);
    }

    [Fact]
    public async Task LookForTheNextStudy_ShowsNothingAndNotesNothing()
    {
        var list = await _clinic.Get<ListStudies>().RunAsync(new(), TestClinic.Reader, Cancellation, hasAnswers: false);

        Assert.Equal((true, null, null), Assert.Single(list.Items) is var i ? (i.IsLocked, i.PredictedClass, i.Probability) : default);
        Assert.Equal(0, await _clinic.CountAsync<Disclosure>());
    }

    [Fact]
    public async Task Reader_WhoHasSeenTheAnswer_IsNotAskedToReadBlinded()
    {
        await _clinic.PrepareAccountsAsync(isDemo: false);
        await using (var db = _clinic.Context())
        {
            var role = await db.Roles.SingleAsync(r => r.Name == Role.Radiologist, Cancellation);
            db.UserRoles.Add(new IdentityUserRole<Guid> { UserId = TestClinic.Reader.UserId, RoleId = role.Id });
            await db.SaveChangesAsync(Cancellation);
        }

        await OpenAsync(TestClinic.Reader);

        var result = await _clinic.Get<RequestReads>().RunAsync([_study], [TestClinic.Reader.UserId], TestClinic.Lead, Cancellation);

        Assert.Equal(["P-1: reader has seen the model's answer to it."], result.Refusals);
    }
}
