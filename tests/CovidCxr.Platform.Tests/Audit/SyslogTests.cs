using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CovidCxr.Platform.Tests.Audit;

/// <summary>What leaves for the collector, by the grammar of RFC 5424, in order and at least once; and what is found with it.</summary>
public sealed partial class SyslogTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly ManualTime _time = new();
    readonly string _scratch = Directory.CreateTempSubdirectory("covidcxr-syslog-").FullName;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        Directory.Delete(_scratch, recursive: true);
    }

    ServiceProvider Program(int port, SyslogTransport transport = SyslogTransport.Tcp, string authority = "") => TestClinic.Build(
        _folder.Data.Root, _time, settings:
        [
            ("Audit:Syslog:Host", "localhost"), ("Audit:Syslog:Port", $"{port}"), ("Audit:Syslog:Transport", $"{transport}"),
            ("Audit:Syslog:CertificateAuthority", authority),
        ]);

    async Task WriteAsync(ServiceProvider program, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(7));
            await program.GetRequiredService<AuditLog>().RecordAsync(
                TestClinic.Reader, (AuditAction)(i % 5), (AuditOutcome)(i % 3), i % 2 == 0 ? TestClinic.Numbered(i) : null, "Free text");
        }

        await program.GetRequiredService<AuditTrail>().SealAsync(Cancellation);
    }

    Task<HealthCheckResult> HealthAsync(ServiceProvider program) =>
        new SyslogHealth(program.GetRequiredService<SyslogSender>(), _folder, _time).CheckHealthAsync(new(), Cancellation);

    static long[] Ids(IEnumerable<string> messages) =>
        [.. messages.Select(m => Entry().Match(m)).Where(m => m.Success)
            .Select(m => long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))];

    static string Text(IEnumerable<string> messages) => string.Join(", ", Ids(messages));

    [Theory]
    [InlineData("reader")]
    [InlineData("Jürgen \"the\\eye\" [x] =\n\t head count=1 last=1")]
    public void Message_OfAnEntryOrAHead_FollowsTheGrammar(string name)
    {
        var entry = new AuditEntry
        {
            Id = 7,
            At = new(2026, 11, 29, 11, 0, 0, 123, TimeSpan.FromHours(2)),
            UserId = TestClinic.Numbered(1),
            UserName = name,
            Action = AuditAction.StudyView,
            Outcome = AuditOutcome.Refused,
            StudyId = TestClinic.Numbered(9),
            Detail = "Free text",
            Seal = new byte[32],
        };

        var message = SyslogMessage.Of(entry);
        var head = SyslogMessage.Of(new AuditHead(3, 7, new byte[32], new byte[32]), entry.At);

        Assert.All([message, head], m => Assert.Matches(Grammar(), m));
        // Facility 13 (log audit), severities warning and notice.
        Assert.StartsWith("<108>1 2026-11-29T09:00:00.123000Z ", message, StringComparison.Ordinal);
        Assert.StartsWith("<109>1 ", head, StringComparison.Ordinal);
        Assert.Contains($"study=\"{TestClinic.Numbered(9)}\"", message, StringComparison.Ordinal);
        Assert.DoesNotContain("Free text", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_ReachTheCollectorInOrder_ThenTheHead()
    {
        using var collector = new Collector();
        await using var program = Program(collector.Port);
        await WriteAsync(program, 450);

        await program.GetRequiredService<SyslogSender>().SendAsync(Cancellation);

        var messages = await collector.WaitAsync(451, Cancellation);
        Assert.Equal(Enumerable.Range(1, 450).Select(i => (long)i), Ids(messages));
        Assert.Matches(@" head count=450 last=450 seal=[0-9A-F]{64} signature=[0-9A-F]{64}$", messages[^1]);
        Assert.All(messages, m => Assert.Matches(Grammar(), m));
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(program)).Status);
    }

    [Fact]
    public async Task CollectorThatIsAway_HoldsNothingUp_AndGetsAllWhenItIsBack()
    {
        int port;
        using (var collector = new Collector())
        {
            port = collector.Port;
        }

        await using var program = Program(port);
        var sender = program.GetRequiredService<SyslogSender>();
        await WriteAsync(program, 5);
        await Assert.ThrowsAsync<IOException>(() => sender.SendAsync(Cancellation));
        var health = await HealthAsync(program);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("5 entries", health.Description, StringComparison.Ordinal);

        using var back = new Collector(port);
        await sender.SendAsync(Cancellation);

        Assert.Equal("1, 2, 3, 4, 5", Text(await back.WaitAsync(6, Cancellation)));
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(program)).Status);
    }

    [Fact]
    public async Task Restart_GoesOnWhereItStopped()
    {
        using var collector = new Collector();
        await using (var program = Program(collector.Port))
        {
            await WriteAsync(program, 5);
            await program.GetRequiredService<SyslogSender>().SendAsync(Cancellation);
            _time.Advance(TimeSpan.FromSeconds(31));
            await program.GetRequiredService<SyslogSender>().SendAsync(Cancellation);
        }

        await using var next = Program(collector.Port);
        await WriteAsync(next, 2);
        await next.GetRequiredService<SyslogSender>().SendAsync(Cancellation);

        Assert.Equal("1, 2, 3, 4, 5, 6, 7", Text(await collector.WaitAsync(9, Cancellation)));
    }

    [Fact]
    public async Task CollectorThatHangsUpAgainAndAgain_HasEveryEntryInTheEnd()
    {
        using var collector = new Collector { BreaksAfter = 5_000 };
        await using var program = Program(collector.Port);
        var sender = program.GetRequiredService<SyslogSender>();
        for (var round = 0; round < 8; round++)
        {
            await WriteAsync(program, 10);
            await Record.ExceptionAsync(() => sender.SendAsync(Cancellation));
            await Task.Delay(20, Cancellation);
        }

        collector.BreaksAfter = null;
        var late = _time.GetUtcNow().AddMinutes(5);
        while (Ids(collector.Messages).Distinct().Count() < 80 && _time.GetUtcNow() < late)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Record.ExceptionAsync(() => sender.SendAsync(Cancellation));
            await Task.Delay(20, Cancellation);
        }

        var firsts = Ids(collector.Messages).Distinct().ToList();
        Assert.Equal(Enumerable.Range(1, 80).Select(i => (long)i), firsts);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Certificate_OfTheNamedAuthority_IsWanted()
    {
        var (authority, certificate) = Collector.Certify();
        var (other, _) = Collector.Certify();
        var (right, wrong) = (Path.Combine(_scratch, "right.pem"), Path.Combine(_scratch, "wrong.pem"));
        await File.WriteAllTextAsync(right, authority.ExportCertificatePem(), Cancellation);
        await File.WriteAllTextAsync(wrong, other.ExportCertificatePem(), Cancellation);
        using var collector = new Collector(certificate: certificate);
        await using (var deceived = Program(collector.Port, SyslogTransport.Tls, wrong))
        {
            await WriteAsync(deceived, 3);
            await Assert.ThrowsAsync<IOException>(() => deceived.GetRequiredService<SyslogSender>().SendAsync(Cancellation));
            Assert.Empty(collector.Messages);
        }

        await using var program = Program(collector.Port, SyslogTransport.Tls, right);
        await program.GetRequiredService<SyslogSender>().SendAsync(Cancellation);
        Assert.Equal("1, 2, 3", Text(await collector.WaitAsync(4, Cancellation)));
    }

    [Fact]
    public async Task Datagrams_CarryAMessageEach()
    {
        using var socket = new UdpClient(new IPEndPoint(IPAddress.IPv6Loopback, 0));
        socket.Client.ReceiveTimeout = 5000;
        var options = new SyslogOptions
        {
            Host = "::1",
            Port = ((IPEndPoint)socket.Client.LocalEndPoint!).Port,
            Transport = SyslogTransport.Udp,
        };
        using var connection = await SyslogConnection.OpenAsync(options, Cancellation);

        await connection.SendAsync(["one", "two"], Cancellation);

        Assert.Equal("one", Encoding.UTF8.GetString((await socket.ReceiveAsync(Cancellation)).Buffer));
        Assert.Equal("two", Encoding.UTF8.GetString((await socket.ReceiveAsync(Cancellation)).Buffer));
    }

    [Fact]
    public async Task CutTrail_SealedAnewByWhoHasTheKey_IsFoundByTheCollectorsFile()
    {
        using var collector = new Collector();
        await using var program = Program(collector.Port);
        await WriteAsync(program, 20);
        await program.GetRequiredService<SyslogSender>().SendAsync(Cancellation);
        var lines = string.Join('\n', await collector.WaitAsync(21, Cancellation));
        Assert.Equal((21L, 0L), await CompareAsync(program, lines));

        // The last five are gone, and two others stand there, with stamps, seals and a head of the true key.
        await ForgeAsync(program, "DELETE FROM Audit WHERE Id > 15");
        await WriteAsync(program, 2);
        Assert.True((await program.GetRequiredService<AuditTrail>().VerifyAsync(Cancellation)).IsWhole);

        var (_, altered) = await CompareAsync(program, lines);
        // Entries 16 to 20, and the head.
        Assert.Equal(6, altered);
    }

    [Fact]
    public async Task ReplacedDatabase_IsFoundByTheCollectorsFile_AndSoIsAFileOfNothing()
    {
        using var collector = new Collector();
        await using var program = Program(collector.Port);
        await WriteAsync(program, 4);
        await program.GetRequiredService<SyslogSender>().SendAsync(Cancellation);
        var lines = string.Join('\n', await collector.WaitAsync(5, Cancellation));
        await ForgeAsync(program, "UPDATE Audit SET Detail = 'Another story', Stamp = NULL WHERE Id = 2");
        Assert.True((await program.GetRequiredService<AuditTrail>().VerifyAsync(Cancellation)).IsWhole);

        // Entries 2 to 4, and the head.
        Assert.Equal((5L, 4L), await CompareAsync(program, lines));
        Assert.Equal((0L, 1L), await CompareAsync(program, "Nov 29 11:00:00 host sshd[1]: nothing\n"));
    }

    [Fact]
    public async Task AcceptedTrail_IsSentAgainFromItsAcceptance_AndComparedFromThere()
    {
        using var collector = new Collector();
        await using var program = Program(collector.Port);
        await WriteAsync(program, 4);
        var sender = program.GetRequiredService<SyslogSender>();
        await sender.SendAsync(Cancellation);
        await using (var db = _folder.CreateDbContext())
        {
            await db.ExecutePlainAsync("DELETE FROM Audit WHERE Id = 2", Cancellation);
        }

        await program.GetRequiredService<AuditTrail>().AcceptAsync("Looked into.", Cancellation);
        await sender.SendAsync(Cancellation);
        await WriteAsync(program, 1);
        await sender.SendAsync(Cancellation);

        var lines = await collector.WaitAsync(9, Cancellation);
        Assert.Equal("1, 2, 3, 4, 5, 6", Text(lines));
        var report = await program.GetRequiredService<CompareWithCollector>().RunAsync(
            new StringReader(string.Join('\n', lines)), Cancellation);
        Assert.Equal((4L, 0L), (report.Compared, report.Altered));
        Assert.Contains("accepted", Assert.Single(report.Remarks), StringComparison.Ordinal);
    }

    static async Task<(long Compared, long Altered)> CompareAsync(ServiceProvider program, string lines)
    {
        var report = await program.GetRequiredService<CompareWithCollector>().RunAsync(new StringReader(lines), Cancellation);
        Assert.Equal(report.Altered, report.Findings.Count);
        return (report.Compared, report.Altered);
    }

    async Task ForgeAsync(ServiceProvider program, string sql)
    {
        var key = program.GetRequiredService<AuditKey>();
        await using var db = _folder.CreateDbContext();
        await db.ExecutePlainAsync(sql, Cancellation);
        byte[]? seal = null;
        var rows = await db.Audit.OrderBy(a => a.Id).ToListAsync(Cancellation);
        foreach (var row in rows)
        {
            row.Stamp ??= key.Stamp(row);
            row.Seal = seal = key.Seal(row, seal);
        }

        await db.SaveChangesAsync(Cancellation);
        AuditHead.Of(key, rows.Count, rows[^1].Id, seal!).Write(key.Folder);
    }

    [GeneratedRegex(@" entry id=(\d+) seal=[0-9A-F]{64}$")]
    private static partial Regex Entry();

    // RFC 5424, section 6: HEADER SP STRUCTURED-DATA [SP MSG].
    [GeneratedRegex(
        """
        \A<(?:0|[1-9][0-9]?|1[0-8][0-9]|19[01])>[1-9][0-9]{0,2}\x20
        (?:-|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2}))\x20
        [\x21-\x7e]{1,255}\x20[\x21-\x7e]{1,48}\x20[\x21-\x7e]{1,128}\x20[\x21-\x7e]{1,32}\x20
        (?:-|(?:\[[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}(?:\x20[\x21\x23-\x3c\x3e-\x5c\x5e-\x7e]{1,32}="(?:\\["\\\]]|[^"\\\]])*")*\])+)
        (?:\x20[^\n]*)?\z
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Grammar();
}
