using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Peers;

/// <summary>PyTorch in a process of its own, told by a line what to do once and answering with its milliseconds.</summary>
sealed class PyTorchPeer : IDisposable
{
    readonly Process _process;

    PyTorchPeer(Process process) => _process = process;

    /// <summary>What the peer runs on, in its own words.</summary>
    public string Version { get; private init; } = "";

    /// <returns>Null where PyTorch is not installed or dies on this machine.</returns>
    public static PyTorchPeer? Start()
    {
        // Debian's first: a python3 before it on the path may be another, without PyTorch.
        foreach (var python in new[] { "/usr/bin/python3", "python3" })
        {
            var start = new ProcessStartInfo(python, [Path.Combine(AppContext.BaseDirectory, "peer.py")])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true
            };
            try
            {
                var process = Process.Start(start)!;
                if (process.StandardOutput.ReadLine() is { } version)
                {
                    return new(process) { Version = version };
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not there.
            }
        }

        return null;
    }

    /// <param name="command">As peer.py reads it.</param>
    /// <returns>Milliseconds; null where the peer died of it.</returns>
    public double? Measure(string command)
    {
        try
        {
            _process.StandardInput.WriteLine(command);
            _process.StandardInput.Flush();
            return _process.StandardOutput.ReadLine() is { } answer ? double.Parse(answer, CultureInfo.InvariantCulture) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
