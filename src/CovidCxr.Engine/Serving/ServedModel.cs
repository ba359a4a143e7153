using CovidCxr.Engine.Explanation;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Explanation;
using CovidCxr.Learning.Networks;

namespace CovidCxr.Engine.Serving;

/// <summary>A model version in memory, ready to answer.</summary>
sealed class ServedModel : IDisposable
{
    readonly IServedNetwork _network;
    readonly float[] _headWeight;
    int _users = 1;

    ServedModel(ModelFile file, IServedNetwork network)
    {
        _network = network;
        Header = file.Header;
        Sha256 = file.Sha256;
        _headWeight = file.Tensors[NetworkCatalog.Find(file.Header.Architecture).Family.Head + ".weight"].ToFloats();
    }

    public ModelHeader Header { get; }

    public string Sha256 { get; }

    /// <param name="engine">Not Auto.</param>
    /// <exception cref="ModelFileException">The file is no model, or its graph does not agree with TorchSharp.</exception>
    public static ServedModel Load(string path, ServingEngine engine, int threads)
    {
        var file = ModelFile.Read(path);
        return new(file, engine == ServingEngine.TorchSharp
            ? TorchServing.Open(file)
            : OnnxServing.Open(file, path, threads > 0 ? threads : Environment.ProcessorCount));
    }

    /// <summary>Logits to probabilities and one heat map per class, for every image of a batch.</summary>
    /// <param name="images">(count, 3, H, W) as the header's preset says.</param>
    public IReadOnlyList<(float[] Probabilities, HeatMap[] HeatMaps)> Run(float[] images, int count)
    {
        var output = _network.Run(images, count, Header.Preset.Height, Header.Preset.Width);
        var area = output.Channels * output.MapHeight * output.MapWidth;
        return [.. Enumerable.Range(0, count).Select(i => (
            Softmax(output.Logits.AsSpan(i * output.Classes, output.Classes)),
            Enumerable.Range(0, output.Classes).Select(c => GradCam.ClosedForm(
                output.Features.AsSpan(i * area, area), _headWeight.AsSpan(c * output.Channels, output.Channels), output.MapHeight,
                output.MapWidth)).ToArray()))];
    }

    /// <summary>Keeps the model in memory until the matching <see cref="Release"/>.</summary>
    public void Hold() => Interlocked.Increment(ref _users);

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            _network.Dispose();
        }
    }

    public void Dispose() => Release();

    static float[] Softmax(ReadOnlySpan<float> logits)
    {
        var probabilities = new float[logits.Length];
        System.Numerics.Tensors.TensorPrimitives.SoftMax(logits, probabilities);
        return probabilities;
    }
}
