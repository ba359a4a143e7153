using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Engine.Serving;

/// <summary>A model that was loaded and tried but serves nobody yet. Disposed where it never does.</summary>
public sealed class LoadedModel : IDisposable
{
    ServedModel? _model;

    internal LoadedModel(ServedModel model) => _model = model;

    internal ServedModel Model => _model ?? throw new InvalidOperationException("The model serves already, or was disposed.");

    /// <summary>Of the file that it was loaded from.</summary>
    public string Sha256 => Model.Sha256;

    /// <summary>What it answers to images, one after the other: a probability per class.</summary>
    public Task<IReadOnlyList<float[]>> AnswerAsync(IReadOnlyList<GreyImage> images, CancellationToken cancellation)
    {
        var asked = Model;
        return Task.Run<IReadOnlyList<float[]>>(
            () => [.. images.Select(i => asked.Run(asked.Prepare(i).Input, 1)[0].Probabilities)], cancellation);
    }

    internal ServedModel Take()
    {
        var taken = Model;
        _model = null;
        return taken;
    }

    public void Dispose()
    {
        _model?.Dispose();
        _model = null;
    }
}
