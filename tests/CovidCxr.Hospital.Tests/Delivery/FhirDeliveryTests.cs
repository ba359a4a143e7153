using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Hospital.Peers;
using CovidCxr.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using static CovidCxr.Hospital.Tests.Delivery.SendResultTests;

namespace CovidCxr.Hospital.Tests.Delivery;

/// <summary>One transaction after the other, to a FHIR server that is well, and to one that is not.</summary>
[Trait("Speed", "Slow")]
public sealed class FhirDeliveryTests
{
    internal const string Token = "eyJ.SECRET-token_1";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A clinic whose answers leave at once, with so many of them queued.</summary>
    internal static async Task<TestHospital> NewAsync(FhirPeer peer, int answers = 1, params (string Key, string Value)[] more)
    {
        var hospital = new TestHospital(peer.Destination(more));
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        for (var i = 1; i <= answers; i++)
        {
            await hospital.AnswerAsync(i);
        }

        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);
        return hospital;
    }

    /// <summary>Posts are answered otherwise; what else is asked is answered as it should be.</summary>
    internal static void InsteadOfPosts(FhirPeer peer, Func<HttpContext, Task> answer) => peer.Instead = async context =>
    {
        if (context.Request.Method != "POST")
        {
            return false;
        }

        await answer(context);
        return true;
    };

    internal static async Task<(DeliveryState State, string? Reason, bool MayBeThere)> RowAsync(TestHospital hospital)
    {
        var row = await FirstAsync(hospital);
        return (row.State, row.Reason, row.SentAfterChange is not null);
    }

    /// <summary>Neither the patient nor the token, wherever a person may read.</summary>
    internal static async Task AssertDiscreetAsync(TestHospital hospital, params string[] secrets)
    {
        await using var db = hospital.Clinic.Context();
        var words = string.Join('\n', hospital.Clinic.Logs.Lines)
            + string.Join('\n', await db.OutgoingResults.Select(r => r.Reason).ToListAsync(Cancellation))
            + string.Join('\n', await db.Audit.Select(a => a.Detail).ToListAsync(Cancellation));
        Assert.All([TestHospital.Patient, Token, .. secrets], s => Assert.DoesNotContain(s, words, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answer_ThenReadThenCorrected_IsThereOnceInEachVersion()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer, 1, ("Token", Token));
        await using var db = hospital.Clinic.Context();
        var study = (await db.Studies.SingleAsync(Cancellation)).Id;
        Assert.Equal("v1 Waiting", await QueueResultsTests.StatesAsync(hospital));
        Assert.Equal(SendTurn.Done, await SendAsync(hospital));
        Assert.Equal(SendTurn.Nothing, await SendAsync(hospital));

        var shown = (await db.Studies.SingleAsync(Cancellation)).PredictionId;
        await hospital.Clinic.ReadAsync(study, ReadingStage.Concurrent, shown: shown, opinion: Opinion.Covid19);
        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);
        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal("v1 Delivered, v2 Delivered", await QueueResultsTests.StatesAsync(hospital));
        Assert.Equal(["preliminary", "final"], peer.All("DiagnosticReport").Select(r => (string)r["status"]!));
        Assert.Equal(["preliminary", "final"], peer.All("Observation").Select(r => (string)r["status"]!));
        Assert.Equal(
            (1, 1, 2), (peer.All("Device").Count, peer.All("ImagingStudy").Count, peer.All("Provenance").Count));
        Assert.Equal(await db.OutgoingResults.OrderBy(r => r.Id).Select(r => r.InstanceUid).ToListAsync(Cancellation), peer.Reports);
        Assert.All(peer.Requests, r => Assert.Equal($"Bearer {Token}", r.Authorization));
        Assert.All(peer.Requests, r => Assert.DoesNotContain(TestHospital.Patient, r.Path, StringComparison.Ordinal));
        // It goes from memory: nothing of a patient is on the disk besides.
        Assert.False(Directory.Exists(hospital.Clinic.Folder.Data.Outgoing));
        Assert.Equal("Fhir, version 1, to EHR", (await hospital.Clinic.AuditAsync(AuditAction.ResultDelivery))[0].Detail);
        Assert.Equal(1, await hospital.Clinic.CountAsync<Disclosure>());
        await AssertDiscreetAsync(hospital);
    }

    [Fact]
    public async Task BlindedFirst_NothingGoesBeforeTheLock()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer);
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.BlindedFirst);

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal((DeliveryState.Waiting, "Somebody has yet to read the film blinded.", false), await RowAsync(hospital));
        Assert.Empty(peer.Requests);
    }

    /// <summary>
    /// It stored all of it, and then the connection broke, or something behind it did. After a 504 it may still be at work on it.
    /// </summary>
    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(504)]
    public async Task AnswerThatGotLost_IsAskedForAgain_AndDoublesNothing(int status)
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer);
        InsteadOfPosts(peer, async context =>
        {
            await peer.ServeAsync(context.Request);
            context.Response.StatusCode = status == 0 ? 200 : status;
            if (status == 0)
            {
                context.Abort();
            }
        });
        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));
        Assert.Equal((DeliveryState.Waiting, true), await RowAsync(hospital) is var (state, _, may) ? (state, may) : default);
        Assert.Single(peer.Reports);
        Assert.Equal(1, await hospital.Clinic.CountAsync<Disclosure>());

        peer.Instead = _ => Task.FromResult(false);
        var wait = status == 504 ? SendResult.LongestWait : SendResult.FirstWait;
        hospital.Clinic.Time.Advance(wait - TimeSpan.FromSeconds(1));
        Assert.Equal(SendTurn.Nothing, await SendAsync(hospital));
        hospital.Clinic.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal((DeliveryState.Delivered, (string?)null, true), await RowAsync(hospital));
        Assert.Equal(
            [1, 1, 1, 1, 1],
            new[] { "Device", "ImagingStudy", "Observation", "DiagnosticReport", "Provenance" }.Select(t => peer.All(t).Count));
    }

    [Fact]
    public async Task ServerThatIsBusy_IsLeftAloneAsLongAsItSays()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer, 2);
        InsteadOfPosts(peer, context =>
        {
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "300";
            return Task.CompletedTask;
        });
        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));
        peer.Instead = _ => Task.FromResult(false);

        // What comes meanwhile waits too.
        await hospital.AnswerAsync(3);
        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);
        hospital.Clinic.Time.Advance(TimeSpan.FromSeconds(299));
        Assert.Equal(SendTurn.Nothing, await SendAsync(hospital));
        hospital.Clinic.Time.Advance(TimeSpan.FromSeconds(1));
        for (var i = 1; i <= 3; i++)
        {
            Assert.Equal(SendTurn.Done, await SendAsync(hospital));
        }

        Assert.Equal(3, peer.Reports.Count());
    }

    [Fact]
    public async Task ServerThatWantsToBeLeftAloneForYears_IsAskedWithinTheHour()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer);
        InsteadOfPosts(peer, context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "Fri, 31 Dec 2399 23:59:59 GMT";
            return Task.CompletedTask;
        });

        await SendAsync(hospital);

        Assert.Equal(SendResult.LongestAsked, (await FirstAsync(hospital)).NotBefore - hospital.Clinic.Time.GetUtcNow());
    }

    [Fact]
    public async Task TokenThatRanOut_HoldsEverythingBack_AndANewOneSendsIt()
    {
        await using var peer = await FhirPeer.StartAsync();
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Data.Root, "token");
        await File.WriteAllTextAsync(file, $"{Token}\n", Cancellation);
        await using var hospital = await NewAsync(peer, 1, ("TokenFile", file));
        InsteadOfPosts(peer, async context =>
        {
            if (context.Request.Headers.Authorization == "Bearer new")
            {
                await peer.AnswerAsync(context);
                return;
            }

            context.Response.StatusCode = 401;
        });
        for (var attempt = 1; attempt <= SendResult.MostRefusals + 1; attempt++)
        {
            Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));
            hospital.Clinic.Time.Advance(SendResult.LongestWait);
        }

        Assert.Equal(
            (DeliveryState.Waiting, "It does not let this program in (status 401): look at the token.", false), await RowAsync(hospital));
        File.Delete(file);
        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));
        Assert.Equal("The file of its token holds none that can be read.", (await RowAsync(hospital)).Reason);
        hospital.Clinic.Time.Advance(SendResult.LongestWait);
        await File.WriteAllTextAsync(file, "new", Cancellation);
        Assert.Equal(SendTurn.Done, await SendAsync(hospital));
        Assert.Equal(DeliveryState.Delivered, (await RowAsync(hospital)).State);
        await AssertDiscreetAsync(hospital);
    }

    [Fact]
    public async Task ServerThatIsNotThere_IsTriedAgain_AndHasCertainlyNothing()
    {
        var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer);
        await peer.DisposeAsync();

        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));

        var (state, reason, mayBeThere) = await RowAsync(hospital);
        Assert.Equal((DeliveryState.Waiting, false), (state, mayBeThere));
        Assert.StartsWith("Nothing answers at 127.0.0.1:", reason, StringComparison.Ordinal);
        Assert.Equal(SendResult.FirstWait, (await FirstAsync(hospital)).NotBefore - hospital.Clinic.Time.GetUtcNow());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task PatientOfTheServer_IsReferredTo_AndAStrangerIsARefusal(bool isKnown)
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer, 1, ("PatientSystem", FhirPeer.PatientSystem));
        if (isKnown)
        {
            peer.Patients.Add($"{TestHospital.Patient}-1");
        }

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal(
            isKnown
                ? (DeliveryState.Delivered, (string?)null, true)
                : (DeliveryState.Waiting, "It refused the report (status 400: processing at Bundle.entry[2].resource HAPI-1091).", false),
            await RowAsync(hospital));
        await AssertDiscreetAsync(hospital);
    }

    [Fact]
    public async Task ReportsOfTwoPatients_StandInTheChartOfEach()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer, 2, ("PatientSystem", FhirPeer.PatientSystem));
        peer.Patients.Add($"{TestHospital.Patient}-2");
        peer.Patients.Add($"{TestHospital.Patient}-1");

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));
        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal(
            [("Patient/1", $"{TestHospital.Patient}-2"), ("Patient/2", $"{TestHospital.Patient}-1")],
            peer.All("DiagnosticReport").Select(r => r["subject"]!)
                .Select(s => ((string)s["reference"]!, (string)s["identifier"]!["value"]!)).Order());
        Assert.Equal("v1 Delivered Delivered", await QueueResultsTests.StatesAsync(hospital));
    }

    [Fact]
    public async Task ReportThatIsThereTwice_IsShownToAPerson()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer);
        peer.Instead = async context =>
        {
            if (context.Request.Method != "GET" || context.Request.Path != "/fhir/DiagnosticReport")
            {
                return false;
            }

            var (status, body) = await peer.ServeAsync(context.Request);
            body["entry"]!.AsArray().Add(body["entry"]![0]!.DeepClone());
            await FhirPeer.WriteAsync(context, (status, body));
            return true;
        };

        await SendAsync(hospital);

        Assert.Equal("It has the report more than once: look there, and remove all but one.", (await RowAsync(hospital)).Reason);
    }

    [Fact]
    public async Task FilmThatMovedSince_RaisesTheAlarm_AndAFilmWithoutANumberIsNotSent()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer);
        await SendAsync(hospital);
        await using var db = hospital.Clinic.Context();
        var study = (await db.Studies.SingleAsync(Cancellation)).Id;
        await QueueResultsTests.ChangeAsync(hospital, study, p => p with { PatientNumber = "P-OTHER" });
        Assert.Equal("The film was moved to another patient since: remove the object there.", await AlarmAsync(hospital));

        await hospital.AnswerAsync(2, film: TestHospital.Film(2, patient: ""));
        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);
        Assert.Equal(SendTurn.Done, await SendAsync(hospital));
        Assert.Equal(
            "The film says no patient number, and a FHIR server files by it.",
            (await db.OutgoingResults.SingleAsync(r => r.State == DeliveryState.Cancelled, Cancellation)).Reason);
        Assert.Single(peer.Reports);
    }

    /// <summary>What a proxy calls loopback is another machine.</summary>
    [Fact]
    public async Task ServerOnThisMachine_IsAskedWithoutTheSystemsProxy()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer);

        using var worker = await SendingWorker.StartAsync(
            hospital.Clinic.Folder.Data.Root, peer.Destination(), ("http_proxy", $"http://127.0.0.1:{FreePort.Find()}"), ("no_proxy", ""));

        await using var db = hospital.Clinic.Context();
        await TestHospital.WaitAsync(() => db.OutgoingResults.AnyAsync(r => r.SettledAt != null || r.Reason != null, Cancellation));
        Assert.Equal((DeliveryState.Delivered, (string?)null, true), await RowAsync(hospital));
    }

    /// <summary>Nobody foresaw what went wrong, but the server has the report.</summary>
    [Fact]
    public async Task AttemptThatEndsInAnErrorHere_IsNotedAsLeft()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer);
        InsteadOfPosts(peer, context =>
        {
            // So that the report is not asked for.
            hospital.Clinic.Get<IOptions<HospitalOptions>>().Value.Destinations[0].FhirServer = "nowhere";
            return peer.AnswerAsync(context);
        });

        await Assert.ThrowsAsync<InvalidOperationException>(() => SendAsync(hospital));

        Assert.Single(peer.Reports);
        Assert.NotNull((await FirstAsync(hospital)).SentAfterChange);
        Assert.Equal(1, await hospital.Clinic.CountAsync<Disclosure>());
    }

    /// <summary>The configuration calls another thing by the name of before.</summary>
    [Fact]
    public async Task WhatWaitsForAnArchive_DoesNotGoToAFhirServerOfItsName()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await NewAsync(peer);
        await using var db = hospital.Clinic.Context();
        await db.OutgoingResults.ExecuteUpdateAsync(s => s.SetProperty(r => r.Kind, ResultKind.Picture), Cancellation);

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal((DeliveryState.Cancelled, "The destination is one of another kind by now.", false), await RowAsync(hospital));
        Assert.Empty(peer.Requests);
    }
}
