using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Hospital.Peers;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using static CovidCxr.Hospital.Tests.Delivery.SendResultTests;

namespace CovidCxr.Hospital.Tests.Delivery;

/// <summary>One message after the other (ORU^R01), to a receiver that is well, and to one that is not.</summary>
[Trait("Speed", "Slow")]
public sealed class Hl7DeliveryTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>A clinic whose answers leave at once, with so many of them queued.</summary>
    static async Task<TestHospital> NewAsync(MllpPeer peer, int answers = 1, params (string Key, string Value)[] more)
    {
        var hospital = new TestHospital([.. peer.Destination(more), ("Hospital:Hl7:Authority", "HOSP")]);
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        for (var i = 1; i <= answers; i++)
        {
            await hospital.AnswerAsync(i);
        }

        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);
        return hospital;
    }

    static async Task<(DeliveryState State, string? Reason, bool MayBeThere)> RowAsync(TestHospital hospital)
    {
        var row = await FirstAsync(hospital);
        return (row.State, row.Reason, row.SentAfterChange is not null);
    }

    [Fact]
    public async Task Answer_ThenReadThenCorrected_IsThereOnceInEachVersion()
    {
        await using var peer = new MllpPeer().Start();
        await using var hospital = await NewAsync(peer);
        await using var db = hospital.Clinic.Context();
        var study = (await db.Studies.SingleAsync(Cancellation)).Id;
        Assert.Equal(SendTurn.Done, await SendAsync(hospital));
        Assert.Equal(SendTurn.Nothing, await SendAsync(hospital));

        var shown = (await db.Studies.SingleAsync(Cancellation)).PredictionId;
        await hospital.Clinic.ReadAsync(study, ReadingStage.Concurrent, shown: shown, opinion: Opinion.Covid19);
        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);
        Assert.Equal(SendTurn.Done, await SendAsync(hospital));
        var reading = (await db.Readings.SingleAsync(Cancellation)).Id;
        await hospital.Clinic.ReadAsync(study, ReadingStage.Concurrent, shown: shown, opinion: Opinion.Normal, corrects: reading);
        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);
        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal("v1 Delivered, v2 Delivered, v3 Delivered", await QueueResultsTests.StatesAsync(hospital));
        var sent = peer.Messages.Select(Adt.Read).ToList();
        Assert.Equal(["P", "F", "C"], sent.Select(m => m.All("OBR").Single().Text(25)));
        Assert.All(sent, m => Assert.Single(m.All("OBX").Select(o => o.Text(11)).Append(m.All("OBR").Single().Text(25)).Distinct()));
        Assert.Equal(await db.OutgoingResults.OrderBy(r => r.Id).Select(r => r.InstanceUid).ToListAsync(Cancellation), peer.Ids);
        Assert.All(peer.Ids, id => Assert.Equal(20, id.Length));
        Assert.Equal("Hl7, version 1, to RIS", (await hospital.Clinic.AuditAsync(AuditAction.ResultDelivery))[0].Detail);
        Assert.Equal(1, await hospital.Clinic.CountAsync<Disclosure>());
        Assert.False(Directory.Exists(hospital.Clinic.Folder.Data.Outgoing));
        Assert.DoesNotContain(hospital.Clinic.Logs.Lines, l => l.Contains(TestHospital.Patient, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Message_SaysWhatTheReportsSay_AndOfThePatientNoName()
    {
        await using var peer = new MllpPeer().Start();
        await using var hospital = await NewAsync(peer);

        await SendAsync(hospital);

        var message = Adt.Read(peer.Messages.Single());
        Assert.Equal(["MSH", "PID", "OBR", "NTE"], message.Segments.Take(4).Select(s => s.Name));
        var (header, patient, order) = (message.Segments[0], message.Segments[1], message.Segments[2]);
        Assert.Equal(
            ("COVIDCXR", "RIS", "ORU", "R01", "P", "2.5.1", "UNICODE UTF-8"),
            (header.Text(3), header.Text(5), header.Text(9), header.Text(9, 2), header.Text(11), header.Text(12), header.Text(18)));
        Assert.Equal(
            ($"{TestHospital.Patient}-1", "HOSP", "MR", "", "", ""),
            (patient.Text(3), patient.Text(3, 4), patient.Text(3, 5), patient.Text(5), patient.Text(7), patient.Text(8)));
        Assert.Equal(("A1", "A1", "36554-4", "RAD"), (order.Text(3), order.Text(18), order.Text(4), order.Text(24)));
        Assert.EndsWith(
            "Decision support, not a diagnosis. Warning: The gate has not judged this version, and how many of its positive calls stay "
                + "with the lungs blacked out is not known.",
            message.Segments[3].Text(3), StringComparison.Ordinal);
        var observations = message.All("OBX").ToList();
        Assert.Equal(Enumerable.Range(1, observations.Count), observations.Select(o => int.Parse(o.Text(1), CultureInfo.InvariantCulture)));
        Assert.Equal(
            [
                ("CWE", "840539006", "PRESENT"), ("NM", "122157", "0.9"), ("NM", "THRESHOLD", "0.47"), ("NM", "BRIXIA", "7.75"),
                ("NM", "BRIXIA-LOWER", "4.5"), ("NM", "BRIXIA-UPPER", "11"), ("ST", "111001", "Densenet ?-169"),
                ("ST", "111003", "4, sha256 aaaaaaaaaaaa"), ("CWE", "ASSESSMENT", "NOT-READ"),
                ("ST", "110180", "1.2.826.0.1.3680043.10.999.1.1"),
            ],
            observations.Select(o => (o.Text(2), o.Text(3), o.Text(5))));
    }

    [Fact]
    public async Task BlindedFirst_NothingGoesBeforeTheLock()
    {
        await using var peer = new MllpPeer().Start();
        await using var hospital = await NewAsync(peer);
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.BlindedFirst);

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal((DeliveryState.Waiting, "Somebody has yet to read the film blinded.", false), await RowAsync(hospital));
        Assert.Empty(peer.Messages);
    }

    [Theory]
    [InlineData("AE|{0}|SECRET^NAME has no visit\rERR||PID^1^3|204^Unknown SECRET^HL70357|E||||SECRET",
        "It met an error in the message (AE: 204 at PID-3).", true)]
    [InlineData("AR|{0}|207\rERR|", "It rejected the message (AR: 207).", false)]
    [InlineData("AE|{0}\rERR|PID^1^5^101&SECRET", "It met an error in the message (AE: 101 at PID-5).", true)]
    [InlineData("CR|{0}|||SECRET|103^SECRET", "It rejected the message (CR: 103).", false)]
    public async Task Refusal_IsToldInCodesAlone_AndWaitsForAPersonInTheEnd(string answer, string reason, bool mayBeThere)
    {
        await using var peer = new MllpPeer().Start();
        peer.Answer = id => $"MSH|^~\\&|RIS||||||ACK|1|P|2.5.1\rMSA|{answer.Replace("{0}", id, StringComparison.Ordinal)}\r";
        await using var hospital = await NewAsync(peer);
        for (var attempt = 1; attempt <= SendResult.MostRefusals; attempt++)
        {
            Assert.Equal(SendTurn.Done, await SendAsync(hospital));
            hospital.Clinic.Time.Advance(SendResult.LongestWait);
        }

        Assert.Equal((DeliveryState.Failed, reason, mayBeThere), await RowAsync(hospital));
        Assert.Single(peer.Ids);
        Assert.Single(peer.Messages.Distinct());
        Assert.DoesNotContain(hospital.Clinic.Logs.Lines, l => l.Contains("SECRET", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null, "It ended the connection without an answer.", 0)]
    [InlineData("MSA|AA|another", "It acknowledged another message.", 1)]
    [InlineData("MSA|XX|{0}", "What it answered is no acknowledgement.", 1)]
    [InlineData("NTE|1", "What it answered is no acknowledgement.", 1)]
    public async Task AnswerThatIsNone_IsAskedForAgain_UnderTheSameId(string? answer, string reason, int refusals)
    {
        await using var peer = new MllpPeer().Start();
        var isFirst = true;
        peer.Answer = id =>
        {
            var acknowledgement = isFirst ? answer is null ? null
                : $"MSH|^~\\&|RIS||||||ACK|1|P|2.5.1\r{answer.Replace("{0}", id, StringComparison.Ordinal)}\r"
                : MllpPeer.Acknowledge("AA", id);
            isFirst = false;
            return acknowledgement;
        };
        await using var hospital = await NewAsync(peer);
        Assert.Equal(refusals == 0 ? SendTurn.Unreachable : SendTurn.Done, await SendAsync(hospital));
        Assert.Equal((DeliveryState.Waiting, reason, true), await RowAsync(hospital));
        // Silence is waited out for days; an answer that is none is not.
        Assert.Equal(refusals, (await FirstAsync(hospital)).Refusals);

        hospital.Clinic.Time.Advance(SendResult.FirstWait);
        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal(DeliveryState.Delivered, (await RowAsync(hospital)).State);
        Assert.Equal(2, peer.Messages.Count);
        Assert.Single(peer.Messages.Distinct());
    }

    [Fact]
    public async Task ReceiverThatIsSilent_IsGivenUpInTime_AndOneThatIsNotThereHasCertainlyNothing()
    {
        await using var peer = new MllpPeer().Start();
        peer.Answer = _ =>
        {
            Thread.Sleep(TimeSpan.FromSeconds(2));
            return null;
        };
        await using var hospital = await NewAsync(peer);
        hospital.Clinic.Get<MllpClient>().AnswerTimeout = TimeSpan.FromMilliseconds(300);
        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));
        Assert.Equal((DeliveryState.Waiting, "It did not answer in time.", true), await RowAsync(hospital));

        await using var gone = new MllpPeer();
        await using var other = await NewAsync(gone);
        Assert.Equal(SendTurn.Unreachable, await SendAsync(other));
        Assert.Equal(
            (DeliveryState.Waiting, $"Nothing listens on port {gone.Port} of 127.0.0.1.", false), await RowAsync(other));
    }

    /// <summary>Enhanced mode: the receiver says first that it has it, and then what came of it.</summary>
    [Fact]
    public async Task CommitAcknowledgement_IsNoDelivery()
    {
        await using var peer = new MllpPeer().Start();
        peer.Answer = id => MllpPeer.Acknowledge("CA", id);
        await using var hospital = await NewAsync(peer);
        hospital.Clinic.Get<MllpClient>().AnswerTimeout = TimeSpan.FromMilliseconds(300);

        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));

        Assert.Equal((DeliveryState.Waiting, "It did not answer in time.", true), await RowAsync(hospital));
    }

    [Fact]
    public async Task FilmWithoutANumber_IsNotSent()
    {
        await using var peer = new MllpPeer().Start();
        await using var hospital = await NewAsync(peer, answers: 0);
        await hospital.AnswerAsync(2, film: TestHospital.Film(2, patient: ""));
        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal(
            (DeliveryState.Cancelled, "The film says no patient number, and a receiver files by it.", false), await RowAsync(hospital));
        Assert.Empty(peer.Messages);
    }

    [Fact]
    public async Task NameThatBecameOneOfAnotherKind_BeginsAnew()
    {
        await using var peer = new MllpPeer().Start();
        await using var hospital = await NewAsync(peer);
        hospital.Clinic.Get<IOptions<HospitalOptions>>().Value.Destinations[0].Hl7Application = "";
        hospital.Clinic.Get<IOptions<HospitalOptions>>().Value.Destinations[0].AeTitle = "RIS";

        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);

        Assert.Equal("v1 Cancelled", await QueueResultsTests.StatesAsync(hospital));
    }

    /// <summary>Ten kills: before a message, amid one, after it was taken and before it was acknowledged.</summary>
    [Fact]
    public async Task ReceiverKilledAmidDeliveries_LosesNoneAndDoublesNone()
    {
        const int Answers = 60, Kills = 10;
        await using var peer = new MllpPeer().Start();
        await using var hospital = await NewAsync(peer, Answers);
        var (random, kills, killing) = (new Random(3), 0, Task.CompletedTask);
        peer.Answer = id =>
        {
            if (kills >= Kills || random.Next(4) > 0)
            {
                return MllpPeer.Acknowledge("AA", id);
            }

            kills++;
            // Its answer may be on its way, or not.
            var answer = random.Next(2) == 0 ? null : MllpPeer.Acknowledge("AA", id);
            killing = Task.Run(peer.KillAsync, Cancellation);
            return answer;
        };

        for (var turn = SendTurn.Done; turn != SendTurn.Nothing || await WaitingAsync() > 0;)
        {
            turn = await SendAsync(hospital);
            if (!killing.IsCompleted || (turn == SendTurn.Unreachable && kills > 0))
            {
                await killing;
                killing = Task.CompletedTask;
                await peer.KillAsync();
                peer.Start();
            }

            hospital.Clinic.Time.Advance(turn == SendTurn.Done ? TimeSpan.Zero : SendResult.FirstWait);
        }

        await using var db = hospital.Clinic.Context();
        var rows = await db.OutgoingResults.ToListAsync(Cancellation);
        Assert.Equal(Answers, rows.Count);
        Assert.All(rows, r => Assert.Equal(DeliveryState.Delivered, r.State));
        Assert.Equal(Kills, kills);
        Assert.Equal(rows.Select(r => r.InstanceUid).Order(), peer.Ids.Order());
        // What came twice is the same message, so that who knows the control id has it once.
        Assert.Equal(Answers, peer.Messages.Distinct().Count());
        Assert.True(peer.Messages.Count > Answers, $"{peer.Messages.Count} messages");
        TestContext.Current.TestOutputHelper!.WriteLine($"{Answers} results, {kills} kills, {peer.Messages.Count} messages");

        async Task<int> WaitingAsync()
        {
            await using var own = hospital.Clinic.Context();
            return await own.OutgoingResults.CountAsync(r => r.State == DeliveryState.Waiting, Cancellation);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Tls_WantsAServerOfTheAuthority(bool isTrusted)
    {
        using var server = NewCertificate();
        using var another = NewCertificate();
        await using var peer = new MllpPeer { Certificate = server }.Start();
        using var folder = new TestFolder();
        var authority = Path.Combine(folder.Data.Root, "authority.pem");
        await File.WriteAllTextAsync(authority, (isTrusted ? server : another).ExportCertificatePem(), Cancellation);
        await using var hospital = await NewAsync(peer, 1, ("Tls", "true"), ("CertificateAuthority", authority));

        Assert.Equal(isTrusted ? SendTurn.Done : SendTurn.Unreachable, await SendAsync(hospital));

        Assert.Equal(
            isTrusted
                ? (DeliveryState.Delivered, (string?)null, true)
                : (DeliveryState.Waiting, "The connection to 127.0.0.1 cannot be secured: look at its certificate, or at ours.", false),
            await RowAsync(hospital));
        Assert.Equal(isTrusted ? 1 : 0, peer.Messages.Count);
    }

    internal static X509Certificate2 NewCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task NodeHl7Server_TakesIt()
    {
        var port = FreePort.Find();
        using var server = ForeignHl7.Start("hl7-server.mjs", $"{port}");
        try
        {
            Assert.Equal("listens", await server.StandardOutput.ReadLineAsync(Cancellation));
            await using var stub = new MllpPeer();
            await using var hospital = await NewAsync(stub, 1, ("Port", $"{port}"));

            Assert.Equal(SendTurn.Done, await SendAsync(hospital));

            Assert.Equal((DeliveryState.Delivered, (string?)null, true), await RowAsync(hospital));
            var id = (await FirstAsync(hospital)).InstanceUid;
            Assert.Equal($"{id} P {TestHospital.Patient}-1", await server.StandardOutput.ReadLineAsync(Cancellation));
        }
        finally
        {
            server.Kill();
        }
    }

    [Fact]
    public async Task PythonHl7_ReadsIt()
    {
        await using var peer = new MllpPeer().Start();
        await using var hospital = await NewAsync(peer, 1, ("Hl7Facility", "Haus 3"));
        await SendAsync(hospital);

        Assert.Equal(
            [$"{TestHospital.Patient}-1", "HOSP", "Haus 3", "A1", "P", "0.9", "CWE", "Predicted Brixia score, 0 to 18"],
            await ForeignHl7.ParseAsync(
                peer.Messages.Single(), "PID.F3.R1.C1", "PID.F3.R1.C4", "MSH.F6", "OBR.F3", "OBR.F25", "OBX2.F5", "OBX1.F2",
                "OBX4.F3.R1.C2"));
    }
}
