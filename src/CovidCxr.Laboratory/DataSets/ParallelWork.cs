using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>Work on many images, on all cores but one: predictions go on beside it. A failure comes out as itself.</summary>
static class ParallelWork
{
    static readonly int Threads = Math.Max(1, Environment.ProcessorCount - 1);

    /// <param name="items">Read one at a time, under a lock, as threads ask for them.</param>
    public static void ForEach<T>(IEnumerable<T> items, Action<T> work, CancellationToken cancellation)
    {
        try
        {
            Parallel.ForEach(
                Partitioner.Create(items, EnumerablePartitionerOptions.NoBuffering),
                new ParallelOptions { MaxDegreeOfParallelism = Threads, CancellationToken = cancellation }, work);
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
    }
}
