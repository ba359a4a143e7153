using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Hospital.Peers;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Tests.Delivery;

/// <summary>One object after the other, to an archive that is there, gone, full or of another name.</summary>
[Trait("Speed", "Slow")]
public sealed class SendResultTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A clinic whose answers leave at once, with one of them queued.</summary>
    static async Task<(TestHospital Hospital, Guid Study)> NewAsync(int port, string ae = StoragePeer.Ae)
    {
        TestHospital.NeedDcmtk();
        var hospital = new TestHospital(StoragePeer.Destination(port, ae));
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        var study = await hospital.AnswerAsync(1);
        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);
        return (hospital, study);
    }

    static Task<SendTurn> SendAsync(TestHospital hospital) => hospital.Clinic.Get<SendResult>().RunAsync(
        hospital.Clinic.Get<IOptions<HospitalOptions>>().Value.Destinations[0], Cancellation);

    static async Task<OutgoingResult> FirstAsync(TestHospital hospital)
    {
        await using var db = hospital.Clinic.Context();
        return await db.OutgoingResults.AsNoTracking().OrderBy(r => r.Id).FirstAsync(Cancellation);
    }

    [Fact]
    public async Task ArchiveThatIsThere_HasBothObjects_AndNothingElseIsKept()
    {
        using var folder = new TestFolder();
        using var peer = new StoragePeer(folder.Data.Root);
        var (hospital, study) = await NewAsync(peer.Port);
        await using var _ = hospital;
        await peer.StartAsync();

        foreach (var expected in new[] { SendTurn.Done, SendTurn.Done, SendTurn.Nothing })
        {
            Assert.Equal(expected, await SendAsync(hospital));
        }

        Assert.Equal("v1 Delivered Delivered", await QueueResultsTests.StatesAsync(hospital));
        await using var db = hospital.Clinic.Context();
        Assert.Equal((await db.OutgoingResults.Select(r => r.InstanceUid).ToListAsync(Cancellation)).Order(), peer.Uids.Order());
        Assert.Empty(Directory.GetFiles(hospital.Clinic.Folder.Data.Outgoing));
        var audit = await hospital.Clinic.AuditAsync(AuditAction.ResultDelivery);
        Assert.Equal(
            [("Picture, version 1, to PACS", study), ("Report, version 1, to PACS", study)],
            audit.Select(a => (a.Detail!, a.StudyId!.Value)));
        Assert.DoesNotContain(hospital.Clinic.Logs.Lines, l => l.Contains(TestHospital.Patient, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ArchiveThatIsNotThere_IsTriedAgain_WithAGrowingWait()
    {
        var port = TestHospital.FreePort();
        var (hospital, _) = await NewAsync(port);
        await using var __ = hospital;
        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));
        var first = await FirstAsync(hospital);
        Assert.Equal(
            (DeliveryState.Waiting, 1, 0, $"Nothing listens on port {port} of 127.0.0.1."),
            (first.State, first.Attempts, first.Refusals, first.Reason));
        Assert.Equal(SendResult.FirstWait, first.NotBefore - hospital.Clinic.Time.GetUtcNow());

        hospital.Clinic.Time.Advance(SendResult.FirstWait);
        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));
        Assert.Equal(2 * SendResult.FirstWait, (await FirstAsync(hospital)).NotBefore - hospital.Clinic.Time.GetUtcNow());
    }

    [Fact]
    public async Task ArchiveOfAnotherName_SaysSo()
    {
        // Our own receiver looks at names, which storescp does not.
        await using var other = new TestHospital();
        TestHospital.NeedDcmtk();
        await other.StartAsync();
        var (hospital, _) = await NewAsync(other.Port);
        await using var __ = hospital;
        await SendAsync(hospital);

        Assert.Equal("It does not go by the name PACS.", (await FirstAsync(hospital)).Reason);
    }

    [Theory]
    [InlineData("0xa700 (Refused: OutOfResources)", StoreAnswer.Unreachable, "A700")]
    [InlineData("0xa900 (Error: DataSetDoesNotMatchSOPClass)", StoreAnswer.Refused, "A900")]
    [InlineData("0xb000 (Warning: CoercionOfDataElements)", StoreAnswer.Refused, "warning (status B000)")]
    [InlineData("0xc001 (Error: CannotUnderstand)", StoreAnswer.Refused, "C001")]
    [InlineData("0x0111 (Error: Duplicate SOP instance)", StoreAnswer.Refused, "0111")]
    [InlineData("0x0000 (Success)", StoreAnswer.Taken, "0000")]
    [InlineData("<no acceptable presentation context>", StoreAnswer.Refused, "objects of this kind")]
    [InlineData("<not sent>", StoreAnswer.Unreachable, "ended before")]
    internal void Report_OfDcmsend_IsBelieved(string status, StoreAnswer answer, string part)
    {
        var result = StoreScu.Judge($"Number        : 1\nFilename      : x\nDIMSE Status  : {status}\n\n\nStatus Summary\n");

        Assert.Equal(answer, result.Answer);
        Assert.Contains(part, result.Reason, StringComparison.Ordinal);
        Assert.Equal(StoreAnswer.Unreachable, StoreScu.Judge("").Answer);
    }

    [Theory]
    [InlineData("0x0000 (Success)", true)]
    [InlineData("0xb000 (Warning: CoercionOfDataElements)", true)]
    [InlineData("0x0111 (Error: Duplicate SOP instance)", true)]
    [InlineData("<not sent>", true)]
    [InlineData("0xa700 (Refused: OutOfResources)", false)]
    [InlineData("0xc001 (Error: CannotUnderstand)", false)]
    [InlineData("<no acceptable presentation context>", false)]
    internal void Report_OfDcmsend_SaysWhetherItMayBeThere(string status, bool mayBeThere) => Assert.Equal(
        mayBeThere, StoreScu.Judge($"Number        : 1\nFilename      : x\nDIMSE Status  : {status}\n\n\n").MayBeThere);

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
        var (hospital, study) = await NewAsync(TestHospital.FreePort());
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
        var (hospital, study) = await NewAsync(TestHospital.FreePort());
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

    static async Task<(ReadingStage? Next, bool IsHidden)> OpenAsync(TestHospital hospital, Guid study, Actor reader)
    {
        var detail = await hospital.Clinic.Get<GetStudy>().RunAsync(study, isView: false, reader, Cancellation);
        return (detail!.NextStage, !detail.IsRevealed);
    }

    /// <summary>A kill amid a send leaves no trace but the mark of before.</summary>
    [Fact]
    public async Task Sweep_AfterAKillAmidASend_NotesThatItMayHaveLeft()
    {
        var (hospital, study) = await NewAsync(TestHospital.FreePort());
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
    public async Task ObjectThatTheArchiveHasAlready_IsDeliveredOnceAPersonSaysSo()
    {
        var (hospital, _) = await NewAsync(TestHospital.FreePort());
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

    /// <summary>dcmsend itself says 0 to a status of A700.</summary>
    [Fact]
    public async Task ArchiveThatIsFull_IsNotBelievedToHaveIt()
    {
        using var folder = new TestFolder();
        using var peer = new StoragePeer(folder.Data.Root);
        var (hospital, _) = await NewAsync(peer.Port);
        await using var __ = hospital;
        await peer.StartAsync();
        Directory.Delete(peer.Folder);

        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));
        Assert.Equal("It is out of resources (status A700).", (await FirstAsync(hospital)).Reason);
    }

    [Fact]
    public async Task WhatWasWithdrawnOrMoved_IsNotSent_AndWhatIsThereIsPointedAt()
    {
        using var folder = new TestFolder();
        using var peer = new StoragePeer(folder.Data.Root);
        var (hospital, study) = await NewAsync(peer.Port);
        await using var _ = hospital;
        await peer.StartAsync();
        await SendAsync(hospital);
        Assert.Empty(await hospital.Clinic.Get<ListResults>().AlarmsAsync(TestClinic.Admin, Cancellation));
        hospital.Clinic.Time.Advance(TimeSpan.FromMinutes(1));
        await QueueResultsTests.ChangeAsync(hospital, study, p => p with { PatientNumber = "P-OTHER" });

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));
        Assert.Equal("v1 Delivered Cancelled", await QueueResultsTests.StatesAsync(hospital));
        Assert.Equal("The film was moved to another patient since: remove the object there.", await AlarmAsync(hospital));
        await QueueResultsTests.WithdrawAsync(hospital, study);
        Assert.Equal("The film was withdrawn since: remove the object there.", await AlarmAsync(hospital));

        var cancelled = (await ListAsync(hospital))[0].Result;
        Assert.Null(await ControlAsync(hospital, cancelled.Id, ResultAction.Retry));
        await SendAsync(hospital);
        Assert.Equal("The film was withdrawn.", (await ListAsync(hospital))[0].Result.Reason);
        Assert.Single(peer.Uids);
    }

    /// <summary>An object that ends each attempt, or the program, is given up, and the others go on.</summary>
    [Fact]
    public async Task ObjectThatCannotBeMade_IsGivenUp()
    {
        var (hospital, study) = await NewAsync(TestHospital.FreePort());
        await using var _ = hospital;
        await using (var db = hospital.Clinic.Context())
        {
            await db.Predictions.Where(p => p.StudyId == study)
                .ExecuteUpdateAsync(s => s.SetProperty(p => p.HeatMaps, new byte[4]), Cancellation);
        }

        for (var attempt = 0; attempt < SendResult.MostRefusals; attempt++)
        {
            await Assert.ThrowsAnyAsync<ArgumentException>(() => SendAsync(hospital));
            await using var db = hospital.Clinic.Context();
            await db.OutgoingResults.ExecuteUpdateAsync(
                s => s.SetProperty(r => r.NotBefore, hospital.Clinic.Time.GetUtcNow()), Cancellation);
        }

        Assert.Equal(SendTurn.Nothing, await SendAsync(hospital));
        Assert.Equal("v1 Failed Waiting", await QueueResultsTests.StatesAsync(hospital));
    }

    [Fact]
    public async Task PolicyThatChanged_HoldsBackWhatWaits()
    {
        var (hospital, study) = await NewAsync(TestHospital.FreePort());
        await using var _ = hospital;
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.BlindedFirst);

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));
        var first = await FirstAsync(hospital);
        Assert.Equal(
            (DeliveryState.Waiting, 0, "Somebody has yet to read the film blinded."), (first.State, first.Attempts, first.Reason));
        await hospital.Clinic.ReadAsync(study, ReadingStage.Blind);
        hospital.Clinic.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));
    }

    [Fact]
    public async Task AdministratorStopsCancelsAndRetries_NobodyElse()
    {
        var (hospital, _) = await NewAsync(TestHospital.FreePort());
        await using var __ = hospital;
        var (clinic, switches) = (hospital.Clinic, hospital.Clinic.Get<SwitchDestination>());
        Assert.Null(await switches.RunAsync(StoragePeer.Ae, true, TestClinic.Admin, Cancellation));
        Assert.Equal(SendTurn.Nothing, await SendAsync(hospital));
        Assert.Null(await switches.RunAsync(StoragePeer.Ae, false, TestClinic.Admin, Cancellation));
        Assert.NotNull(await switches.RunAsync("ELSEWHERE", true, TestClinic.Admin, Cancellation));

        var id = (await FirstAsync(hospital)).Id;
        Assert.NotNull(await ControlAsync(hospital, id, ResultAction.Retry));
        Assert.Null(await ControlAsync(hospital, id, ResultAction.Cancel));
        // From a stale page.
        Assert.NotNull(await ControlAsync(hospital, id, ResultAction.Cancel));
        Assert.Equal("v1 Cancelled Waiting", await QueueResultsTests.StatesAsync(hospital));
        Assert.Null(await ControlAsync(hospital, id, ResultAction.Retry));
        Assert.Equal(4, (await clinic.AuditAsync(AuditAction.ResultControl)).Count);
        var view = Assert.Single(await clinic.Get<GetDestinations>().RunAsync(TestClinic.Admin, Cancellation));
        Assert.Equal(2, view.Counts[DeliveryState.Waiting]);
        foreach (var actor in new[] { TestClinic.Reader, TestClinic.Lead })
        {
            await Assert.ThrowsAsync<AccessRefusedException>(() => ControlAsync(hospital, id, ResultAction.Cancel, actor));
            await Assert.ThrowsAsync<AccessRefusedException>(() => switches.RunAsync(StoragePeer.Ae, true, actor, Cancellation));
            await Assert.ThrowsAsync<AccessRefusedException>(() => clinic.Get<ListResults>().RunAsync(new(), actor, Cancellation));
            await Assert.ThrowsAsync<AccessRefusedException>(() => clinic.Get<GetDestinations>().RunAsync(actor, Cancellation));
        }
    }

    static Task<string?> ControlAsync(TestHospital hospital, Guid id, ResultAction action, Actor? actor = null, string? reason = null) =>
        hospital.Clinic.Get<ControlResult>().RunAsync(id, action, actor ?? TestClinic.Admin, Cancellation, reason);

    static async Task<IReadOnlyList<ListedResult>> ListAsync(TestHospital hospital) =>
        (await hospital.Clinic.Get<ListResults>().RunAsync(new(), TestClinic.Admin, Cancellation)).Results;

    static async Task<string?> AlarmAsync(TestHospital hospital)
    {
        var alarm = (await ListAsync(hospital)).Single(r => r.Result.State == DeliveryState.Delivered).Alarm;
        Assert.Equal(alarm, Assert.Single(await hospital.Clinic.Get<ListResults>().AlarmsAsync(TestClinic.Admin, Cancellation)).Alarm);
        return alarm;
    }
}
