using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using CovidCxr.Hospital.Peers;

namespace CovidCxr.Hospital.Fhir;

/// <param name="Status">Null where no answer came.</param>
/// <param name="Json">Null where what came is none.</param>
/// <param name="RetryAfter">How long the server wants to be left alone; null where it does not say.</param>
/// <param name="Failure">Why there is no whole answer, in words; null where there is one.</param>
/// <param name="MayHaveArrived">False only where the request certainly did not reach the server.</param>
/// <param name="IsTooLate">The request was sent, and the server may still be at work on it.</param>
public readonly record struct FhirAnswer(
    HttpStatusCode? Status, JsonElement? Json = null, TimeSpan? RetryAfter = null, string? Failure = null, bool MayHaveArrived = true,
    bool IsTooLate = false)
{
    public bool IsSuccess => Failure is null && Status is { } status && (int)status is >= 200 and < 300;

    /// <summary>A member of a JSON object, of the type that is asked for; null where there is none.</summary>
    public static JsonElement? Member(JsonElement? json, string name, JsonValueKind kind)
    {
        try
        {
            return json is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(name, out var member) && member.ValueKind == kind
                ? member
                : null;
        }
        catch (InvalidOperationException)
        {
            // The name of a member is no Unicode, which JSON's grammar allows ("\ud800").
            return null;
        }
    }

    public static string? Text(JsonElement? json, string name) => Text(Member(json, name, JsonValueKind.String));

    /// <summary>A string without the blanks at its end; null where it is none, or no Unicode.</summary>
    public static string? Text(JsonElement? json)
    {
        try
        {
            return json is { ValueKind: JsonValueKind.String } text ? text.GetString()!.TrimEnd() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The elements of an array; none where it is none.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement? json, string name) =>
        Member(json, name, JsonValueKind.Array) is { } array ? array.EnumerateArray() : [];
}

/// <summary>
/// Asks FHIR servers of the configuration. It follows no redirection, since the token is for the configured server alone, keeps no cookies,
/// and reads no more than <see cref="MaxAnswerBytes"/>.
/// </summary>
public sealed class FhirClient(TimeProvider time) : IDisposable
{
    /// <summary>Statements of capability have megabytes.</summary>
    public const int MaxAnswerBytes = 16 << 20;

    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10), AddressKept = TimeSpan.FromMinutes(5);

    static readonly MediaTypeHeaderValue FhirJson = new("application/fhir+json", "utf-8");

    readonly ConcurrentDictionary<string, HttpClient> _clients = new();

    /// <summary>Until the last byte of the answer is here.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(60);

    public Task<FhirAnswer> GetAsync(DestinationOptions server, string path, CancellationToken cancellation) =>
        AskAsync(server, HttpMethod.Get, path, null, cancellation);

    /// <param name="bundle">A transaction.</param>
    public Task<FhirAnswer> PostAsync(DestinationOptions server, byte[] bundle, CancellationToken cancellation) =>
        AskAsync(server, HttpMethod.Post, "", bundle, cancellation);

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    async Task<FhirAnswer> AskAsync(
        DestinationOptions server, HttpMethod method, string path, byte[]? body, CancellationToken cancellation)
    {
        if (server.ReadToken() is not { } token)
        {
            return new(null, Failure: "The file of its token holds none that can be read.", MayHaveArrived: false);
        }

        if (ClientOf(server) is not { } client)
        {
            return new(null, Failure: "The certificate that it knows this program by cannot be read.", MayHaveArrived: false);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(AnswerTimeout);
        try
        {
            using var request = NewRequest(server, token, method, path, body);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            return await ReadAsync(response, deadline.Token);
        }
        catch (HttpRequestException e)
        {
            return Failed(server, e.HttpRequestError);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            // Where it is the connection that takes too long, nothing was sent.
            var wasSent = e.InnerException is not TimeoutException;
            return new(null, Failure: "It did not answer in time.", MayHaveArrived: wasSent, IsTooLate: wasSent);
        }
        catch (IOException)
        {
            return new(null, Failure: "It ended the connection amid its answer.");
        }
    }

    static HttpRequestMessage NewRequest(DestinationOptions server, string token, HttpMethod method, string path, byte[]? body)
    {
        var request = new HttpRequestMessage(method, server.FhirServer.TrimEnd('/') + (path.Length > 0 ? "/" + path : ""));
        request.Headers.Accept.Add(new(FhirJson.MediaType!));
        // A read-back from somebody's memory would prove nothing.
        request.Headers.CacheControl = new() { NoCache = true };
        if (token.Length > 0)
        {
            request.Headers.Authorization = new("Bearer", token);
        }

        if (body is not null)
        {
            request.Content = new ByteArrayContent(body) { Headers = { ContentType = FhirJson } };
            request.Headers.Add("Prefer", "return=minimal");
        }

        return request;
    }

    HttpClient? ClientOf(DestinationOptions server)
    {
        try
        {
            return _clients.GetOrAdd(server.Name, _ => NewClient(server));
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <exception cref="CryptographicException">The file of its certificate holds none with its key.</exception>
    static HttpClient NewClient(DestinationOptions server)
    {
        var certificate = PeerCertificates.Load(server.ClientCertificate);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = ConnectTimeout,
            PooledConnectionLifetime = AddressKept,
            // What a proxy calls loopback is another machine.
            UseProxy = !new Uri(server.FhirServer).IsLoopback,
        };
        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
        }

        return new(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    async Task<FhirAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellation)
    {
        var retryAfter = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - time.GetUtcNow(),
            _ => (TimeSpan?)null,
        };
        await using var stream = await response.Content.ReadAsStreamAsync(cancellation);
        using var body = new MemoryStream();
        var part = new byte[64 << 10];
        for (int read; (read = await stream.ReadAsync(part, cancellation)) > 0;)
        {
            if (body.Length + read > MaxAnswerBytes)
            {
                return new(response.StatusCode, RetryAfter: retryAfter, Failure: $"Its answer is longer than {MaxAnswerBytes >> 20} MB.");
            }

            body.Write(part, 0, read);
        }

        try
        {
            using var json = JsonDocument.Parse(body.GetBuffer().AsMemory(0, (int)body.Length));
            return new(response.StatusCode, json.RootElement.Clone(), retryAfter);
        }
        catch (JsonException)
        {
            return new(response.StatusCode, RetryAfter: retryAfter);
        }
    }

    static FhirAnswer Failed(DestinationOptions server, HttpRequestError error)
    {
        var host = new Uri(server.FhirServer).Authority;
        return error switch
        {
            HttpRequestError.NameResolutionError => new(null, Failure: $"Nobody knows the host name {host}.", MayHaveArrived: false),
            HttpRequestError.ConnectionError => new(null, Failure: $"Nothing answers at {host}.", MayHaveArrived: false),
            HttpRequestError.SecureConnectionError => new(
                null, Failure: $"The connection to {host} cannot be secured: look at its certificate, or at ours.", MayHaveArrived: false),
            HttpRequestError.ProxyTunnelError => new(null, Failure: $"The proxy leads to no {host}.", MayHaveArrived: false),
            _ => new(null, Failure: "It ended the connection without a whole answer."),
        };
    }
}
