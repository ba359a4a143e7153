using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Tests.Hl7;

/// <summary>The receiver on a real port, with senders that are well and senders that are not.</summary>
[Trait("Speed", "Slow")]
public sealed class Hl7ReceiverTests : IAsyncDisposable
{
    readonly int _port = FreePort.Find();
    TestHospital? _hospital;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    Hl7Receiver Receiver => _hospital!.Clinic.Get<Hl7Receiver>();

    MessageReceiverState State => _hospital!.Clinic.Get<MessageReceiverState>();

    async Task<TestHospital> StartAsync(params (string Key, string Value)[] more)
    {
        _hospital = new(Adt.Settings(_port, more));
        await Receiver.StartAsync(Cancellation);
        await TestHospital.WaitAsync(() => Task.FromResult(State is { IsListening: true } or { Fault: not null }));
        Assert.Null(State.Fault);
        return _hospital;
    }

    public async ValueTask DisposeAsync()
    {
        if (_hospital is not null)
        {
            await Receiver.StopAsync(CancellationToken.None);
            await _hospital.DisposeAsync();
        }
    }

    async Task AssertServesAsync() => Assert.Equal(["AA"], await Adt.SendAsync(_port, Adt.Update($"{Guid.NewGuid():N}", "P-NOBODY")));

    [Fact]
    public async Task Messages_ByOneConnection_AreDoneInTheirOrder_AndNamesAreNowhere()
    {
        var hospital = await StartAsync();
        var study = (await hospital.ReceiveAsync(TestHospital.Film(1, "P-1"))).StudyId!.Value;

        Assert.Equal(
            ["AA", "AA", "AA", "AR 201", "AE 205", "AR 103", "AE 101"],
            await Adt.SendAsync(
                _port, Adt.Update("1", "P-1", "M"), Adt.Merge("2", "P-1", "P-2"), Adt.Update("3", "P-2", "O"),
                Adt.Update("4", "P-2", trigger: "A04"), Adt.Update("3", "P-2", "F"), Adt.Update("5", "P-2", application: "EVIL"),
                Adt.Update("6", "")));

        await using var db = hospital.Clinic.Context();
        Assert.Equal(
            ("P-2", Sex.Other),
            await db.Studies.SingleAsync(s => s.Id == study, Cancellation) is var film ? (film.PatientNumber, film.Sex) : default);
        Assert.Equal(3, await db.StudyChanges.CountAsync(Cancellation));
        Assert.DoesNotContain(hospital.Clinic.Logs.Lines, l => l.Contains(Adt.Name, StringComparison.Ordinal));
        foreach (var file in Directory.GetFiles(hospital.Clinic.Folder.Data.Root, "covidcxr.db*"))
        {
            await using var open = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var bytes = new MemoryStream();
            await open.CopyToAsync(bytes, Cancellation);
            Assert.Equal(-1, bytes.ToArray().AsSpan().IndexOf("SECRET^NAME"u8));
        }
    }

    [Fact]
    public async Task Message_WithoutAHeader_EndsTheConnection()
    {
        await StartAsync();
        using var client = await Adt.ConnectAsync(_port);
        await client.GetStream().WriteAsync(Adt.Frame("HELLO"), Cancellation);

        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Cancellation));
        await AssertServesAsync();
    }

    [Fact]
    public async Task Stranger_IsCutOffUnread()
    {
        await StartAsync(("Senders:0:Host", "192.0.2.1"));
        using var client = await Adt.ConnectAsync(_port);

        Assert.Equal(0, await client.GetStream().ReadAsync(new byte[1], Cancellation));
        Assert.Contains(_hospital!.Clinic.Logs.Lines, l => l.Contains("is not in Hospital:Hl7:Senders", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("half")]
    [InlineData("slow")]
    [InlineData("endless")]
    [InlineData("garbage")]
    [InlineData("deaf")]
    public async Task HostilePeer_IsGivenUp_AndTheOthersAreServed(string kind)
    {
        await StartAsync();
        Receiver.MessageTimeout = TimeSpan.FromSeconds(2);
        using var client = await Adt.ConnectAsync(_port);
        var (stream, watch) = (client.GetStream(), Stopwatch.StartNew());
        var piece = kind switch
        {
            "slow" => "M"u8.ToArray(),
            // Message after message, and no answer is ever read.
            "deaf" => [.. Adt.Frame(Adt.Update("x", "", application: new('A', 60)))[1..], 0x0B],
            _ => new byte[65536],
        };
        var sending = Task.Run(
            async () =>
            {
                await stream.WriteAsync(new byte[] { (byte)(kind == "garbage" ? 'G' : 0x0B) }, Cancellation);
                while (kind != "half")
                {
                    await Task.Delay(kind == "slow" ? 100 : 0, Cancellation);
                    await stream.WriteAsync(piece, Cancellation);
                }
            },
            Cancellation);

        if (kind != "deaf")
        {
            // Its own reading end sees the end, or the reset.
            await Assert.ThrowsAnyAsync<Exception>(async () =>
            {
                if (await stream.ReadAsync(new byte[1], Cancellation) == 0)
                {
                    throw new EndOfStreamException();
                }
            });
        }

        await AssertServesAsync();
        await TestHospital.WaitAsync(() => Task.FromResult(State.Associations == 0));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(40), $"{watch.Elapsed}");
        client.Dispose();
        await Task.WhenAny(sending);
    }

    [Fact]
    public async Task ThreeHundredConnections_DoNotKeepASenderOut_NorStayAll()
    {
        await StartAsync();
        List<TcpClient> clients = [];
        try
        {
            for (var i = 0; i < 300; i++)
            {
                clients.Add(await Adt.ConnectAsync(_port));
            }

            await TestHospital.WaitAsync(() => Task.FromResult(State.Associations == Hl7Receiver.MaxConnections));
            await AssertServesAsync();
            await TestHospital.WaitAsync(() => Task.FromResult(State.Associations <= Hl7Receiver.MaxConnections));
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }

        await TestHospital.WaitAsync(() => Task.FromResult(State.Associations == 0));
    }

    [Fact]
    public async Task PlacesThatAreAllAmidMessages_AreFreeAgainAfterTheirTime()
    {
        await StartAsync();
        Receiver.MessageTimeout = TimeSpan.FromSeconds(2);
        List<TcpClient> clients = [];
        try
        {
            for (var i = 0; i < Hl7Receiver.MaxConnections; i++)
            {
                clients.Add(await Adt.ConnectAsync(_port));
                await clients[i].GetStream().WriteAsync(new byte[] { 0x0B, (byte)'M' }, Cancellation);
            }

            await TestHospital.WaitAsync(() => Task.FromResult(State.Associations == Hl7Receiver.MaxConnections));
            await TestHospital.WaitAsync(() => Task.FromResult(State.Associations == 0));
            await AssertServesAsync();
        }
        finally
        {
            clients.ForEach(c => c.Dispose());
        }
    }

    [Fact]
    public async Task Database_ThatCannotBeWritten_IsNotAcknowledged()
    {
        var hospital = await StartAsync();
        await hospital.ReceiveAsync(TestHospital.Film(1, "P-1"));
        await using (var db = hospital.Clinic.Context())
        {
            await db.Database.ExecuteSqlRawAsync("ALTER TABLE ReceivedMessages RENAME TO Gone", Cancellation);
        }

        Assert.Equal(["AR 207"], await Adt.SendAsync(_port, Adt.Update("1", "P-1", "M")));

        await using (var db = hospital.Clinic.Context())
        {
            await db.Database.ExecuteSqlRawAsync("ALTER TABLE Gone RENAME TO ReceivedMessages", Cancellation);
            Assert.Equal(Sex.Female, (await db.Studies.SingleAsync(Cancellation)).Sex);
        }

        Assert.Equal(["AA"], await Adt.SendAsync(_port, Adt.Update("1", "P-1", "M")));
    }

    [Fact]
    public async Task Port_ThatIsTaken_IsSaidSo()
    {
        using var other = TcpListener.Create(_port);
        other.Start();
        _hospital = new(Adt.Settings(_port));
        await Receiver.StartAsync(Cancellation);
        await TestHospital.WaitAsync(() => Task.FromResult(State.Fault is not null));

        var view = await _hospital.Clinic.Get<GetMessageReceiver>().RunAsync(TestClinic.Lead, Cancellation);
        Assert.Equal((true, false), (view.IsOn, view.IsWell));
        Assert.Contains("AddressAlreadyInUse", view.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NodeHl7Client_HasItsMessagesAnswered()
    {
        var hospital = await StartAsync();
        await hospital.ReceiveAsync(TestHospital.Film(1, "P-1"));

        var answers = await ForeignHl7.RunAsync(
            "hl7-client.mjs", $"{_port}", Adt.Update("n1", "P-1", "M").Replace("\r", "\\r", StringComparison.Ordinal),
            Adt.Merge("n2", "P-1", "P-2").Replace("\r", "\\r", StringComparison.Ordinal));

        Assert.Equal(["AA n1", "AA n2"], answers);
        await using var db = hospital.Clinic.Context();
        Assert.Equal(("P-2", Sex.Male), await db.Studies.SingleAsync(Cancellation) is var s ? (s.PatientNumber, s.Sex) : default);
    }

    /// <summary>Answers that another parser reads as we mean them.</summary>
    [Fact]
    public async Task PythonHl7_ReadsOurAnswers()
    {
        var header = Adt.Read(Adt.Update("id1", "P-1")).Segments[0];
        var error = new Hl7Error(Hl7Error.Error, Hl7Error.Missing, "It has no patient number.", "PID^1^3");
        var text = Encoding.ASCII.GetString(Acknowledgement.Make(header, error, DateTimeOffset.UnixEpoch));

        Assert.Equal(
            ["AE", "id1", "101", "PID", "It has no patient number."],
            await ForeignHl7.ParseAsync(text, "MSA.F1", "MSA.F2", "ERR.F3.R1.C1", "ERR.F2.R1.C1", "ERR.F8"));
    }

    [Fact]
    public async Task ProgramKilledAmidMessages_HasDoneWhatItAcknowledged_AndEachOnce()
    {
        const int Films = 6, Messages = 60, Kills = 8;
        await using var hospital = new TestHospital();
        for (var i = 0; i < Films; i++)
        {
            await hospital.ReceiveAsync(TestHospital.Film(i + 1, $"P-{i}"));
        }

        var folder = hospital.Clinic.Folder.Data.Root;
        await File.WriteAllTextAsync(Path.Combine(folder, "port"), $"{_port}", Cancellation);
        var (random, sent, acknowledged) = (new Random(7), 0, new HashSet<int>());
        var worker = await MessageWorker.StartAsync(folder);
        try
        {
            for (var next = 0; next < Messages;)
            {
                sent++;
                // A kill for every few messages, amid one.
                var killing = next % (Messages / Kills) == 3 && acknowledged.Count == next && random.Next(3) > 0
                    ? KillSoonAsync(worker, random.Next(12))
                    : null;
                try
                {
                    var sexes = new[] { "M", "O", "F" };
                    var answers = await Adt.SendAsync(_port, Adt.Update($"k{next}", $"P-{next % Films}", sexes[next / Films % 3]));
                    Assert.Equal(["AA"], answers);
                    acknowledged.Add(next++);
                }
                catch (Exception e) when (e is IOException or SocketException or InvalidDataException)
                {
                    // No answer: it comes again, under the same control id.
                }

                if (killing is not null)
                {
                    await killing;
                    worker.Dispose();
                    worker = await MessageWorker.StartAsync(folder);
                }
            }
        }
        finally
        {
            worker.Dispose();
        }

        await using var db = hospital.Clinic.Context();
        var rows = await db.ReceivedMessages.OrderBy(m => m.Id).ToListAsync(Cancellation);
        Assert.Equal(Enumerable.Range(0, Messages).Select(i => $"k{i}"), rows.Select(r => r.ControlId));
        var applied = rows.Count(r => r.State == MessageState.Applied);
        Assert.Equal(applied, await db.StudyChanges.CountAsync(Cancellation));
        Assert.Equal(applied, await db.StudyChanges.Select(c => c.Reason).Distinct().CountAsync(Cancellation));
        TestContext.Current.TestOutputHelper!.WriteLine($"{Messages} messages, sent {sent} times, {applied} changed films");
    }

    static async Task KillSoonAsync(WorkerProcess worker, int milliseconds)
    {
        await Task.Delay(milliseconds, Cancellation);
        await worker.KillAsync();
    }
}
