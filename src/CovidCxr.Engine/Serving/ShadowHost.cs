using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Engine.Serving;

/// <summary>What a model in the shadow said of a film.</summary>
/// <param name="Score">Of the positive class, 0..1.</param>
/// <param name="Threshold">At or above it the call is positive.</param>
public sealed record ShadowAnswer(double Score, double Threshold);

/// <summary>
/// A second model in memory beside the active one, so the memory of models doubles. It answers one film at a time, on one thread of the
/// CPU whatever the active one computes on, and begins only while the active model has nothing to do: what arrives meanwhile finds all
/// cores but one.
/// </summary>
public sealed class ShadowHost(ModelHost active, TimeProvider time) : IDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    readonly SemaphoreSlim _turn = new(1);
    ServedModel? _model;

    /// <summary>Whether it takes the memory of a model.</summary>
    public bool IsLoaded => Volatile.Read(ref _model) is not null;

    /// <summary>Loads a model file in place of the one before and tries it on a blank image.</summary>
    /// <param name="sha256">What the file has to be.</param>
    /// <exception cref="ModelFileException">The file cannot be served, or is another.</exception>
    public async Task LoadAsync(string path, string sha256, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await EnsureAsync(path, sha256, cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What the model of this file says; it is loaded first where another one is in memory, or none.</summary>
    /// <inheritdoc cref="LoadAsync"/>
    public async Task<ShadowAnswer> RunAsync(string path, string sha256, GreyImage image, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            var model = await EnsureAsync(path, sha256, cancellation);
            while (active.IsBusy)
            {
                await Task.Delay(Patience, time, cancellation);
            }

            var answer = await Task.Run(() => model.Run(model.Prepare(image).Input, 1)[0], cancellation);
            return new(answer.Probabilities[model.Header.PositiveClass], model.Header.Threshold);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Gives the memory back, after the film that is being answered.</summary>
    public async Task UnloadAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        _model?.Dispose();
        _model = null;
        _turn.Release();
    }

    public void Dispose()
    {
        _model?.Dispose();
        _turn.Dispose();
    }

    async Task<ServedModel> EnsureAsync(string path, string sha256, CancellationToken cancellation)
    {
        if (_model?.Sha256 == sha256)
        {
            return _model;
        }

        _model?.Dispose();
        _model = null;
        var loaded = await Task.Run(
            () => ServedModel.LoadTried(path, ServingEngine.OnnxRuntime, threads: 1), cancellation);
        if (loaded.Sha256 != sha256)
        {
            loaded.Dispose();
            throw new ModelFileException("The file of this version is not the one that was registered.");
        }

        return _model = loaded;
    }
}
