using CovidCxr.Domain.Jobs;
using CovidCxr.Platform.Nodes;
using CovidCxr.Storage;

namespace CovidCxr.Platform.Jobs;

/// <summary>Does one kind of job. A scoped one is made anew for each attempt, and disposed with what it asked for at its end.</summary>
public interface IJobHandler
{
    string Kind { get; }

    /// <summary>False while something that every job of this kind needs is missing; jobs then wait without losing attempts.</summary>
    bool CanRun { get; }

    /// <summary>Which of several programs do this kind.</summary>
    NodeRoles Role => NodeRoles.Worker;

    /// <summary>Jobs of this kind at once in this process; null for the configured number.</summary>
    int? Workers => null;

    /// <summary>Works outside any transaction.</summary>
    /// <returns>What to store; it runs in the transaction that ends the job, and must not save.</returns>
    Task<Func<CovidCxrDbContext, Task>> RunAsync(Job job, CancellationToken cancellation);

    /// <summary>Stores what follows when the job's attempts are used up; must not save.</summary>
    Task GiveUpAsync(CovidCxrDbContext db, Job job);

    /// <summary>Called after the end is committed, whichever it is.</summary>
    void Ended(Job job);
}
