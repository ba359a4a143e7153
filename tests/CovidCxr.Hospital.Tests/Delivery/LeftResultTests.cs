using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using static CovidCxr.Hospital.Tests.Delivery.SendResultTests;

namespace CovidCxr.Hospital.Tests.Delivery;

/// <summary>What is in the archive, or may be: what becomes of it, and who may have seen it there.</summary>
[Trait("Speed", "Slow")]
public sealed class LeftResultTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>An archive that is there, behind a connection that a test can break.</summary>
    static async Task<(TestHospital Hospital, Guid Study)> BehindAsync(StoragePeer peer, Relay relay)
    {
        var (hospital, study) = await NewAsync(relay.Port);
        await peer.StartAsync();
        return (hospital, study);
    }

    [Fact]
    public async Task AcceptanceThatGotLost_RaisesTheAlarmOfWhatIsThere()
    {
        using var folder = new TestFolder();
        using var peer = new StoragePeer(folder.Data.Root);
        using var relay = new Relay(peer.Port) { LosesAnswers = true };
        var (hospital, study) = await BehindAsync(peer, relay);
        await using var _ = hospital;
        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));
        Assert.Single(peer.Uids);
        Assert.Equal((DeliveryState.Waiting, 0L), await FirstAsync(hospital) is var sent ? (sent.State, sent.SentAfterChange) : default);
        hospital.Clinic.Time.Advance(SendResult.FirstWait);

        await QueueResultsTests.ChangeAsync(hospital, study, p => p with { PatientNumber = "P-OTHER" });
        await SendAsync(hospital);

        Assert.Equal("v1 Cancelled Waiting", await QueueResultsTests.StatesAsync(hospital));
        var alarm = Assert.Single(await hospital.Clinic.Get<ListResults>().AlarmsAsync(TestClinic.Admin, Cancellation));
        Assert.Equal(
            ("The film was moved to another patient since: it may be there, so look, and remove it.", peer.Uids.Single()),
            (alarm.Alarm, alarm.Result.InstanceUid));
        // Nor is it forgotten that it left.
        Assert.Equal(1, await hospital.Clinic.CountAsync<Disclosure>());
    }

    [Fact]
    public async Task AnswerOfWhichNothingLeft_RaisesNoAlarm_AndIsNoDisclosure()
    {
        var (hospital, study) = await NewAsync(FreePort.Find());
        await using var _ = hospital;
        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));
        await QueueResultsTests.WithdrawAsync(hospital, study);

        Assert.Empty(await hospital.Clinic.Get<ListResults>().AlarmsAsync(TestClinic.Admin, Cancellation));
        Assert.Equal(0, await hospital.Clinic.CountAsync<Disclosure>());
    }

    [Fact]
    public async Task FilmThatMovesWhileItsAnswerIsSent_RaisesTheAlarm()
    {
        using var folder = new TestFolder();
        using var peer = new StoragePeer(folder.Data.Root);
        using var relay = new Relay(peer.Port);
        var (hospital, study) = await BehindAsync(peer, relay);
        await using var _ = hospital;
        relay.Meanwhile = () => QueueResultsTests.ChangeAsync(hospital, study, p => p with { PatientNumber = "P-OTHER" });

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal("v1 Delivered Waiting", await QueueResultsTests.StatesAsync(hospital));
        Assert.Equal("The film was moved to another patient since: remove the object there.", await AlarmAsync(hospital));
    }

    [Fact]
    public async Task ScoreAskedForAlthoughWithheld_DoesNotSilenceTheAlarm()
    {
        var (hospital, study) = await NewAsync(FreePort.Find());
        await using var _ = hospital;
        await using (var db = hospital.Clinic.Context())
        {
            await db.OutgoingResults.ExecuteUpdateAsync(
                s => s.SetProperty(r => r.State, DeliveryState.Delivered).SetProperty(r => r.SentAfterChange, 0), Cancellation);
            (await db.Studies.SingleAsync(s => s.Id == study, Cancellation)).StatusReason = "a lateral view, and asked for all the same";
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Equal(2, (await hospital.Clinic.Get<ListResults>().AlarmsAsync(TestClinic.Admin, Cancellation)).Count);
    }

    /// <summary>A slow archive: a second program on the database waits for the end.</summary>
    [Fact]
    public async Task SlowSend_StaysTheOneProgramsOwn()
    {
        using var folder = new TestFolder();
        using var peer = new StoragePeer(folder.Data.Root);
        using var relay = new Relay(peer.Port);
        var (hospital, _) = await BehindAsync(peer, relay);
        await using var __ = hospital;
        await using (var db = hospital.Clinic.Context())
        {
            await db.OutgoingResults.Where(r => r.Kind == ResultKind.Report).ExecuteDeleteAsync(Cancellation);
        }

        List<SendTurn> other = [];
        relay.Meanwhile = async () =>
        {
            for (var i = 0; i < 2; i++)
            {
                var time = hospital.Clinic.Time;
                time.Advance(SendResult.FirstWait - TimeSpan.FromSeconds(1));
                await TestHospital.WaitAsync(
                    async () => (await FirstAsync(hospital)).NotBefore == time.GetUtcNow() + SendResult.FirstWait);
            }

            other.Add(await SendAsync(hospital));
        };

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal([SendTurn.Nothing], other);
        Assert.Equal(DeliveryState.Delivered, (await FirstAsync(hospital)).State);
    }

    /// <summary>Who could see it in the archive is not asked: nobody reads the film blind any more, except who had begun.</summary>
    [Fact]
    public async Task AnswerThatLeft_IsDisclosedToEverybodyWhoHasNotReadTheFilm()
    {
        using var folder = new TestFolder();
        using var peer = new StoragePeer(folder.Data.Root);
        var (hospital, study) = await NewAsync(peer.Port);
        await using var _ = hospital;
        var clinic = hospital.Clinic;
        await clinic.SetPolicyAsync(ReadingPolicy.BlindedFirst);
        await clinic.ReadAsync(study, ReadingStage.Blind);
        Assert.Equal((ReadingStage.Blind, true), await OpenAsync(hospital, study, TestClinic.OtherReader));
        await peer.StartAsync();

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal((ReadingStage.Concurrent, false), await OpenAsync(hospital, study, TestClinic.OtherReader));
        Assert.Equal((ReadingStage.Final, false), await OpenAsync(hospital, study, TestClinic.Reader));
        Assert.IsType<RecordReadingResult.Refused>(await clinic.ReadAsync(study, ReadingStage.Blind, TestClinic.OtherReader));
    }

    /// <summary>Who locks an opinion while a slow archive takes the answer may have seen it there.</summary>
    [Fact]
    public async Task AnswerThatIsLongOnItsWay_IsDisclosedFromTheMomentBefore()
    {
        using var folder = new TestFolder();
        using var peer = new StoragePeer(folder.Data.Root);
        using var relay = new Relay(peer.Port);
        var (hospital, _) = await BehindAsync(peer, relay);
        await using var __ = hospital;
        var before = hospital.Clinic.Time.GetUtcNow();
        relay.Meanwhile = () =>
        {
            hospital.Clinic.Time.Advance(TimeSpan.FromMinutes(3));
            return Task.CompletedTask;
        };

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        await using var db = hospital.Clinic.Context();
        Assert.Equal(before, (await db.Disclosures.SingleAsync(Cancellation)).At);
    }

    static async Task<(ReadingStage? Next, bool IsHidden)> OpenAsync(TestHospital hospital, Guid study, Actor reader)
    {
        var detail = await hospital.Clinic.Get<GetStudy>().RunAsync(study, isView: false, reader, Cancellation);
        return (detail!.NextStage, !detail.IsRevealed);
    }

    /// <summary>A kill amid a send leaves no trace but the mark of before.</summary>
    [Fact]
    public async Task Sweep_AfterAKillAmidASend_NotesThatItMayHaveLeft()
    {
        var (hospital, study) = await NewAsync(FreePort.Find());
        await using var _ = hospital;
        await using (var db = hospital.Clinic.Context())
        {
            await db.OutgoingResults.Where(r => r.Kind == ResultKind.Picture)
                .ExecuteUpdateAsync(s => s.SetProperty(r => r.SentAfterChange, 0), Cancellation);
        }

        await hospital.Clinic.Get<SendResult>().SweepAsync(Cancellation);
        await hospital.Clinic.Get<SendResult>().SweepAsync(Cancellation);

        await using var after = hospital.Clinic.Context();
        var left = await after.Disclosures.SingleAsync(Cancellation);
        Assert.Equal((Disclosure.Everybody, study), (left.ReaderId, left.StudyId));
    }

    [Fact]
    public async Task Sweep_ThatCannotNoteWhatLeft_LeavesTheFolderForTheNext()
    {
        await using var hospital = new TestHospital(StoragePeer.Destination(FreePort.Find()));
        var left = Directory.CreateDirectory(hospital.Clinic.Folder.Data.Outgoing);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hospital.Clinic.Get<SendResult>().SweepAsync(new(canceled: true)));
        left.Refresh();
        Assert.True(left.Exists);

        await hospital.Clinic.Get<SendResult>().SweepAsync(Cancellation);
        left.Refresh();
        Assert.False(left.Exists);
    }

    /// <summary>The first sweep meets a database that has no such table.</summary>
    [Fact]
    public async Task Worker_WhoseSweepFails_SweepsAgain()
    {
        var (hospital, study) = await NewAsync(FreePort.Find());
        await using var _ = hospital;
        await using var db = hospital.Clinic.Context();
        await db.OutgoingResults.ExecuteUpdateAsync(
            s => s.SetProperty(r => r.SentAfterChange, 0).SetProperty(r => r.State, DeliveryState.Failed), Cancellation);
        await db.Database.ExecuteSqlAsync($"""ALTER TABLE "Disclosures" RENAME TO "Gone" """, Cancellation);
        using var worker = ActivatorUtilities.CreateInstance<DeliveryWorker>(hospital.Clinic.Services);
        await worker.StartAsync(Cancellation);
        await TestHospital.WaitAsync(() => Task.FromResult(
            hospital.Clinic.Logs.Lines.Any(l => l.Contains("SqliteException", StringComparison.Ordinal))));

        await db.Database.ExecuteSqlAsync($"""ALTER TABLE "Gone" RENAME TO "Disclosures" """, Cancellation);

        await TestHospital.WaitAsync(() => db.Disclosures.AnyAsync(d => d.StudyId == study, Cancellation));
        await worker.StopAsync(Cancellation);
    }

    /// <summary>More corrections that are no cause than are looked at in one part, since the one that is.</summary>
    [Fact]
    public async Task Alarm_OlderThanManyHarmlessChanges_IsShownAllTheSame()
    {
        var (hospital, study) = await NewAsync(FreePort.Find());
        await using var _ = hospital;
        var harmless = await hospital.AnswerAsync(2);
        await using (var db = hospital.Clinic.Context())
        {
            await db.OutgoingResults.Where(r => r.Kind == ResultKind.Report).ExecuteDeleteAsync(Cancellation);
            await db.OutgoingResults.ExecuteUpdateAsync(
                s => s.SetProperty(r => r.State, DeliveryState.Delivered).SetProperty(r => r.SentAfterChange, 0), Cancellation);
            db.OutgoingResults.AddRange(Enumerable.Range(1, 1001).Select(i => new OutgoingResult
            {
                StudyId = harmless,
                Destination = StoragePeer.Ae,
                Version = i,
                InstanceUid = $"2.25.{i}",
                State = DeliveryState.Delivered,
                SentAfterChange = 0,
            }));
            await db.SaveChangesAsync(Cancellation);
        }

        await QueueResultsTests.ChangeAsync(hospital, study, p => p with { PatientNumber = "P-OTHER" });
        await QueueResultsTests.ChangeAsync(hospital, harmless, p => p with { View = ViewPosition.AP });

        var alarm = Assert.Single(await hospital.Clinic.Get<ListResults>().AlarmsAsync(TestClinic.Admin, Cancellation));
        Assert.Equal(study, alarm.Result.StudyId);
    }

    [Fact]
    public async Task ObjectThatTheArchiveHasAlready_IsDeliveredOnceAPersonSaysSo()
    {
        var (hospital, _) = await NewAsync(FreePort.Find());
        await using var __ = hospital;
        var id = (await FirstAsync(hospital)).Id;
        Assert.NotNull(await ControlAsync(hospital, id, ResultAction.IsThere, reason: "seen in the viewer"));
        await SetAsync("It cannot understand the object (status C001).");
        Assert.NotNull(await ControlAsync(hospital, id, ResultAction.IsThere, reason: "seen in the viewer"));
        await SetAsync(StoreScu.AlreadyThere);
        Assert.Equal([false, true], (await ListAsync(hospital)).Select(r => r.CanBeThere));
        Assert.NotNull(await ControlAsync(hospital, id, ResultAction.IsThere, reason: " "));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => ControlAsync(hospital, id, ResultAction.IsThere, TestClinic.Lead, "seen in the viewer"));

        Assert.Null(await ControlAsync(hospital, id, ResultAction.IsThere, reason: "seen in the viewer"));

        Assert.Equal((DeliveryState.Delivered, "seen in the viewer"), await FirstAsync(hospital) is var r ? (r.State, r.Reason) : default);
        Assert.Contains("IsThere", (await hospital.Clinic.AuditAsync(AuditAction.ResultControl))[^1].Detail, StringComparison.Ordinal);

        async Task SetAsync(string reason)
        {
            await using var db = hospital.Clinic.Context();
            await db.OutgoingResults.Where(r => r.Id == id).ExecuteUpdateAsync(
                s => s.SetProperty(r => r.State, DeliveryState.Failed).SetProperty(r => r.Reason, reason), Cancellation);
        }
    }
}
