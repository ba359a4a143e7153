using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Imaging.Isolation;

/// <summary>
/// Processes that decode untrusted files for this one. What kills, fills or stops such a process is a refusal of that one file, and the
/// next file gets a new process. Safe to call from several threads.
/// </summary>
/// <param name="options">How many processes, and what one file may cost.</param>
/// <param name="note">Told in a sentence when a process ended by itself; nothing of a file is in it.</param>
/// <param name="command">Starts one; null for this program as <see cref="DecoderWorker"/>.</param>
public sealed class DecoderPool(ImagingOptions options, Action<string> note, Func<ProcessStartInfo>? command = null) : IDisposable
{
    // The machine code of a decoder is small, its collector has one heap, and nobody attaches to it.
    static readonly (string, string)[] Settings =
        [("DOTNET_gcServer", "0"), ("DOTNET_gcConcurrent", "0"), ("DOTNET_TieredPGO", "0"), ("DOTNET_EnableDiagnostics", "0")];

    // Where a runtime or libraries stand that the system does not find by itself.
    static readonly string[] Inherited = ["DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64", "LD_LIBRARY_PATH", "SystemRoot"];

    readonly SemaphoreSlim _turns = new(options.Decoders);
    readonly ConcurrentBag<DecoderProcess> _idle = [];
    volatile bool _isDisposed;

    /// <summary>Starts the processes, so that the first films do not wait for it.</summary>
    public void Start()
    {
        while (_idle.Count < options.Decoders && !_isDisposed)
        {
            _idle.Add(StartOne());
        }
    }

    /// <summary>A decoder with these limits of its own; what one file may cost is the pool's.</summary>
    public IScanDecoder For(ImagingOptions limits, bool takesBlank = false) => new Pooled(this, limits, takesBlank);

    sealed class Pooled(DecoderPool pool, ImagingOptions limits, bool takesBlank) : IScanDecoder
    {
        public DecodeResult Decode(byte[] bytes, CancellationToken cancellation = default) =>
            ScanDecoder.CheckSignature(bytes, limits) ?? pool.Decode(
                new(bytes, limits.MaxMegapixels, limits.MaxFileMegabytes, limits.MinSidePixels, takesBlank), cancellation);
    }

    DecodeResult Decode(DecodeRequest request, CancellationToken cancellation)
    {
        _turns.Wait(cancellation);
        try
        {
            // Once more, for it need not be the file's fault: the system may have been short of memory.
            return DecodeOnce(request, cancellation) ?? DecodeOnce(request, cancellation) ?? Refusals.DecoderEnded();
        }
        finally
        {
            _turns.Release();
        }
    }

    DecodeResult? DecodeOnce(DecodeRequest request, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        var process = Take();
        try
        {
            var result = process.Decode(request, cancellation);
            if (result is null)
            {
                note($"A process that decodes films ended while it worked, with exit code {process.ExitCode}. A new one takes over.");
            }

            return result;
        }
        finally
        {
            PutBack(process);
        }
    }

    DecoderProcess Take()
    {
        while (_idle.TryTake(out var process))
        {
            if (process.IsFit)
            {
                return process;
            }

            process.Dispose();
        }

        return StartOne();
    }

    // A new one starts at once, so that the next film does not wait for it.
    void PutBack(DecoderProcess process)
    {
        if (process.IsFit && !_isDisposed)
        {
            _idle.Add(process);
            return;
        }

        process.Dispose();
        try
        {
            if (!_isDisposed)
            {
                _idle.Add(StartOne());
            }
        }
        catch (IOException)
        {
            // The next film tries again, and says so.
        }
    }

    DecoderProcess StartOne()
    {
        var start = command?.Invoke() ?? OfThisProgram();
        start.Environment.Clear();
        foreach (var name in Inherited.Where(n => Environment.GetEnvironmentVariable(n) is not null))
        {
            start.Environment[name] = Environment.GetEnvironmentVariable(name);
        }

        foreach (var (name, value) in Settings)
        {
            start.Environment[name] = value;
        }

        start.Environment["DOTNET_GCHeapHardLimit"] = (options.DecodeMegabytes * (1L << 20)).ToString("x", CultureInfo.InvariantCulture);
        return DecoderProcess.Start(start, options);
    }

    ProcessStartInfo OfThisProgram()
    {
        var program = Environment.ProcessPath!;
        string[] prefix = Path.GetFileNameWithoutExtension(program) == "dotnet" ? [Assembly.GetEntryAssembly()!.Location] : [];
        return new(
            program,
            [
                .. prefix, DecoderWorker.Argument, options.DecodeSeconds.ToString(CultureInfo.InvariantCulture),
                options.DecodeMegabytes.ToString(CultureInfo.InvariantCulture),
            ]);
    }

    /// <summary>Ends the processes; a film that is being decoded is lost.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        while (_idle.TryTake(out var process))
        {
            process.Dispose();
        }
    }
}
