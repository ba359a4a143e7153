using System.Globalization;
using System.Runtime.InteropServices;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;

namespace CovidCxr.Imaging.Isolation;

/// <summary>
/// The process that decodes for the server: the same program, started with limits. It reads files from its standard input and writes
/// samples to its standard output, one after the other, and ends with its input. It needs no network, no folder and no setting.
/// </summary>
public static class DecoderWorker
{
    /// <summary>The first argument that makes the program this process; seconds and megabytes follow.</summary>
    public const string Argument = "decode-films";

    static readonly TimeSpan LookAfterParent = TimeSpan.FromSeconds(1);

    /// <param name="seconds">Of processor for one file.</param>
    /// <param name="megabytes">That this process may hold.</param>
    public static int Run(string seconds, string megabytes, Stream requests, Stream replies) =>
        Run(int.Parse(seconds, CultureInfo.InvariantCulture), int.Parse(megabytes, CultureInfo.InvariantCulture), requests, replies);

    static int Run(int seconds, int megabytes, Stream requests, Stream replies)
    {
        // Who stops the server by a signal to all its processes still gets the film that is being decoded; the leash is the input.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        ProcessLimits.Take(megabytes);
        using var leash = EndWithParent();
        WarmUp();
        try
        {
            while (DecoderFrames.ReadRequest(requests) is { } request)
            {
                ProcessLimits.AllowProcessor(seconds);
                DecoderFrames.WriteReply(replies, new ScanDecoder(request.Limits, request.TakesBlank).Decode(request.Bytes));
                // While nobody waits: file and samples of the last film are not kept until the next.
                GC.Collect();
            }
        }
        catch (IOException)
        {
            // The server is gone.
        }

        return 0;
    }

    // A server that was killed closes the input, but a decode that hangs does not read it.
    static Timer EndWithParent()
    {
        var parent = ProcessLimits.Parent;
        return new(
            _ =>
            {
                if (ProcessLimits.Parent != parent)
                {
                    Environment.Exit(0);
                }
            },
            null, LookAfterParent, LookAfterParent);
    }

    // libvips and the code of the usual kind are loaded before the first film waits for them.
    static void WarmUp() => new ScanDecoder(new()).Decode(PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.Clear, seed: 1, 256, bits: 16)));
}
