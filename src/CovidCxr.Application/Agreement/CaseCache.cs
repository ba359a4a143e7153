using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Agreement;

/// <summary>
/// What the comparison reads from: readings and findings are only ever added, and what they refer to does not change, so that as many of both with the same
/// last ones are the same data.
/// </summary>
readonly record struct CaseVersion(int Readings, Guid? LastReading, int Findings, Guid? LastFinding)
{
    public static async Task<CaseVersion> CurrentAsync(CovidCxrDbContext db, CancellationToken cancellation) => new(
        await db.Readings.CountAsync(cancellation), await db.Readings.OrderByDescending(r => r.Id).Select(r => (Guid?)r.Id).FirstOrDefaultAsync(cancellation),
        await db.ReferenceFindings.CountAsync(cancellation), await db.ReferenceFindings.OrderByDescending(f => f.Id).Select(f => (Guid?)f.Id).FirstOrDefaultAsync(cancellation));
}

/// <summary>All finished readings of one version of the data, about 100 bytes each, with what was computed of them.</summary>
sealed class CaseSet(CaseVersion version, ReaderCase[] all)
{
    /// <summary>A comparison with its curves takes up to some hundred kilobytes.</summary>
    const int MostAnswers = 32;

    readonly LinkedList<(object Question, object Answer)> answers = [];

    public CaseVersion Version => version;

    public IReadOnlyList<ReaderCase> All => all;

    /// <summary>Computes an answer once. Two who ask at the same time may both compute it, and get the same.</summary>
    /// <param name="question">Equal questions have equal answers.</param>
    public T Answer<T>(object question, Func<T> compute)
        where T : class
    {
        lock (answers)
        {
            for (var node = answers.First; node is not null; node = node.Next)
            {
                if (node.Value.Question.Equals(question))
                {
                    answers.Remove(node);
                    answers.AddFirst(node);
                    return (T)node.Value.Answer;
                }
            }
        }

        var answer = compute();
        lock (answers)
        {
            answers.AddFirst((question, answer));
            if (answers.Count > MostAnswers)
            {
                answers.RemoveLast();
            }
        }

        return answer;
    }
}

/// <summary>Keeps the newest version of the cases alone. Every call asks the database whether it still is the newest.</summary>
public sealed class CaseCache : IDisposable
{
    readonly SemaphoreSlim loading = new(1);
    CaseSet? newest;

    internal async Task<CaseSet> GetAsync(CovidCxrDbContext db, CancellationToken cancellation)
    {
        await loading.WaitAsync(cancellation);
        try
        {
            // Asked before loading: what comes in between may be in the set, and makes the next call load again.
            var version = await CaseVersion.CurrentAsync(db, cancellation);
            if (newest is null || newest.Version != version)
            {
                // Not two sets at a time.
                newest = null;
                newest = new(version, await ReaderCases.LoadAsync(db, cancellation));
            }

            return newest;
        }
        finally
        {
            loading.Release();
        }
    }

    public void Dispose() => loading.Dispose();
}
