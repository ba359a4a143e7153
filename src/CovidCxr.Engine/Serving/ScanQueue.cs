namespace CovidCxr.Engine.Serving;

/// <summary>Whose scan goes first where several wait.</summary>
public enum InferencePriority
{
    /// <summary>Somebody waits for the answer.</summary>
    Reader,

    /// <summary>
    /// Nobody does. It goes once no reader's scan waits, and after <see cref="ScanQueue.MostBefore"/> of their passes all the same: a check
    /// of the model comes through amid a thousand films.
    /// </summary>
    Batch,
}

/// <summary>A scan that waits for the network.</summary>
/// <param name="Input">(3, H, W) of the model's preset.</param>
sealed record WaitingScan(
    ServedModel Model, float[] Input, TaskCompletionSource<ServedAnswer> Answer, CancellationToken Cancellation);

/// <summary>Scans that wait for one thread: readers' before those of a batch, each in the order in which they came.</summary>
/// <param name="capacity">Of both together.</param>
sealed class ScanQueue(int capacity)
{
    /// <summary>So many passes of readers go before a batch that waits.</summary>
    public const int MostBefore = 16;

    // Not a Lock: the thread waits on it.
    readonly object _gate = new();
    readonly Queue<WaitingScan> _readers = new(), _batch = new();
    int _passes;
    bool _isClosed;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _readers.Count + _batch.Count;
            }
        }
    }

    /// <returns>False where the queue is full or closed.</returns>
    public bool TryAdd(WaitingScan scan, InferencePriority priority)
    {
        lock (_gate)
        {
            if (_isClosed || Count >= capacity)
            {
                return false;
            }

            (priority == InferencePriority.Reader ? _readers : _batch).Enqueue(scan);
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Blocks until scans wait, and takes those that go through the network together. Cancelled ones end here.</summary>
    /// <returns>Scans of one model and one priority, so that no batch makes a reader's pass longer; none after the queue's end.</returns>
    public List<WaitingScan> Take(int most)
    {
        lock (_gate)
        {
            var taken = new List<WaitingScan>();
            while (taken.Count == 0)
            {
                while (Count == 0)
                {
                    if (_isClosed)
                    {
                        return taken;
                    }

                    Monitor.Wait(_gate);
                }

                var isBatch = _readers.Count == 0 || (_batch.Count > 0 && _passes >= MostBefore);
                _passes = isBatch || _batch.Count == 0 ? 0 : _passes + 1;
                Fill(taken, isBatch ? _batch : _readers, most);
            }

            return taken;
        }
    }

    /// <summary>Nothing more is added; what waits is still taken.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.Pulse(_gate);
        }
    }

    static void Fill(List<WaitingScan> taken, Queue<WaitingScan> queue, int most)
    {
        while (taken.Count < most && queue.TryPeek(out var next) && (taken.Count == 0 || next.Model == taken[0].Model))
        {
            queue.Dequeue();
            if (next.Cancellation.IsCancellationRequested)
            {
                next.Answer.TrySetCanceled(next.Cancellation);
            }
            else
            {
                taken.Add(next);
            }
        }
    }
}
