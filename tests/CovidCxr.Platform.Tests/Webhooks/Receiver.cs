using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using CovidCxr.Testing;

namespace CovidCxr.Platform.Tests.Webhooks;

/// <summary>One message as it came.</summary>
sealed record Received(string Id, string Timestamp, string Signature, string ContentType, string Body);

/// <summary>A receiver of webhooks in this process. A test may let it answer otherwise.</summary>
sealed class Receiver : IDisposable
{
    /// <summary>Of Standard Webhooks' own examples.</summary>
    public const string Secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    readonly HttpListener _listener = new();

    public Receiver()
    {
        Address = $"http://127.0.0.1:{FreePort.Find()}/hooks?tenant=7";
        _listener.Prefixes.Add(Address[..Address.IndexOf("hooks", StringComparison.Ordinal)]);
        _listener.Start();
        _ = ListenAsync();
    }

    public string Address { get; }

    public ConcurrentQueue<Received> Messages { get; } = [];

    /// <summary>What it answers, at which leisure.</summary>
    public Func<HttpListenerResponse, Task> Answer { get; set; } = response =>
    {
        response.StatusCode = 204;
        return Task.CompletedTask;
    };

    /// <summary>As a receiver of the standard would, written anew here.</summary>
    public static bool IsGenuine(Received message, string secret = Secret)
    {
        var key = Convert.FromBase64String(secret["whsec_".Length..]);
        var mac = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{message.Id}.{message.Timestamp}.{message.Body}"));
        return message.Signature.Split(' ').Contains("v1," + Convert.ToBase64String(mac));
    }

    async Task ListenAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.GetContextAsync());
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    async Task ServeAsync(HttpListenerContext context)
    {
        try
        {
            var request = context.Request;
            using var reader = new StreamReader(request.InputStream, Encoding.UTF8);
            Messages.Enqueue(new(
                request.Headers["webhook-id"] ?? "", request.Headers["webhook-timestamp"] ?? "",
                request.Headers["webhook-signature"] ?? "", request.ContentType ?? "", await reader.ReadToEndAsync()));
            await Answer(context.Response);
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or InvalidOperationException or IOException)
        {
            // The sender is gone.
        }
    }

    public void Dispose() => _listener.Close();
}
