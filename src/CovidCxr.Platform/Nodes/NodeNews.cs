using System.Collections.Concurrent;
using System.Threading.Channels;
using CovidCxr.Platform.Loops;
using CovidCxr.Storage;
using CovidCxr.Storage.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Platform.Nodes;

/// <summary>
/// Tells the other programs on the database that there is something to look up, and hears it from them. Nothing hangs on it but waiting:
/// who misses a word finds out by looking.
/// </summary>
public sealed class NodeNews(ThisNode node, IDbContextFactory<CovidCxrDbContext> contexts, ILogger<NodeNews> logger) : BackgroundService
{
    /// <summary>Words that wait to be told; where there are more, all are told to look at everything.</summary>
    const int Most = 10_000;

    const string Everything = "*";

    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<string, Action<string?>> _listeners = new(StringComparer.Ordinal);
    readonly Channel<string> _waiting = Channel.CreateBounded<string>(Most);
    int _isTooMuch;

    /// <summary>Tells the others. The caller's own program knows by itself.</summary>
    /// <param name="topic">Without a space.</param>
    /// <param name="word">Short, and nobody's data: an id, or a kind of work.</param>
    public void Tell(string topic, string word)
    {
        if (node.MayHaveOthers && !_waiting.Writer.TryWrite($"{node.Id} {topic} {word}"))
        {
            Volatile.Write(ref _isTooMuch, 1);
        }
    }

    /// <summary>Hears what others tell of a topic; one listener for each.</summary>
    /// <param name="heard">Null where anything may have been said: this program was not connected.</param>
    public void Listen(string topic, Action<string?> heard) => _listeners[topic] = heard;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!node.MayHaveOthers)
        {
            return;
        }

        await Task.Yield();
        await Task.WhenAll(LoopAsync(HearAsync, "The hearing of other programs", stoppingToken),
            LoopAsync(TellAsync, "The telling of other programs", stoppingToken));
    }

    async Task LoopAsync(Func<CancellationToken, Task> work, string what, CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            await GuardedLoop.TryAsync(work, what, Pause, logger, stopping);
        }
    }

    Task HearAsync(CancellationToken stopping) => NodeWords.HearAsync(contexts, () => Hear(Everything), Hear, stopping);

    async Task TellAsync(CancellationToken stopping)
    {
        await _waiting.Reader.WaitToReadAsync(stopping);
        HashSet<string> words = new(StringComparer.Ordinal);
        while (_waiting.Reader.TryRead(out var word))
        {
            words.Add(word);
        }

        if (Interlocked.Exchange(ref _isTooMuch, 0) == 1)
        {
            words = [Everything];
        }

        try
        {
            await NodeWords.TellAsync(contexts, words, stopping);
        }
        catch
        {
            // Which of them were told nobody knows.
            Volatile.Write(ref _isTooMuch, 1);
            _waiting.Writer.TryWrite(Everything);
            throw;
        }
    }

    void Hear(string said)
    {
        if (said == Everything)
        {
            foreach (var listener in _listeners.Values)
            {
                Tell(listener, null);
            }

            return;
        }

        // Others on the database may say what they like.
        if (said.Split(' ', 3) is [var from, var topic, var word] && from != node.Id && _listeners.TryGetValue(topic, out var heard))
        {
            Tell(heard, word);
        }
    }

    // A listener that fails, as a page that is just closing does, keeps nothing from the others.
    void Tell(Action<string?> listener, string? word)
    {
        try
        {
            listener(word);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            logger.LogError("What another program told could not be heeded: {Error}", e.GetType().Name);
        }
    }
}
