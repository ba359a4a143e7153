using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Engine.Serving;

/// <summary>
/// What answers films in one scope: a request, a circuit, a job. The model that is active at the scope's first film answers all of them,
/// whatever becomes the active one meanwhile, and stays in memory until the scope ends.
/// </summary>
public sealed class InferenceService(ModelHost host) : IDisposable
{
    readonly Lock _gate = new();
    ServedModel? _pinned;
    bool _hasEnded;

    /// <summary>What computes, in words: the same for every model of a host.</summary>
    public string Device => host.Device;

    /// <summary>The model that answers in this scope; before its first film the active one, null where none is loaded.</summary>
    public (ModelHeader Header, string Sha256)? Model
    {
        get
        {
            lock (_gate)
            {
                return _pinned is null ? host.Current : (_pinned.Header, _pinned.Sha256);
            }
        }
    }

    /// <param name="priority">Of whoever asks.</param>
    /// <exception cref="NoModelException">No model is loaded, and none answered in this scope before.</exception>
    /// <exception cref="ModelBusyException">The queue is full.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while waiting.</exception>
    /// <exception cref="ObjectDisposedException">The scope has ended.</exception>
    public async Task<ScanInference> RunAsync(GreyImage image, InferencePriority priority, CancellationToken cancellation)
    {
        // Each film holds the model for itself, so that the scope's end takes it from none that is being answered.
        var model = Hold();
        try
        {
            return await host.RunAsync(model, image, priority, cancellation);
        }
        finally
        {
            model.Release();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _hasEnded = true;
            _pinned?.Release();
            _pinned = null;
        }
    }

    ServedModel Hold()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_hasEnded, this);
            _pinned ??= host.HoldCurrent();
            _pinned.Hold();
            return _pinned;
        }
    }
}
