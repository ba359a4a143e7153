using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Hospital.Inbox;

/// <summary>
/// storescp of dcmtk for one association, on a socket that this process holds the other end of. It opens no port that a peer could reach,
/// and it ends by itself when the socket does: with the association, and when this process is killed.
/// </summary>
sealed class StoreProcess : IDisposable
{
    const string Verification = "1.2.840.10008.1.1";

    static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(10), EndTimeout = TimeSpan.FromSeconds(5);

    readonly Process _process;
    readonly Socket _socket;

    StoreProcess(Process process, Socket socket, string folder)
    {
        (_process, _socket, Folder) = (process, socket, folder);
        Stream = new NetworkStream(socket);
    }

    public NetworkStream Stream { get; }

    /// <summary>Where it writes what it receives.</summary>
    public string Folder { get; }

    /// <summary>Ends the sending half: storescp sees the end of its peer.</summary>
    public void EndInput()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // It is gone already.
        }
    }

    /// <param name="negotiation">A file with <see cref="Negotiation"/>.</param>
    /// <param name="folder">Of this association alone; made and removed here.</param>
    /// <returns>Null where it does not start.</returns>
    public static async Task<StoreProcess?> StartAsync(
        string program, string negotiation, string folder, TimeSpan idle, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(1);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var seconds = ((int)idle.TotalSeconds).ToString(CultureInfo.InvariantCulture);
        // storescp takes a socket as its input (--inetd), and bash is what can open one for it.
        var start = new ProcessStartInfo(
            "/bin/bash",
            [
                "-c", $"exec \"$0\" \"$@\" 0<>/dev/tcp/127.0.0.1/{port}", program, "--inetd", "-q", "-dhl", "+B", "+uf", "-ta", seconds,
                "-td", seconds, "-ts", seconds, "-xf", negotiation, "Film", "-od", folder,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process? process = null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(StartTimeout);
        try
        {
            process = Process.Start(start)!;
            // Its words may quote an object: nobody keeps them.
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return new(process, await listener.AcceptSocketAsync(deadline.Token), folder);
        }
        catch (Exception e) when (e is Win32Exception or OperationCanceledException or SocketException)
        {
            process?.Kill();
            process?.Dispose();
            Remove(folder);
            cancellation.ThrowIfCancellationRequested();
            return null;
        }
    }

    public void Dispose()
    {
        Stream.Dispose();
        _socket.Dispose();
        if (!_process.WaitForExit(EndTimeout))
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        Remove(Folder);
    }

    /// <summary>What is offered in the negotiation: the objects and codings that are read, so that a peer sends no other.</summary>
    public static string Negotiation()
    {
        var text = new StringBuilder("[[TransferSyntaxes]]\n[Read]\n");
        var (syntaxes, classes) = (DicomConformance.TransferSyntaxesHere, DicomConformance.SopClasses);
        for (var i = 0; i < syntaxes.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"TransferSyntax{i + 1} = {syntaxes[i].Uid}\n");
        }

        text.Append("[[PresentationContexts]]\n[Read]\n");
        text.Append(CultureInfo.InvariantCulture, $"PresentationContext1 = {Verification}\\Read\n");
        for (var i = 0; i < classes.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"PresentationContext{i + 2} = {classes[i].Uid}\\Read\n");
        }

        return text.Append("[[Profiles]]\n[Film]\nPresentationContexts = Read\n").ToString();
    }

    static void Remove(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
