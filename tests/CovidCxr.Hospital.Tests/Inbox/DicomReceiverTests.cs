using System.Globalization;
using System.Net.Sockets;
using System.Reflection;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CovidCxr.Hospital.Tests.Inbox;

/// <summary>The receiver with dcmtk's programs as senders, and with what no sender should be.</summary>
[Trait("Speed", "Slow")]
public sealed class DicomReceiverTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public DicomReceiverTests() => TestHospital.NeedDcmtk();

    static async Task<TestHospital> StartAsync(bool files = true, params (string, string)[] settings)
    {
        var hospital = new TestHospital(settings);
        await hospital.StartAsync(files);
        return hospital;
    }

    static async Task<string> HealthAsync(TestHospital hospital)
    {
        var report = await hospital.Clinic.Get<HealthCheckService>().CheckHealthAsync(c => c.Name == "dicom-receiver", Cancellation);
        return $"{report.Status} {report.Entries["dicom-receiver"].Description}".Trim();
    }

    [Fact]
    public async Task FilmOfAKnownSender_BecomesAStudy()
    {
        await using var hospital = await StartAsync();

        var (code, words) = await hospital.SendAsync(
            TestHospital.Sender, TestHospital.Ae, hospital.Write("a", TestHospital.Film(1)), hospital.Write("b", TestHospital.Film(2)));

        Assert.True(code == 0, words);
        await TestHospital.WaitAsync(async () => await hospital.CountAsync(ReceivedState.Filed) == 2);
        await using var db = hospital.Clinic.Context();
        Assert.Equal(2, await db.Studies.CountAsync(s => s.PatientNumber == TestHospital.Patient, Cancellation));
        Assert.All(
            await db.ReceivedObjects.ToListAsync(Cancellation),
            r => Assert.Equal((TestHospital.Sender, true), (r.CallingAe, r.Host.EndsWith("127.0.0.1", StringComparison.Ordinal))));
        Assert.Equal("Healthy", await HealthAsync(hospital));
        Assert.DoesNotContain(hospital.Clinic.Logs.Lines, l => l.Contains(TestHospital.Patient, StringComparison.Ordinal));
        await TestHospital.WaitAsync(() => Task.FromResult(hospital.Clinic.Get<ReceiverState>().Associations == 0));
        // Nothing of the association is left but the file of the negotiation.
        Assert.Single(Directory.GetFileSystemEntries(hospital.Clinic.Folder.Data.Incoming));
    }

    [Fact]
    public async Task FilmInJpegLs_IsTakenAsItIs()
    {
        const string JpegLs = "1.2.840.10008.1.2.4.80";
        Assert.SkipUnless(DicomConformance.TransferSyntaxesHere.Any(s => s.Uid == JpegLs), "No libcharls2 here.");
        await using var hospital = await StartAsync();
        var (plain, packed) = (hospital.Write("plain", TestHospital.Film(1)), hospital.Write("packed", []));
        Assert.Equal(0, (await TestHospital.RunAsync("dcmcjpls", plain, packed)).Code);

        var (code, words) = await TestHospital.RunAsync(
            "storescu", "-xt", "-R", "-aet", TestHospital.Sender, "-aec", TestHospital.Ae, "127.0.0.1", $"{hospital.Port}", packed);

        Assert.True(code == 0, words);
        await TestHospital.WaitAsync(async () => await hospital.CountAsync(ReceivedState.Waiting) == 0);
        Assert.Equal(1, await hospital.CountAsync(ReceivedState.Filed));
        // The same object in other bytes makes no second study.
        Assert.Equal(0, (await hospital.SendAsync(TestHospital.Sender, TestHospital.Ae, plain)).Code);
        await TestHospital.WaitAsync(async () => await hospital.CountAsync(ReceivedState.Waiting) == 0);
        Assert.Equal(1, await hospital.Clinic.CountAsync<Study>());
    }

    [Fact]
    public async Task WhoMayNotSend_IsToldWhy()
    {
        await using var hospital = await StartAsync();
        Task<(int Code, string Words)> EchoAsync(string calling, string called) =>
            TestHospital.RunAsync("echoscu", "-aet", calling, "-aec", called, "127.0.0.1", $"{hospital.Port}");

        Assert.Equal(0, (await EchoAsync(TestHospital.Sender, TestHospital.Ae)).Code);
        Assert.Contains(
            "Called AE Title Not Recognized", (await EchoAsync(TestHospital.Sender, "OTHER")).Words, StringComparison.Ordinal);
        Assert.Contains("Calling AE Title Not Recognized", (await EchoAsync("STRANGER", TestHospital.Ae)).Words, StringComparison.Ordinal);
        // Known, and from another host.
        Assert.Contains("Calling AE Title Not Recognized", (await EchoAsync("ELSEWHERE", TestHospital.Ae)).Words, StringComparison.Ordinal);
        Assert.NotEqual(0, (await hospital.SendAsync("STRANGER", TestHospital.Ae, hospital.Write("a", TestHospital.Film(1)))).Code);
        Assert.Equal(0, await hospital.Clinic.CountAsync<ReceivedObject>());
    }

    [Fact]
    public async Task ObjectThatIsNotRead_IsRefusedInTheNegotiation()
    {
        await using var hospital = await StartAsync();

        var (code, words) = await hospital.SendAsync(
            TestHospital.Sender, TestHospital.Ae, hospital.Write("a", TestHospital.Film(1, kind: "1.2.840.10008.5.1.4.1.1.2")));

        Assert.NotEqual(0, code);
        Assert.Contains("No presentation context", words, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task TooMuchWaiting_IsTurnedAwayUntilThereIsRoom()
    {
        await using var hospital = await StartAsync(files: false, ("Hospital:MaxWaiting", "2"));
        var films = Enumerable.Range(1, 3).Select(n => hospital.Write($"{n}", TestHospital.Film(n))).ToArray();
        Assert.Equal(0, (await hospital.SendAsync(TestHospital.Sender, TestHospital.Ae, films[..2])).Code);

        var (code, words) = await hospital.SendAsync(TestHospital.Sender, TestHospital.Ae, films[2]);
        Assert.NotEqual(0, code);
        Assert.Contains("Transient", words, StringComparison.Ordinal);
        Assert.Equal(2, await hospital.CountAsync(ReceivedState.Waiting));

        await hospital.StopAsync();
        await hospital.StartAsync();
        await TestHospital.WaitAsync(async () => await hospital.CountAsync(ReceivedState.Filed) == 2);
        Assert.Equal(0, (await hospital.SendAsync(TestHospital.Sender, TestHospital.Ae, films)).Code);
        await TestHospital.WaitAsync(async () => await hospital.CountAsync(ReceivedState.Filed) == 3);
        Assert.Equal((2, 3), (await hospital.CountAsync(ReceivedState.Known), await hospital.Clinic.CountAsync<Study>()));
    }

    [Fact]
    public async Task DiskThatFillsUnderASender_EndsItsAssociationWithoutAnAcknowledgement()
    {
        await using var hospital = new TestHospital();
        var room = hospital.Clinic.Get<InboxRoom>();
        var (free, state) = (room.FreeBytes, hospital.Clinic.Get<ReceiverState>());
        room.FreeBytes = _ => state.Associations == 0 ? InboxRoom.LeastFreeBytes : InboxRoom.LeastFreeBytes - 1;
        await hospital.StartAsync();
        var film = hospital.Write("a", TestHospital.Film(1));

        Assert.NotEqual(0, (await hospital.SendAsync(TestHospital.Sender, TestHospital.Ae, film)).Code);
        Assert.Equal(0, await hospital.Clinic.CountAsync<ReceivedObject>());
        Assert.Equal("Degraded the disk has no room.", await HealthAsync(hospital));

        room.FreeBytes = free;
        Assert.Equal(0, (await hospital.SendAsync(TestHospital.Sender, TestHospital.Ae, film)).Code);
        Assert.Equal("Healthy", await HealthAsync(hospital));
    }

    [Fact]
    public async Task PeerOfTinyPdus_GetsNoAcknowledgementInPieces()
    {
        await using var hospital = await StartAsync();
        var conversation = await RecordAsync(hospital);
        // Maximum Length of the A-ASSOCIATE-RQ (PS3.8, D.1.1): the response does not fit.
        var at = conversation.AsSpan().IndexOf((byte[])[0x51, 0, 0, 4]);
        new byte[] { 0, 0, 0, 64 }.CopyTo(conversation, at + 4);
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", hospital.Port, Cancellation);
        await client.GetStream().WriteAsync(conversation, Cancellation);
        using var said = new MemoryStream();
        await client.GetStream().CopyToAsync(said, Cancellation);

        // An A-ASSOCIATE-AC and nothing after it.
        var bytes = said.ToArray();
        Assert.Equal(2, bytes[0]);
        Assert.Equal(bytes.Length - 6, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(2)));
        Assert.Equal(1, await hospital.Clinic.CountAsync<ReceivedObject>());
    }

    [Fact]
    public async Task MoreStrangersThanHandshakes_LeaveRoomForASender()
    {
        await using var hospital = await StartAsync();
        for (var i = 0; i < DicomReceiver.MaxHandshakes + 10; i++)
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", hospital.Port, Cancellation);
            await client.GetStream().WriteAsync("GET / HTTP/1.1"u8.ToArray(), Cancellation);
        }

        Assert.Equal(0, (await hospital.SendAsync(TestHospital.Sender, TestHospital.Ae, hospital.Write("a", TestHospital.Film(1)))).Code);
    }

    [Fact]
    public async Task DamagedSends_LeaveItAlive()
    {
        await using var hospital = await StartAsync(settings: ("Hospital:IdleTimeout", "00:00:05"));
        var random = new Random(11);
        var conversation = await RecordAsync(hospital);
        var open = new List<TcpClient>();
        for (var i = 0; i < 60; i++)
        {
            var bytes = conversation.ToArray();
            // A third noise, a third with some bytes changed after the handshake, a third cut off; each tenth stays open and is silent.
            switch (i % 3)
            {
                case 0:
                    random.NextBytes(bytes);
                    bytes = bytes[..random.Next(200)];
                    break;
                case 1:
                    Enumerable.Range(0, 5).ToList().ForEach(_ => bytes[random.Next(250, bytes.Length)] = (byte)random.Next(256));
                    break;
                default:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
            }

            var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", hospital.Port, Cancellation);
            await client.GetStream().WriteAsync(bytes, Cancellation);
            if (i % 10 == 0)
            {
                open.Add(client);
            }
            else
            {
                client.Dispose();
            }
        }

        Assert.Equal(0, (await hospital.SendAsync(TestHospital.Sender, TestHospital.Ae, hospital.Write("a", TestHospital.Film(1)))).Code);
        await TestHospital.WaitAsync(() => Task.FromResult(hospital.Clinic.Get<ReceiverState>().Associations == 0));
        await TestHospital.WaitAsync(async () => await hospital.CountAsync(ReceivedState.Waiting) == 0);
        await using var db = hospital.Clinic.Context();
        Assert.True(await db.ReceivedObjects.AnyAsync(r => r.InstanceUid!.EndsWith(".999.1"), Cancellation));
        Assert.Single(Directory.GetFileSystemEntries(hospital.Clinic.Folder.Data.Incoming));
        Assert.Equal("Healthy", await HealthAsync(hospital));
        open.ForEach(c => c.Dispose());
    }

    /// <summary>What a real sender says, to be spoilt.</summary>
    static async Task<byte[]> RecordAsync(TestHospital hospital)
    {
        using var listener = new TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        var sending = TestHospital.RunAsync(
            "storescu", "-aet", TestHospital.Sender, "-aec", TestHospital.Ae, "127.0.0.1", $"{port}",
            hospital.Write("recorded", TestHospital.Film(9)));
        using var client = await listener.AcceptTcpClientAsync(Cancellation);
        using var server = new TcpClient();
        await server.ConnectAsync("127.0.0.1", hospital.Port, Cancellation);
        using var record = new MemoryStream();
        var back = server.GetStream().CopyToAsync(client.GetStream(), Cancellation);
        var buffer = new byte[65536];
        while (await client.GetStream().ReadAsync(buffer, Cancellation) is > 0 and var count)
        {
            record.Write(buffer, 0, count);
            await server.GetStream().WriteAsync(buffer.AsMemory(0, count), Cancellation);
        }

        server.Client.Shutdown(SocketShutdown.Send);
        await back;
        Assert.Equal(0, (await sending).Code);
        return record.ToArray();
    }

    [Fact]
    public async Task PortThatIsTaken_IsSaidAndTriedAgain()
    {
        await using var hospital = new TestHospital();
        using (var other = new TcpListener(System.Net.IPAddress.IPv6Any, hospital.Port))
        {
            other.Server.DualMode = true;
            other.Start();
            // Of whoever holds the port.
            var transfer = Path.Combine(Directory.CreateDirectory(hospital.Clinic.Folder.Data.Incoming).FullName, "transfer");
            await File.WriteAllBytesAsync(transfer, [1], Cancellation);
            await hospital.StartAsync();
            Assert.Equal($"Degraded port {hospital.Port} cannot be listened on (AddressAlreadyInUse).", await HealthAsync(hospital));
            Assert.True(File.Exists(transfer));
        }

        await TestHospital.WaitAsync(() => Task.FromResult(hospital.Clinic.Get<ReceiverState>().IsListening));
        Assert.Equal("Healthy", await HealthAsync(hospital));
    }

    [Fact]
    public async Task SwitchedOff_ListensNowhereAndIsHealthy()
    {
        await using var hospital = new TestHospital(("Hospital:Receive", "false"));
        foreach (var hosted in hospital.Clinic.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<DicomReceiver>())
        {
            await hosted.StartAsync(Cancellation);
            await hosted.ExecuteTask!;
        }

        using var client = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(async () => await client.ConnectAsync("127.0.0.1", hospital.Port, Cancellation));
        Assert.Equal("Healthy", await HealthAsync(hospital));
    }

    /// <summary>
    /// Fifty films from a sender that sends again what was not acknowledged, as an archive does, while the program is killed between.
    /// </summary>
    [Fact]
    public async Task ProgramKilledAmidFiftySends_LosesNoneAndDoublesNone()
    {
        const int films = 50;
        var kills = int.Parse(Environment.GetEnvironmentVariable("COVIDCXR_KILLS") ?? "4", CultureInfo.InvariantCulture);
        using var folder = new TestFolder();
        var port = FreePort.Find();
        await File.WriteAllTextAsync(Path.Combine(folder.Data.Root, "port"), $"{port}", Cancellation);
        var sent = Enumerable.Range(1, films).Select(n =>
        {
            var path = Path.Combine(folder.Data.Root, $"film{n}");
            File.WriteAllBytes(path, TestHospital.Film(n));
            return path;
        }).ToArray();
        var random = new Random(3);
        var acknowledged = new HashSet<string>();
        for (var kill = 0; kill <= kills; kill++)
        {
            using var worker = WorkerProcess.Start(Assembly.GetExecutingAssembly(), ReceivingWorker.Role, folder.Data.Root);
            await worker.SaysAsync("listens", Cancellation);
            var sending = Task.Run(() => SendAsync(port, sent.Except(acknowledged)), Cancellation);
            if (kill < kills)
            {
                await Task.Delay(random.Next(50, 900), Cancellation);
                await worker.KillAsync();
                acknowledged.UnionWith(await sending);
                // Nothing that it started survives it.
                await TestHospital.WaitAsync(() => Task.FromResult(!IsRunning(folder.Data.Incoming)));
                continue;
            }

            acknowledged.UnionWith(await sending);
            Assert.Equal(films, acknowledged.Count);
            await TestHospital.WaitAsync(async () =>
            {
                await using var waiting = folder.CreateDbContext();
                return !await waiting.ReceivedObjects.AnyAsync(r => r.State == ReceivedState.Waiting, Cancellation);
            });
            await worker.KillAsync();
        }

        await using var db = folder.CreateDbContext();
        var uids = await db.Studies.Select(s => s.DicomInstanceUid).ToListAsync(Cancellation);
        Assert.Equal((films, films), (uids.Count, uids.Distinct().Count()));
        Assert.Equal(films, await db.ReceivedObjects.CountAsync(r => r.State == ReceivedState.Filed, Cancellation));
        Assert.Empty(Directory.GetFiles(folder.Data.Received));
        Assert.All(
            await db.ReceivedObjects.Select(r => r.State).Distinct().ToListAsync(Cancellation),
            s => Assert.True(s is ReceivedState.Filed or ReceivedState.Known, $"{s}"));
    }

    /// <returns>Those whose storing was acknowledged.</returns>
    static async Task<IReadOnlyList<string>> SendAsync(int port, IEnumerable<string> films)
    {
        List<string> acknowledged = [];
        foreach (var five in films.Chunk(5))
        {
            var (_, words) = await TestHospital.RunAsync(
                "storescu",
                [
                    "-v", "-to", "5", "-td", "10", "-ta", "10", "-aet", TestHospital.Sender, "-aec", TestHospital.Ae, "127.0.0.1",
                    $"{port}", .. five,
                ]);
            acknowledged.AddRange(five.Take(words.Split("Received Store Response (Success)").Length - 1));
        }

        return acknowledged;
    }

    static bool IsRunning(string folder) => Directory.GetDirectories("/proc").Any(d =>
    {
        try
        {
            return int.TryParse(Path.GetFileName(d), out _)
                && File.ReadAllText(Path.Combine(d, "cmdline")).Contains(folder, StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    });
}
