using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Peers;

/// <summary>PyTorch in a process of its own, told by a line what to do once and answering with its milliseconds.</summary>
sealed class PyTorchPeer : IDisposable
{
    readonly Process process;

    PyTorchPeer(Process process) => this.process = process;

    /// <summary>What the peer runs on, in its own words.</summary>
    public string Version { get; private init; } = "";

    /// <returns>Null where python3-torch is not installed or dies on this machine.</returns>
    public static PyTorchPeer? Start()
    {
        var start = new ProcessStartInfo("/usr/bin/python3", [Path.Combine(AppContext.BaseDirectory, "peer.py")]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        try
        {
            var process = Process.Start(start)!;
            return process.StandardOutput.ReadLine() is { } version ? new(process) { Version = version } : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <param name="command">As peer.py reads it.</param>
    /// <returns>Milliseconds; null where the peer died of it.</returns>
    public double? Measure(string command)
    {
        try
        {
            process.StandardInput.WriteLine(command);
            process.StandardInput.Flush();
            return process.StandardOutput.ReadLine() is { } answer ? double.Parse(answer, CultureInfo.InvariantCulture) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
        }

        process.Dispose();
    }
}
