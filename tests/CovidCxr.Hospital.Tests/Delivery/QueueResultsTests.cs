using CovidCxr.Clinic.Corrections;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Hospital.Peers;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Tests.Delivery;

/// <summary>What is to be sent, and above all what is not.</summary>
public sealed class QueueResultsTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static async Task<TestHospital> NewAsync()
    {
        // Nobody listens there.
        var hospital = new TestHospital(StoragePeer.Destination(FreePort.Find()));
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        hospital.Clinic.Time.Advance(TimeSpan.FromMinutes(1));
        return hospital;
    }

    static async Task<string> LookAsync(TestHospital hospital)
    {
        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);
        return await StatesAsync(hospital);
    }

    /// <summary>Such as "v1 Waiting Waiting, v2 Waiting Waiting".</summary>
    internal static async Task<string> StatesAsync(TestHospital hospital)
    {
        await using var db = hospital.Clinic.Context();
        var all = await db.OutgoingResults.OrderBy(r => r.Id).ToListAsync(Cancellation);
        return string.Join(", ", all.GroupBy(r => r.Version).Select(g => $"v{g.Key} {string.Join(' ', g.Select(r => r.State))}"));
    }

    static async Task<Guid> ShownAsync(TestHospital hospital, Guid study)
    {
        await using var db = hospital.Clinic.Context();
        return (await db.Studies.SingleAsync(s => s.Id == study, Cancellation)).PredictionId!.Value;
    }

    [Fact]
    public async Task BlindedFirst_NothingBeforeTheLock_ThenAVersionForEachStep()
    {
        await using var hospital = await NewAsync();
        var study = await hospital.AnswerAsync(1);
        Assert.Equal("", await LookAsync(hospital));

        await hospital.Clinic.ReadAsync(study, ReadingStage.Blind);
        Assert.Equal("v1 Waiting Waiting", await LookAsync(hospital));
        // A look too many changes nothing.
        Assert.Equal("v1 Waiting Waiting", await LookAsync(hospital));

        var shown = await ShownAsync(hospital, study);
        await hospital.Clinic.ReadAsync(study, ReadingStage.Final, shown: shown, opinion: Opinion.Covid19);
        Assert.Equal("v1 Superseded Superseded, v2 Waiting Waiting", await LookAsync(hospital));

        // A new run of the model: the reading was of the answer before.
        await TestHospital.PredictAsync(hospital.Clinic.Context, study, 0.2, hospital.Clinic.Time.GetUtcNow());
        Assert.Equal("v1 Superseded Superseded, v2 Superseded Superseded, v3 Waiting Waiting", await LookAsync(hospital));
    }

    [Fact]
    public async Task Concurrent_AtOnce_AndByLotAsBlinded()
    {
        await using var hospital = await NewAsync();
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.RandomisedByDay);
        await hospital.AnswerAsync(1);
        foreach (var _ in Enumerable.Range(0, 10))
        {
            Assert.Equal("", await LookAsync(hospital));
            hospital.Clinic.Time.Advance(TimeSpan.FromDays(1));
        }

        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        Assert.Equal("v1 Waiting Waiting", await LookAsync(hospital));
    }

    [Fact]
    public async Task WhoIsAskedToReadItBlinded_IsWaitedFor()
    {
        await using var hospital = await NewAsync();
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        var study = await hospital.AnswerAsync(1);
        await using (var db = hospital.Clinic.Context())
        {
            db.ReadRequests.Add(new() { StudyId = study, ReaderId = TestClinic.OtherReader.UserId, AskedAt = default });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Equal("", await LookAsync(hospital));
        await hospital.Clinic.ReadAsync(study, ReadingStage.Blind, TestClinic.OtherReader);
        Assert.Equal("v1 Waiting Waiting", await LookAsync(hospital));
    }

    /// <summary>In the archive, the answer to a film is the answer to its copy.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhoIsAskedToReadACopyOfItBlinded_IsWaitedFor(bool isOfTheCopy)
    {
        await using var hospital = await NewAsync();
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        var (film, copy, other) = (await hospital.AnswerAsync(1), await hospital.AnswerAsync(2), await hospital.AnswerAsync(3));
        var asked = isOfTheCopy ? copy : film;
        await using (var db = hospital.Clinic.Context())
        {
            await db.Studies.Where(s => s.Id == copy || s.Id == other)
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.CopyOf, film), Cancellation);
            db.ReadRequests.Add(new() { StudyId = asked, ReaderId = TestClinic.OtherReader.UserId, AskedAt = default });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Equal("", await LookAsync(hospital));
        await hospital.Clinic.ReadAsync(asked, ReadingStage.Blind, TestClinic.OtherReader);
        Assert.Equal("v1 Waiting Waiting Waiting Waiting Waiting Waiting", await LookAsync(hospital));
    }

    [Fact]
    public async Task WhereSecondReadersAreDrawn_NothingBeforeTheFirstHasFinished_NorBeforeTheSecond()
    {
        await using var hospital = await NewAsync();
        await using (var db = hospital.Clinic.Context())
        {
            db.QualitySettings.Add(new() { SecondReadEvery = 1, ChangedByName = "lead" });
            await db.SaveChangesAsync(Cancellation);
        }

        var study = await hospital.AnswerAsync(1);
        await hospital.Clinic.ReadAsync(study, ReadingStage.Blind);
        Assert.Equal("", await LookAsync(hospital));

        await hospital.Clinic.ReadAsync(
            study, ReadingStage.Final, shown: await ShownAsync(hospital, study), opinion: Opinion.Covid19);
        Assert.Equal("", await LookAsync(hospital));
    }

    [Fact]
    public async Task DestinationSwitchedOff_TakesWhatWaitsWithIt()
    {
        await using var hospital = await NewAsync();
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await hospital.AnswerAsync(1);
        Assert.Equal("v1 Waiting Waiting", await LookAsync(hospital));
        await using (var db = hospital.Clinic.Context())
        {
            await db.OutgoingResults.ExecuteUpdateAsync(s => s.SetProperty(r => r.Destination, "no longer there"), Cancellation);
        }

        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);

        Assert.Equal("v1 Cancelled Cancelled", await StatesAsync(hospital));
    }

    /// <summary>The configuration calls another thing by the name of before, which is not flooded with the past.</summary>
    [Fact]
    public async Task DestinationThatIsOfAnotherKindByNow_BeginsAnew()
    {
        await using var hospital = await NewAsync();
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await hospital.AnswerAsync(1);
        Assert.Equal("v1 Waiting Waiting", await LookAsync(hospital));
        var (queue, time) = (hospital.Clinic.Get<QueueResults>(), hospital.Clinic.Time);
        await using var db = hospital.Clinic.Context();
        await db.OutgoingResults.Where(r => r.Kind == ResultKind.Picture)
            .ExecuteUpdateAsync(s => s.SetProperty(r => r.State, DeliveryState.Failed), Cancellation);
        // Analysed, and not queued yet.
        await hospital.AnswerAsync(2);
        time.Advance(TimeSpan.FromMinutes(1));
        var destination = hospital.Clinic.Get<IOptions<HospitalOptions>>().Value.Destinations[0];
        (destination.FhirServer, destination.AeTitle, destination.Host) = ("http://127.0.0.1:9/fhir", "", "");

        await queue.PrepareAsync(Cancellation);
        Assert.Equal("", await KindsAsync(ResultKind.Fhir));
        Assert.Equal("Failed Cancelled", await KindsAsync(ResultKind.Picture, ResultKind.Report));
        time.Advance(TimeSpan.FromMinutes(1));
        await TestHospital.PredictAsync(hospital.Clinic.Context, await StudyAsync(), 0.2, time.GetUtcNow());
        await hospital.AnswerAsync(3);
        // Once is enough.
        await queue.PrepareAsync(Cancellation);
        await LookAsync(hospital);

        Assert.Equal("Waiting Waiting", await KindsAsync(ResultKind.Fhir));
        Assert.Equal("Failed Cancelled", await KindsAsync(ResultKind.Picture, ResultKind.Report));

        async Task<Guid> StudyAsync() => (await db.OutgoingResults.FirstAsync(Cancellation)).StudyId;

        async Task<string> KindsAsync(params ResultKind[] kinds)
        {
            await queue.RunAsync(null, Cancellation);
            return string.Join(' ', await db.OutgoingResults.AsNoTracking().Where(r => kinds.Contains(r.Kind)).OrderBy(r => r.Kind)
                .Select(r => r.State).ToListAsync(Cancellation));
        }
    }

    [Fact]
    public async Task WithheldWithdrawnOrNoDicom_NeverQueued()
    {
        await using var hospital = await NewAsync();
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        var png = await hospital.Clinic.UploadAsync(5);
        await TestHospital.PredictAsync(hospital.Clinic.Context, png, 0.9, hospital.Clinic.Time.GetUtcNow());
        var (withheld, withdrawn, demanded) = (await hospital.AnswerAsync(1), await hospital.AnswerAsync(2), await hospital.AnswerAsync(3));
        await using (var db = hospital.Clinic.Context())
        {
            (await db.Studies.SingleAsync(s => s.Id == withheld, Cancellation)).Status = StudyStatus.Withheld;
            (await db.Studies.SingleAsync(s => s.Id == demanded, Cancellation)).StatusReason = "a lateral view, and asked for all the same";
            await db.SaveChangesAsync(Cancellation);
        }

        await WithdrawAsync(hospital, withdrawn);
        Assert.Equal("", await LookAsync(hospital));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task AnswersOfBefore_AreNotSent_AndThoseWhileItIsStoppedAre()
    {
        await using var hospital = new TestHospital(StoragePeer.Destination(FreePort.Find()));
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await hospital.AnswerAsync(1);
        hospital.Clinic.Time.Advance(TimeSpan.FromMinutes(1));
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        Assert.Equal("", await LookAsync(hospital));

        Assert.Null(await hospital.Clinic.Get<SwitchDestination>().RunAsync(StoragePeer.Ae, true, TestClinic.Admin, Cancellation));
        await hospital.AnswerAsync(2);
        Assert.Equal("v1 Waiting Waiting", await LookAsync(hospital));
    }

    internal static async Task WithdrawAsync(TestHospital hospital, Guid study) =>
        await ChangeAsync(hospital, study, p => p with { IsWithdrawn = true });

    internal static async Task ChangeAsync(TestHospital hospital, Guid study, Func<StudyParticulars, StudyParticulars> change)
    {
        await using var db = hospital.Clinic.Context();
        var before = StudyParticulars.Of(await db.AllStudies.SingleAsync(s => s.Id == study, Cancellation));
        var last = await db.StudyChanges.Where(c => c.StudyId == study).MaxAsync(c => (long?)c.Id, Cancellation) ?? 0;
        var result = await hospital.Clinic.Get<ChangeStudy>().RunAsync(
            new(study, change(before), "mistaken", last, IsConfirmed: true), TestClinic.Lead, Cancellation);
        Assert.IsType<ChangeStudyResult.Changed>(result);
    }
}
