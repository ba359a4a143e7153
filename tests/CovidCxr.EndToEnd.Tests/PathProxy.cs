using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>
/// A proxy that serves the program under a path, as nginx does, and remembers what was asked for. It passes bytes on, so websockets work;
/// every other request has a connection of its own.
/// </summary>
sealed class PathProxy : IAsyncDisposable
{
    const string HeadEnd = "\r\n\r\n";

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource _over = new();
    readonly Uri _target;
    readonly string _path;
    readonly bool _isKept;
    readonly Task _accepting;

    /// <param name="path">As "/covidcxr".</param>
    /// <param name="isKept">The program sees the path; otherwise it is taken away, and named in X-Forwarded-Prefix.</param>
    public PathProxy(Uri target, string path, bool isKept)
    {
        (_target, _path, _isKept) = (target, path, isKept);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}{_path}/");

    /// <summary>"GET /covidcxr/models", in the order in which they came.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        _over.Dispose();
    }

    async Task AcceptAsync()
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_over.Token)));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    async Task ServeAsync(TcpClient browser)
    {
        try
        {
            using (browser)
            using (var program = new TcpClient())
            {
                var fromBrowser = browser.GetStream();
                var (head, body) = await ReadHeadAsync(fromBrowser);
                if (head.Length == 0 || Rewrite(head) is not { } rewritten)
                {
                    await fromBrowser.WriteAsync(
                        Encoding.ASCII.GetBytes("HTTP/1.1 404 Not Found\r\nConnection: close" + HeadEnd), _over.Token);
                    return;
                }

                await program.ConnectAsync(_target.Host, _target.Port, _over.Token);
                var fromProgram = program.GetStream();
                await fromProgram.WriteAsync(Encoding.Latin1.GetBytes(rewritten), _over.Token);
                await fromProgram.WriteAsync(body, _over.Token);
                await Task.WhenAny(fromBrowser.CopyToAsync(fromProgram, _over.Token), fromProgram.CopyToAsync(fromBrowser, _over.Token));
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // One of the two has gone.
        }
    }

    /// <returns>Null where the request is for something outside the path.</returns>
    string? Rewrite(string head)
    {
        var lines = head.Split("\r\n");
        var (method, address, version) = lines[0].Split(' ') is [var m, var a, var v] ? (m, a, v) : ("", "", "");
        Requests.Enqueue($"{method} {address}");
        if (!address.StartsWith(_path + "/", StringComparison.Ordinal))
        {
            return null;
        }

        var isSocket = lines.Any(l => l.StartsWith("Upgrade:", StringComparison.OrdinalIgnoreCase));
        List<string> sent = [$"{method} {(_isKept ? address : address[_path.Length..])} {version}"];
        sent.AddRange(lines[1..].Where(l =>
            l.Length > 0 && (isSocket || !l.StartsWith("Connection:", StringComparison.OrdinalIgnoreCase))));
        sent.AddRange(isSocket ? [] : ["Connection: close"]);
        sent.AddRange(_isKept ? [] : [$"X-Forwarded-Prefix: {_path}"]);
        return string.Join("\r\n", sent) + HeadEnd;
    }

    async Task<(string Head, byte[] Body)> ReadHeadAsync(NetworkStream stream)
    {
        List<byte> read = [];
        var buffer = new byte[8192];
        while (true)
        {
            var count = await stream.ReadAsync(buffer, _over.Token);
            read.AddRange(buffer.AsSpan(0, count));
            var text = Encoding.Latin1.GetString([.. read]);
            if (text.IndexOf(HeadEnd, StringComparison.Ordinal) is var end and >= 0)
            {
                return (text[..end], [.. read.Skip(end + HeadEnd.Length)]);
            }

            if (count == 0)
            {
                return ("", []);
            }
        }
    }
}
