using CovidCxr.Engine.Serving;

namespace CovidCxr.Engine.Tests.Serving;

public class ScanQueueTests
{
    [Fact]
    public void Take_WithReadersWithoutAPause_TakesABatchAfterSixteenOfTheirPasses()
    {
        var queue = new ScanQueue(capacity: 100);
        WaitingScan Add(InferencePriority priority)
        {
            var scan = new WaitingScan(null!, [], new(), default);
            Assert.True(queue.TryAdd(scan, priority));
            return scan;
        }

        WaitingScan[] batch = [Add(InferencePriority.Batch), Add(InferencePriority.Batch)];
        List<WaitingScan> taken = [];
        while (taken.Count < 40)
        {
            Add(InferencePriority.Reader);
            taken.Add(Assert.Single(queue.Take(most: 1)));
        }

        Assert.Equal([16, 33], batch.Select(b => taken.IndexOf(b)));
    }
}
