using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using CovidCxr.Domain.Webhooks;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Webhooks;

/// <summary>What a turn of sending came to.</summary>
enum WebhookTurn
{
    /// <summary>Nothing is due, or the address is stopped.</summary>
    Nothing,

    Delivered,

    /// <summary>The address did not take it.</summary>
    Failed,
}

/// <summary>
/// Sends the oldest message of an address that is due. It is the same message under the same id at each attempt, for an answer can get
/// lost: the receiver knows by the id what it has.
/// </summary>
sealed class SendWebhook(IDbContextFactory<CovidCxrDbContext> contexts, TimeProvider time) : IDisposable
{
    /// <summary>Between the attempts, as Standard Webhooks has them: about three days. Then a person is asked.</summary>
    public static readonly IReadOnlyList<TimeSpan> Waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5),
        TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>Longer than an attempt: until then no other program on this database takes the message.</summary>
    static readonly TimeSpan Claimed = TimeSpan.FromMinutes(1);

    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10), AddressKept = TimeSpan.FromMinutes(5);

    // What a proxy calls loopback is another machine.
    readonly HttpClient _here = NewClient(useProxy: false), _elsewhere = NewClient(useProxy: true);

    /// <summary>Until the status of the answer is here; what the answer says is not read.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(15);

    public async Task<WebhookTurn> RunAsync(WebhookAddressOptions address, CancellationToken cancellation)
    {
        if (await ClaimAsync(address.Name, cancellation) is not { } message)
        {
            return WebhookTurn.Nothing;
        }

        var failure = await PostAsync(address, message, cancellation);
        // From here on nobody stops it: what was delivered is noted.
        await NoteAsync(message, failure);
        return failure is null ? WebhookTurn.Delivered : WebhookTurn.Failed;
    }

    public void Dispose()
    {
        _here.Dispose();
        _elsewhere.Dispose();
    }

    /// <summary>The whole of what is said.</summary>
    internal static byte[] BodyOf(WebhookMessage message) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        type = message.Event,
        timestamp = message.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        data = message.StudyId is { } study ? new Dictionary<string, Guid> { ["studyId"] = study } : [],
    });

    static HttpClient NewClient(bool useProxy) => new(new SocketsHttpHandler
    {
        // What is signed for one receiver is not for another.
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = AddressKept,
        UseProxy = useProxy,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>Takes the oldest that is due, and puts it off for the case that this process ends now.</summary>
    async Task<WebhookMessage?> ClaimAsync(string address, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (!await db.WebhookAddresses.AnyAsync(a => a.Name == address && !a.IsStopped, cancellation))
        {
            return null;
        }

        var due = db.WebhookMessages.Where(m => m.Address == address && m.State == WebhookState.Waiting && m.NotBefore <= now);
        if (await due.AsNoTracking().OrderBy(m => m.Id).FirstOrDefaultAsync(cancellation) is not { } message)
        {
            return null;
        }

        message.Attempts++;
        var next = now + Claimed;
        return await due.Where(m => m.Id == message.Id).ExecuteUpdateAsync(
            s => s.SetProperty(m => m.Attempts, message.Attempts).SetProperty(m => m.NotBefore, next), cancellation) == 1
            ? message
            : null;
    }

    /// <returns>Why it was not taken, in words; null where it was.</returns>
    async Task<string?> PostAsync(WebhookAddressOptions address, WebhookMessage message, CancellationToken cancellation)
    {
        if (address.ReadSecrets() is not { } secrets)
        {
            return "The file of its secret holds none that can be read.";
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(AnswerTimeout);
        var uri = new Uri(address.Address);
        try
        {
            using var request = NewRequest(uri, message, secrets);
            using var response = await (uri.IsLoopback ? _here : _elsewhere).SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            return (int)response.StatusCode switch
            {
                >= 200 and < 300 => null,
                >= 300 and < 400 and var status => $"It leads elsewhere (status {status}), which is not followed.",
                var status => $"It answered with status {status}.",
            };
        }
        catch (HttpRequestException e)
        {
            return Words(e.HttpRequestError, address.Host);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return "It did not answer in time.";
        }
    }

    HttpRequestMessage NewRequest(Uri uri, WebhookMessage message, IReadOnlyList<byte[]> secrets)
    {
        var (id, seconds, body) = ($"msg_{message.Id:N}", time.GetUtcNow().ToUnixTimeSeconds(), BodyOf(message));
        var request = new HttpRequestMessage(HttpMethod.Post, uri) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", seconds.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature", WebhookSignature.Of(secrets, id, seconds, body));
        request.Headers.UserAgent.Add(new("CovidCxr", null));
        return request;
    }

    static string Words(HttpRequestError error, string host) => error switch
    {
        HttpRequestError.NameResolutionError => $"Nobody knows the host name of {host}.",
        HttpRequestError.ConnectionError => $"Nothing answers at {host}.",
        HttpRequestError.SecureConnectionError => $"The connection to {host} cannot be secured: look at its certificate.",
        HttpRequestError.ProxyTunnelError => $"The proxy leads to no {host}.",
        _ => "It ended the connection without an answer.",
    };

    async Task NoteAsync(WebhookMessage message, string? failure)
    {
        await using var db = await contexts.CreateDbContextAsync();
        var now = time.GetUtcNow();
        var hasWait = message.Attempts <= Waits.Count;
        var (state, next) = (failure, hasWait) switch
        {
            (null, _) => (WebhookState.Delivered, now),
            (_, true) => (WebhookState.Waiting, now + Waits[message.Attempts - 1]),
            _ => (WebhookState.Failed, now),
        };
        DateTimeOffset? settled = state == WebhookState.Waiting ? null : now;
        // What arrived has arrived, whatever was decided meanwhile.
        await db.WebhookMessages.Where(m => m.Id == message.Id && (m.State == WebhookState.Waiting || failure == null)).ExecuteUpdateAsync(
            s => s.SetProperty(m => m.State, state).SetProperty(m => m.NotBefore, next).SetProperty(m => m.Reason, failure)
                .SetProperty(m => m.SettledAt, settled));
    }
}
