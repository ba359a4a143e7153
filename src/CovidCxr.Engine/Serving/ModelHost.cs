using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Explanation;

namespace CovidCxr.Engine.Serving;

/// <summary>
/// Owns the active model and one thread that runs it. Scans come from an <see cref="InferenceService"/> and wait in a bounded queue; those
/// of one model that wait together go through together. A swap loads and tries the new model first; a scope that began under the old one
/// is answered by it to its end.
/// </summary>
public sealed class ModelHost : IAsyncDisposable
{
    readonly ServingOptions _options;
    readonly TimeProvider _time;
    readonly ServingEngine _engine;
    readonly ScanQueue _queue;
    readonly Lock _swap = new();
    readonly Task _loop;
    ServedModel? _current;
    int _inFlight;

    public ModelHost(ServingOptions options, TimeProvider time)
    {
        _options = options;
        _time = time;
        _engine = ServingEngines.Resolve(options.Engine);
        Device = ServingEngines.Describe(_engine);
        _queue = new(options.QueueCapacity);
        _loop = Task.Factory.StartNew(Loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>What computes, in words.</summary>
    public string Device { get; }

    /// <summary>The active model's header and file; null where none is loaded.</summary>
    public (ModelHeader Header, string Sha256)? Current
    {
        get
        {
            lock (_swap)
            {
                return _current is null ? null : (_current.Header, _current.Sha256);
            }
        }
    }

    /// <summary>Scans that wait.</summary>
    public int Waiting => _queue.Count;

    /// <summary>Whether a scan is being answered, or waits to be.</summary>
    public bool IsBusy => Volatile.Read(ref _inFlight) > 0;

    /// <summary>Loads a model file, tries it on a blank image and makes it the active one.</summary>
    /// <exception cref="ModelFileException">The file cannot be served; the active model stays.</exception>
    public async Task SwapAsync(string path, CancellationToken cancellation) => Swap(await LoadAsync(path, cancellation));

    /// <summary>Loads a model file and tries it on a blank image: what can go wrong goes wrong here, and the active model stays.</summary>
    /// <exception cref="ModelFileException">The file cannot be served.</exception>
    public async Task<LoadedModel> LoadAsync(string path, CancellationToken cancellation) =>
        new(await Task.Run(() => ServedModel.LoadTried(path, _engine, _options.Threads), cancellation));

    /// <summary>Makes a loaded model the active one; it is the host's from here on.</summary>
    public void Swap(LoadedModel next)
    {
        ServedModel? previous;
        lock (_swap)
        {
            (previous, _current) = (_current, next.Take());
        }

        previous?.Dispose();
    }

    /// <summary>Takes the active model out of service: scans wait from here on.</summary>
    public void Unload()
    {
        ServedModel? previous;
        lock (_swap)
        {
            (previous, _current) = (_current, null);
        }

        previous?.Dispose();
    }

    /// <param name="model">Held by the caller until the answer is there.</param>
    /// <exception cref="ModelBusyException">The queue is full.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    internal async Task<ScanInference> RunAsync(
        ServedModel model, GreyImage image, InferencePriority priority, CancellationToken cancellation)
    {
        var started = _time.GetTimestamp();
        Interlocked.Increment(ref _inFlight);
        try
        {
            var answer = new TaskCompletionSource<ServedAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
            var film = await Task.Run(() => model.Prepare(image), cancellation);
            if (!_queue.TryAdd(new(model, film.Input, answer, cancellation), priority))
            {
                throw new ModelBusyException();
            }

            var answered = await answer.Task;
            var decided = model.Header.Decide(answered.Probabilities);
            HeatMap[] maps = [.. answered.HeatMaps.Select(m => m.OnFilm(film.Region))];
            return new(
                model.Header, model.Sha256, answered.Probabilities, decided, maps,
                [.. maps.Select(m => m.InsideOf(film.Lungs))],
                answered.SeverityOf(film, model.Header.Severity), film.Verdict, _time.GetElapsedTime(started), Device);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    /// <summary>The active model, in memory until the caller releases it.</summary>
    /// <exception cref="NoModelException">No model is loaded.</exception>
    internal ServedModel HoldCurrent()
    {
        lock (_swap)
        {
            var model = _current ?? throw new NoModelException();
            model.Hold();
            return model;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _loop;
        _current?.Dispose();
    }

    // The network's own thread, which blocks where nothing waits.
    void Loop()
    {
        while (_queue.Take(_options.MaxBatch) is { Count: > 0 } batch)
        {
            Answer(batch);
        }
    }

    static void Answer(List<WaitingScan> batch)
    {
        try
        {
            var images = batch.Count == 1 ? batch[0].Input : [.. batch.SelectMany(r => r.Input)];
            var answers = batch[0].Model.Run(images, batch.Count);
            for (var i = 0; i < batch.Count; i++)
            {
                batch[i].Answer.TrySetResult(answers[i]);
            }
        }
        catch (Exception e)
        {
            // Whatever went wrong belongs to those who asked; the thread serves the next.
            batch.ForEach(r => r.Answer.TrySetException(e));
        }
    }
}
