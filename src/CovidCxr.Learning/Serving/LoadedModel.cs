namespace CovidCxr.Learning.Serving;

/// <summary>A model that was loaded and tried but serves nobody yet. Disposed where it never does.</summary>
public sealed class LoadedModel : IDisposable
{
    ServedModel? model;

    internal LoadedModel(ServedModel model) => this.model = model;

    internal ServedModel Model => model ?? throw new InvalidOperationException("The model serves already, or was disposed.");

    internal ServedModel Take()
    {
        var taken = Model;
        model = null;
        return taken;
    }

    public void Dispose()
    {
        model?.Dispose();
        model = null;
    }
}
