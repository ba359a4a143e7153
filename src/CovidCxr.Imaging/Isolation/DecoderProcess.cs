using System.Diagnostics;
using System.Globalization;
using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Imaging.Isolation;

/// <summary>
/// One process that decodes, as the server sees it: a film at a time, watched while it works, killed where it costs too much.
/// </summary>
sealed class DecoderProcess : IDisposable
{
    // On Linux a process that a signal ended has 128 and the signal's number; this one is for the limit of processor.
    const int EndedForProcessor = 128 + 24;

    /// <summary>
    /// After so many films a new process takes over: what libraries lose in memory stays small, and so does what a film may spoil.
    /// </summary>
    const int MostFilms = 500;

    /// <summary>Megabytes: what a large film leaves behind is not kept while nothing is decoded.</summary>
    const int MostKept = 256;

    /// <summary>By the clock a file may take so many times its seconds of processor: others may need the cores.</summary>
    const int Patience = 3;

    static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(50), EndsWithin = TimeSpan.FromSeconds(10);

    readonly Lock _gate = new();
    readonly Process _process;
    readonly ImagingOptions _options;
    int _films;
    long _started;
    bool _isBusy, _isKilled;
    DecodeResult.Refused? _verdict;

    DecoderProcess(Process process, ImagingOptions options) => (_process, _options) = (process, options);

    /// <summary>Null as long as it runs.</summary>
    public int? ExitCode => _process.HasExited ? _process.ExitCode : null;

    /// <summary>Whether it may have another film.</summary>
    public bool IsFit => !_isKilled && !_process.HasExited && _films < MostFilms && Megabytes() < MostKept;

    /// <exception cref="IOException">The system starts no process.</exception>
    public static DecoderProcess Start(ProcessStartInfo command, ImagingOptions options)
    {
        command.UseShellExecute = false;
        command.RedirectStandardInput = command.RedirectStandardOutput = command.RedirectStandardError = true;
        try
        {
            var process = Process.Start(command)!;
            // What a library says of a file may quote it, so nobody reads it.
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            return new(process, options);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new IOException("The process that decodes films does not start.", e);
        }
    }

    /// <returns>Null where the process ended by itself, or said what none says.</returns>
    public DecodeResult? Decode(DecodeRequest request, CancellationToken cancellation)
    {
        (_started, _isBusy) = (Stopwatch.GetTimestamp(), true);
        using var cancelled = cancellation.Register(Kill);
        using var watch = new Timer(_ => Watch(), null, Glance, Glance);
        var isAnswered = false;
        try
        {
            DecoderFrames.WriteRequest(_process.StandardInput.BaseStream, request);
            var result = DecoderFrames.ReadReply(_process.StandardOutput.BaseStream, request);
            (isAnswered, _films) = (true, _films + 1);
            return result;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            Kill();
            _process.WaitForExit(EndsWithin);
            cancellation.ThrowIfCancellationRequested();
            return _verdict ?? (ExitCode == EndedForProcessor ? Refusals.TooSlow(_options.DecodeSeconds) : null);
        }
        finally
        {
            if (!isAnswered)
            {
                // Whatever is left in the pipe must not be taken for the next film's answer.
                Kill();
            }

            lock (_gate)
            {
                _isBusy = false;
            }
        }
    }

    void Watch()
    {
        lock (_gate)
        {
            if (!_isBusy || _isKilled || _process.HasExited)
            {
                return;
            }

            _verdict = Stopwatch.GetElapsedTime(_started) > TimeSpan.FromSeconds(_options.DecodeSeconds * Patience)
                ? Refusals.TooSlow(_options.DecodeSeconds * Patience)
                : Megabytes() > _options.DecodeMegabytes ? Refusals.TooHungry(_options.DecodeMegabytes) : null;
            if (_verdict is not null)
            {
                Kill();
            }
        }
    }

    void Kill()
    {
        lock (_gate)
        {
            _isKilled = true;
            if (!_process.HasExited)
            {
                // Of what it started, should a hostile film have made it start anything, nothing may hold the pipes open.
                _process.Kill(entireProcessTree: true);
            }
        }
    }

    // Resident; 0 where it is gone.
    long Megabytes()
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                var pages = File.ReadAllText($"/proc/{_process.Id}/statm").Split(' ')[1];
                return long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize >> 20;
            }

            _process.Refresh();
            return _process.WorkingSet64 >> 20;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException)
        {
            return 0;
        }
    }

    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }
}
