using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CovidCxr.Hospital.Peers;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Delivery;

/// <summary>Sends one object in one association by dcmtk's dcmsend, whose report says the status of each object.</summary>
sealed partial class StoreScu(IOptions<HospitalOptions> options)
{
    /// <summary>A person may say then that it was delivered.</summary>
    public const string AlreadyThere = "It has an object of this UID already (status 0111).";

    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10), AnswerTimeout = TimeSpan.FromSeconds(60);

    /// <param name="path">Of the object. The report is written beside it.</param>
    public async Task<StoreResult> SendAsync(DestinationOptions destination, string path, CancellationToken cancellation)
    {
        if (Dcmtk.Find("dcmsend") is not { } program)
        {
            return new(StoreAnswer.Unreachable, Dcmtk.Missing);
        }

        var (tunnel, fault) = destination.Tls
            ? await TlsTunnel.OpenAsync(destination.Host, destination.Port, options.Value, cancellation)
            : (null, null);
        if (fault is not null)
        {
            return new(StoreAnswer.Unreachable, fault);
        }

        await using var _ = tunnel;
        var (host, port) = tunnel is null ? (destination.Host, destination.Port) : ("127.0.0.1", tunnel.Port);
        var report = path + ".report";
        var answer = Seconds(AnswerTimeout);
        using var process = new Process
        {
            StartInfo = new(
                program,
                [
                    // Only so does it say why an association is rejected.
                    "-d", "-to", Seconds(ConnectTimeout), "-ta", answer, "-td", answer, "-aet", options.Value.AeTitle, "-aec",
                    destination.AeTitle, "--create-report-file", report, host, port.ToString(CultureInfo.InvariantCulture), path,
                ])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            },
        };
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(ConnectTimeout + (3 * AnswerTimeout));
        try
        {
            process.Start();
            var words = process.StandardError.ReadToEndAsync(deadline.Token);
            await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return File.Exists(report)
                ? Judge(await File.ReadAllTextAsync(report, cancellation))
                : new(
                    StoreAnswer.Unreachable, Words(string.Concat(Telling().Matches(await words)), destination),
                    (await words).Contains("Association Accepted", StringComparison.Ordinal));
        }
        catch (Win32Exception)
        {
            return new(StoreAnswer.Unreachable, "dcmsend of dcmtk cannot be started.");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            cancellation.ThrowIfCancellationRequested();
            return new(StoreAnswer.Unreachable, Words("timeout", destination), MayBeThere: true);
        }
        finally
        {
            File.Delete(report);
        }
    }

    /// <summary>Its exit code is 0 for an object that was refused too.</summary>
    internal static StoreResult Judge(string report)
    {
        if (Status().Matches(report) is not [var line])
        {
            return new(StoreAnswer.Unreachable, "dcmsend did not say what became of the object.", MayBeThere: true);
        }

        if (!int.TryParse(line.Groups[1].ValueSpan, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var status))
        {
            return report.Contains("no acceptable presentation context", StringComparison.Ordinal)
                ? new(StoreAnswer.Refused, "It does not take objects of this kind.")
                : new(StoreAnswer.Unreachable, "The association ended before it answered.", MayBeThere: true);
        }

        return status switch
        {
            0 => new(StoreAnswer.Taken, "Status 0000.", MayBeThere: true),
            >= 0xA700 and <= 0xA7FF => new(StoreAnswer.Unreachable, $"It is out of resources (status {status:X4})."),
            >= 0xA900 and <= 0xA9FF => new(StoreAnswer.Refused, $"The object does not fit its class, it says (status {status:X4})."),
            0x0111 => new(StoreAnswer.Refused, AlreadyThere, MayBeThere: true),
            0x0122 => new(StoreAnswer.Refused, "It does not take objects of this kind (status 0122)."),
            0x0124 => new(StoreAnswer.Refused, "It does not allow this program to store (status 0124)."),
            >= 0xB000 and <= 0xBFFF => new(
                StoreAnswer.Refused, $"It took the object with a warning (status {status:X4}).", MayBeThere: true),
            >= 0xC000 and <= 0xCFFF => new(StoreAnswer.Refused, $"It cannot understand the object (status {status:X4})."),
            _ => new(StoreAnswer.Refused, $"It refused the object (status {status:X4}).", MayBeThere: true),
        };
    }

    string Words(string error, DestinationOptions destination)
    {
        bool Has(string part) => error.Contains(part, StringComparison.OrdinalIgnoreCase);
        return error switch
        {
            _ when Has("connection refused") => $"Nothing listens on port {destination.Port} of {destination.Host}.",
            _ when Has("called ae title not recognized") => $"It does not go by the name {destination.AeTitle}.",
            _ when Has("calling ae title not recognized") => $"It does not know {options.Value.AeTitle}: enter that name there.",
            _ when Has("rejected") => "It rejects the association.",
            _ when Has("unknown host") => $"Nobody knows the host name {destination.Host}.",
            _ when Has("no route") || Has("unreachable") => $"The network has no way to {destination.Host}.",
            _ when Has("timeout") || Has("timed out") => "It did not answer in time.",
            _ when Has("abort") => "It ended the association without an answer.",
            _ => "The object could not be sent; it may not be DICOM that answers there.",
        };
    }

    static string Seconds(TimeSpan time) => time.TotalSeconds.ToString(CultureInfo.InvariantCulture);

    [GeneratedRegex("^(?:[EF]: |D: Reason: ).*$", RegexOptions.Multiline)]
    private static partial Regex Telling();

    [GeneratedRegex(@"^DIMSE Status\s*:\s*(?:0x([0-9a-fA-F]{4})|<)", RegexOptions.Multiline)]
    private static partial Regex Status();
}
