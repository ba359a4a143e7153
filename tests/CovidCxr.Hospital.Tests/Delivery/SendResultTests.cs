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
    internal static async Task<(TestHospital Hospital, Guid Study)> NewAsync(
        int port, string ae = StoragePeer.Ae, params (string, string)[] more)
    {
        TestHospital.NeedDcmtk();
        var hospital = new TestHospital([.. StoragePeer.Destination(port, ae), .. more]);
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        var study = await hospital.AnswerAsync(1);
        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);
        return (hospital, study);
    }

    internal static Task<SendTurn> SendAsync(TestHospital hospital) => hospital.Clinic.Get<SendResult>().RunAsync(
        hospital.Clinic.Get<IOptions<HospitalOptions>>().Value.Destinations[0], Cancellation);

    internal static async Task<OutgoingResult> FirstAsync(TestHospital hospital)
    {
        await using var db = hospital.Clinic.Context();
        return await db.OutgoingResults.AsNoTracking().OrderBy(r => r.Id).FirstAsync(Cancellation);
    }

    [Fact]
    public async Task KeyObjects_WaitForTheirPictureAndReport_AndAreNoneWhereItIsNot()
    {
        using var folder = new TestFolder();
        using var peer = new StoragePeer(folder.Data.Root);
        var (hospital, _) = await NewAsync(peer.Port, StoragePeer.Ae, ("Hospital:Destinations:0:KeyObjects", "true"));
        await using var own = hospital;
        await peer.StartAsync();
        await using var db = hospital.Clinic.Context();
        var keys = db.OutgoingResults.Where(r => r.Kind == ResultKind.KeyObjects);
        var picture = db.OutgoingResults.Where(r => r.Kind == ResultKind.Picture);
        await picture.ExecuteUpdateAsync(
            s => s.SetProperty(r => r.NotBefore, hospital.Clinic.Time.GetUtcNow().AddHours(1)), Cancellation);

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));
        Assert.Equal(SendTurn.Nothing, await SendAsync(hospital));
        Assert.Equal("Waiting Delivered Waiting", await StatesAsync());
        await picture.ExecuteUpdateAsync(s => s.SetProperty(r => r.State, DeliveryState.Cancelled), Cancellation);
        Assert.Equal(SendTurn.Done, await SendAsync(hospital));
        Assert.Equal("Cancelled Delivered Cancelled", await StatesAsync());
        Assert.Equal("Its picture is not in the archive.", (await keys.SingleAsync(Cancellation)).Reason);
        Assert.Single(peer.Uids);

        await hospital.AnswerAsync(2);
        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);
        foreach (var expected in new[] { SendTurn.Done, SendTurn.Done, SendTurn.Done, SendTurn.Nothing })
        {
            Assert.Equal(expected, await SendAsync(hospital));
        }

        Assert.Equal(4, peer.Uids.Count);

        // Switched off, what waits for it is settled.
        await keys.ExecuteUpdateAsync(s => s.SetProperty(r => r.State, DeliveryState.Failed), Cancellation);
        hospital.Clinic.Get<IOptions<HospitalOptions>>().Value.Destinations[0].KeyObjects = false;
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        Assert.True(await keys.AllAsync(r => r.State == DeliveryState.Cancelled, Cancellation));

        async Task<string> StatesAsync() =>
            string.Join(' ', await db.OutgoingResults.AsNoTracking().OrderBy(r => r.Kind).Select(r => r.State).ToListAsync(Cancellation));
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
            // Which of them goes first is left to chance.
            audit.Select(a => (a.Detail!, a.StudyId!.Value)).Order());
        Assert.DoesNotContain(hospital.Clinic.Logs.Lines, l => l.Contains(TestHospital.Patient, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ArchiveThatIsNotThere_IsTriedAgain_WithAGrowingWait()
    {
        var port = FreePort.Find();
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
        var (hospital, study) = await NewAsync(FreePort.Find());
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
        var (hospital, study) = await NewAsync(FreePort.Find());
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
        var (hospital, _) = await NewAsync(FreePort.Find());
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

    internal static Task<string?> ControlAsync(
        TestHospital hospital, Guid id, ResultAction action, Actor? actor = null, string? reason = null) =>
        hospital.Clinic.Get<ControlResult>().RunAsync(id, action, actor ?? TestClinic.Admin, Cancellation, reason);

    internal static async Task<IReadOnlyList<ListedResult>> ListAsync(TestHospital hospital) =>
        (await hospital.Clinic.Get<ListResults>().RunAsync(new(), TestClinic.Admin, Cancellation)).Results;

    internal static async Task<string?> AlarmAsync(TestHospital hospital)
    {
        var alarm = (await ListAsync(hospital)).Single(r => r.Result.State == DeliveryState.Delivered).Alarm;
        Assert.Equal(alarm, Assert.Single(await hospital.Clinic.Get<ListResults>().AlarmsAsync(TestClinic.Admin, Cancellation)).Alarm);
        return alarm;
    }
}
