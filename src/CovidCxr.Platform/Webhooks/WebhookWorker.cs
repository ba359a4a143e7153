using CovidCxr.Platform.Loops;
using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Webhooks;

/// <summary>Queues what happens, and tells each address of it, one message at a time: one that is slow holds no other up.</summary>
sealed class WebhookWorker(
    QueueWebhooks queue, SendWebhook send, IOptions<WebhookOptions> options, OneAtWork turns, TimeProvider time,
    ILogger<WebhookWorker> logger)
    : WorkOfOne("webhooks", turns)
{
    static readonly TimeSpan Look = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromMinutes(1), ForgetEvery = TimeSpan.FromHours(1);

    protected override async Task WorkAsync(CancellationToken stopping)
    {
        while (!await GuardAsync(queue.PrepareAsync, stopping) && !stopping.IsCancellationRequested)
        {
            // Without it nobody knows from where on.
        }

        var addresses = options.Value.Addresses.Where(a => a.Send).ToList();
        if (addresses.Count > 0)
        {
            await Task.WhenAll(addresses.Select(a => SendAsync(a, stopping)).Append(QueueAsync(stopping)));
        }
    }

    async Task QueueAsync(CancellationToken stopping)
    {
        DateTimeOffset? forgotten = null;
        while (!stopping.IsCancellationRequested)
        {
            await GuardAsync(queue.RunAsync, stopping);
            if (forgotten is not { } last || time.GetUtcNow() - last >= ForgetEvery)
            {
                await GuardAsync(queue.ForgetAsync, stopping);
                forgotten = time.GetUtcNow();
            }

            await GuardedLoop.PauseAsync(Look, stopping);
        }
    }

    async Task SendAsync(WebhookAddressOptions address, CancellationToken stopping)
    {
        for (var pause = Look; !stopping.IsCancellationRequested;)
        {
            var turn = WebhookTurn.Failed;
            await GuardAsync(async c => turn = await send.RunAsync(address, c), stopping);
            if (turn == WebhookTurn.Failed)
            {
                // The next message would find the same closed door.
                await GuardedLoop.PauseAsync(pause, stopping);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                continue;
            }

            if (turn == WebhookTurn.Nothing)
            {
                await GuardedLoop.PauseAsync(Look, stopping);
                continue;
            }

            pause = Look;
        }
    }

    Task<bool> GuardAsync(Func<CancellationToken, Task> work, CancellationToken stopping) =>
        GuardedLoop.TryAsync(work, "The sending of webhooks", Look, logger, stopping);
}
