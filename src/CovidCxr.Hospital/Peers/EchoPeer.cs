using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Peers;

/// <param name="Message">What the peer answered, in plain words.</param>
public sealed record EchoResult(bool HasAnswered, string Message);

/// <summary>Asks a peer of the configuration whether it answers (C-ECHO).</summary>
public sealed class EchoPeer(IOptions<HospitalOptions> options, AuditLog audit, TimeProvider time)
{
    /// <summary>For each step; a peer in the same building takes milliseconds.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public async Task<EchoResult> RunAsync(string aeTitle, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        if (options.Value.Peers.FirstOrDefault(p => p.AeTitle == aeTitle && p.Port > 0) is not { } peer)
        {
            return new(false, "The configuration names no such peer with a port.");
        }

        var result = await AskAsync(peer, cancellation);
        await audit.RecordAsync(
            actor, AuditAction.PeerEcho, result.HasAnswered ? AuditOutcome.Succeeded : AuditOutcome.Failed, detail: peer.AeTitle);
        return result;
    }

    async Task<EchoResult> AskAsync(PeerOptions peer, CancellationToken cancellation)
    {
        if (Dcmtk.Find("echoscu") is not { } program)
        {
            return new(false, Dcmtk.Missing);
        }

        var (tunnel, fault) = peer.Tls ? await TlsTunnel.OpenAsync(peer.Host, peer.Port, options.Value, cancellation) : (null, null);
        if (fault is not null)
        {
            return new(false, fault);
        }

        await using var _ = tunnel;
        var (host, port) = tunnel is null ? (peer.Host, peer.Port) : ("127.0.0.1", tunnel.Port);
        var seconds = Patience.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        using var process = new Process
        {
            StartInfo = new(
                program,
                [
                    "-to", seconds, "-ta", seconds, "-td", seconds, "-aet", options.Value.AeTitle, "-aec", peer.AeTitle, host,
                    port.ToString(CultureInfo.InvariantCulture),
                ])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            },
        };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(4 * Patience);
        var started = time.GetTimestamp();
        try
        {
            process.Start();
            var words = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode == 0
                ? new(true, $"It answered within {time.GetElapsedTime(started).TotalMilliseconds:F0} ms.")
                : new(false, Words(await words, peer));
        }
        catch (Win32Exception)
        {
            return new(false, "echoscu of dcmtk cannot be started.");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            cancellation.ThrowIfCancellationRequested();
            return new(false, Words("timeout", peer));
        }
    }

    string Words(string error, PeerOptions peer)
    {
        bool Has(string part) => error.Contains(part, StringComparison.OrdinalIgnoreCase);
        return error switch
        {
            _ when Has("connection refused") => $"Nothing listens on port {peer.Port} of {peer.Host}.",
            _ when Has("called ae title not recognized") => $"It does not go by the name {peer.AeTitle}.",
            _ when Has("calling ae title not recognized") => $"It does not know {options.Value.AeTitle}: enter that name there.",
            _ when Has("rejected transient") => "It is too busy now; try again later.",
            _ when Has("rejected") => "It rejects the association without a reason that helps.",
            _ when Has("no valid presentation context") || Has("no acceptable presentation") => "It is there but does not take C-ECHO.",
            _ when Has("unknown host") || Has("not known") || Has("lookup") => $"Nobody knows the host name {peer.Host}.",
            _ when Has("no route") || Has("unreachable") => $"The network has no way to {peer.Host}.",
            _ when Has("timeout") || Has("timed out") => $"It did not answer within {Patience.TotalSeconds:F0} seconds.",
            _ when Has("reset") || Has("closed") || Has("aborted") => "It closed the connection without an answer: it may not be DICOM.",
            _ => "It did not answer as DICOM does.",
        };
    }
}
