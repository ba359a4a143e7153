using System.Diagnostics;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Tests.Audit;

/// <summary>A real collector: rsyslog, by each transport, and in the format of its files that leaves structured data out.</summary>
[Trait("Speed", "Slow")]
public sealed class RsyslogTests : IDisposable
{
    const string Rsyslog = "/usr/sbin/rsyslogd";

    readonly TestFolder _folder = new();
    readonly string _scratch = Directory.CreateTempSubdirectory("covidcxr-rsyslog-").FullName;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _folder.Dispose();
        Directory.Delete(_scratch, recursive: true);
    }

    [Theory]
    [InlineData(SyslogTransport.Tcp)]
    [InlineData(SyslogTransport.Tls)]
    [InlineData(SyslogTransport.Udp)]
    public async Task Rsyslog_WritesWhatTheTrailIsComparedWith(SyslogTransport transport)
    {
        Assert.SkipUnless(File.Exists(Rsyslog), "No rsyslog here: apt-get install rsyslog rsyslog-gnutls.");
        Assert.SkipUnless(
            transport != SyslogTransport.Tls || File.Exists("/usr/lib/x86_64-linux-gnu/rsyslog/lmnsd_gtls.so"),
            "No rsyslog-gnutls here: apt-get install rsyslog-gnutls.");
        var port = FreePort.Find();
        using var process = Start(transport, port);
        try
        {
            await using var program = TestClinic.Build(
                _folder.Data.Root, TimeProvider.System, settings:
                [
                    ("Audit:Syslog:Host", "localhost"), ("Audit:Syslog:Port", $"{port}"), ("Audit:Syslog:Transport", $"{transport}"),
                    ("Audit:Syslog:CertificateAuthority", transport == SyslogTransport.Tls ? Place("ca.pem") : ""),
                ]);
            for (var i = 0; i < 30; i++)
            {
                await program.GetRequiredService<AuditLog>().RecordAsync(TestClinic.Reader, AuditAction.StudyView, AuditOutcome.Succeeded);
            }

            await program.GetRequiredService<AuditTrail>().SealAsync(Cancellation);
            await SendAsync(program.GetRequiredService<SyslogSender>(), process);

            foreach (var name in new[] { "traditional.log", "protocol.log" })
            {
                var lines = await ReadAsync(Place(name), 31);
                var report = await program.GetRequiredService<CompareWithCollector>().RunAsync(new StringReader(lines), Cancellation);
                Assert.Equal((31L, 0L), (report.Compared, report.Altered));
            }

            Assert.Contains(
                "[entry@32473 id=\"30\"", await File.ReadAllTextAsync(Place("protocol.log"), Cancellation), StringComparison.Ordinal);
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    string Place(string name) => Path.Combine(_scratch, name);

    Process Start(SyslogTransport transport, int port)
    {
        var (authority, certificate) = Collector.Certify();
        File.WriteAllText(Place("ca.pem"), authority.ExportCertificatePem());
        File.WriteAllText(Place("cert.pem"), certificate.ExportCertificatePem());
        File.WriteAllText(Place("key.pem"), System.Security.Cryptography.X509Certificates.RSACertificateExtensions
            .GetRSAPrivateKey(certificate)!.ExportPkcs8PrivateKeyPem());
        var input = transport switch
        {
            SyslogTransport.Udp => $"""
                module(load="imudp")
                input(type="imudp" port="{port}")
                """,
            SyslogTransport.Tcp => $"""
                module(load="imtcp")
                input(type="imtcp" port="{port}")
                """,
            _ => $"""
                global(DefaultNetstreamDriverCAFile="{Place("ca.pem")}" DefaultNetstreamDriverCertFile="{Place("cert.pem")}"
                    DefaultNetstreamDriverKeyFile="{Place("key.pem")}")
                module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.Authmode="anon")
                input(type="imtcp" port="{port}")
                """,
        };
        File.WriteAllText(Place("rsyslog.conf"), $"""
            global(workDirectory="{_scratch}")
            {input}
            *.* action(type="omfile" file="{Place("traditional.log")}" template="RSYSLOG_TraditionalFileFormat")
            *.* action(type="omfile" file="{Place("protocol.log")}" template="RSYSLOG_SyslogProtocol23Format")

            """);
        return Process.Start(new ProcessStartInfo(Rsyslog, ["-n", "-f", Place("rsyslog.conf"), "-i", Place("pid")])
        {
            RedirectStandardError = true,
        })!;
    }

    static async Task SendAsync(SyslogSender sender, Process process)
    {
        // UDP knows no connection: by then it has its port.
        await Task.Delay(1000, Cancellation);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await sender.SendAsync(Cancellation);
                return;
            }
            catch (IOException) when (attempt < 50 && !process.HasExited)
            {
                await Task.Delay(100, Cancellation);
            }
        }
    }

    static async Task<string> ReadAsync(string path, int count)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        late.CancelAfter(TimeSpan.FromSeconds(20));
        while (!File.Exists(path) || File.ReadLines(path).Count(l => l.Contains(" seal=", StringComparison.Ordinal)) < count)
        {
            await Task.Delay(100, late.Token);
        }

        return string.Join('\n', File.ReadLines(path).Where(l => l.Contains(" seal=", StringComparison.Ordinal)));
    }
}
