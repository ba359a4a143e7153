using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace CovidCxr.Testing;

/// <summary>
/// A collector of OpenTelemetry that keeps the bodies which it is sent: protobuf, in which texts and identifiers stand as they are.
/// </summary>
public sealed class Collector : IAsyncDisposable
{
    readonly HttpListener _listener = new();
    readonly ConcurrentQueue<(string Path, byte[] Body)> _bodies = [];
    readonly Task _loop;

    public Collector()
    {
        Address = new($"http://127.0.0.1:{FreePort.Find()}/");
        _listener.Prefixes.Add(Address.ToString());
        _listener.Start();
        _loop = LoopAsync();
    }

    public Uri Address { get; }

    /// <summary>How often the bytes stand in what came to /v1/traces, /v1/metrics or /v1/logs.</summary>
    public int Count(string kind, byte[] bytes) => _bodies.Where(b => b.Path == $"/v1/{kind}").Sum(b => CountIn(b.Body, bytes));

    /// <summary>How often a text stands in bodies of this kind in which the bytes stand too.</summary>
    public int Count(string kind, string text, byte[] beside) => _bodies.Where(b => b.Path == $"/v1/{kind}" && CountIn(b.Body, beside) > 0)
        .Sum(b => CountIn(b.Body, Encoding.UTF8.GetBytes(text)));

    /// <inheritdoc cref="Count(string, byte[])"/>
    public int Count(string kind, string text) => Count(kind, Encoding.UTF8.GetBytes(text));

    /// <summary>How often a text stands in anything that came.</summary>
    public int Count(string text) => _bodies.Sum(b => CountIn(b.Body, Encoding.UTF8.GetBytes(text)));

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _loop;
    }

    static int CountIn(ReadOnlySpan<byte> body, ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        for (var at = body.IndexOf(bytes); at >= 0; at = body.IndexOf(bytes))
        {
            count++;
            body = body[(at + bytes.Length)..];
        }

        return count;
    }

    async Task LoopAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                using var body = new MemoryStream();
                await context.Request.InputStream.CopyToAsync(body);
                _bodies.Enqueue((context.Request.Url!.AbsolutePath, body.ToArray()));
                context.Response.Close();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException)
            {
                // Closed, or whoever sent it has gone.
            }
        }
    }
}
