using CovidCxr.Engine.Explanation;
using CovidCxr.Engine.Guard;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Explanation;
using CovidCxr.Learning.Networks;
using CovidCxr.Learning.Severity;

namespace CovidCxr.Engine.Serving;

/// <summary>A film on its way into a network.</summary>
/// <param name="Input">(3, H, W) of the model's preset.</param>
/// <param name="Region">The part of the film that the input shows.</param>
sealed record PreparedFilm(float[] Input, FilmRegion Region, LungMask Lungs, GuardVerdict Verdict);

/// <summary>What a network says of one film.</summary>
/// <param name="HeatMaps">One per class, of the part of the film that it was shown.</param>
/// <param name="Features">The last feature map, where the model reads severity off it; else empty.</param>
sealed record ServedAnswer(float[] Probabilities, IReadOnlyList<HeatMap> HeatMaps, float[] Features)
{
    /// <summary>How severe it is; null where the model does not say.</summary>
    public SeverityEstimate? SeverityOf(PreparedFilm film, SeverityHead? head) => head?.Read(
        SeverityHead.Inputs(Features, HeatMaps[0].Height, HeatMaps[0].Width, film.Lungs, film.Region));
}

/// <summary>A model version in memory, ready to answer.</summary>
sealed class ServedModel : IDisposable
{
    readonly IServedNetwork _network;
    readonly float[] _headWeight;
    readonly bool _keepsFeatures;
    int _users = 1;

    internal ServedModel(ModelFile file, IServedNetwork network, bool keepsFeatures)
    {
        _network = network;
        _keepsFeatures = keepsFeatures || file.Header.Severity is not null;
        Header = file.Header;
        Sha256 = file.Sha256;
        _headWeight = file.Tensors[NetworkCatalog.Find(file.Header.Architecture).Family.Head + ".weight"].ToFloats();
    }

    public ModelHeader Header { get; }

    public string Sha256 { get; }

    /// <param name="engine">Not Auto.</param>
    /// <param name="keepsFeatures">Answers with features whether or not the model reads severity off them.</param>
    /// <exception cref="ModelFileException">The file is no model, or its graph does not agree with TorchSharp.</exception>
    public static ServedModel Load(string path, ServingEngine engine, int threads, bool keepsFeatures = false)
    {
        var file = ModelFile.Read(path);
        var head = file.Tensors.GetValueOrDefault(NetworkCatalog.Find(file.Header.Architecture).Family.Head + ".weight");
        if (file.Header.Severity is { } severity && severity.Weights.Count != 2 * head?.Shape[^1])
        {
            throw new ModelFileException("The model's severity is that of a network with other features.");
        }

        return new(file, engine == ServingEngine.TorchSharp
            ? TorchServing.Open(file)
            : OnnxServing.Open(file, path, threads > 0 ? threads : Environment.ProcessorCount), keepsFeatures);
    }

    /// <summary>Loads it and tries it on a blank image: what can go wrong goes wrong here.</summary>
    /// <inheritdoc cref="Load"/>
    public static ServedModel LoadTried(string path, ServingEngine engine, int threads)
    {
        var model = Load(path, engine, threads);
        try
        {
            var preset = model.Header.Preset;
            var trial = model.Run(new float[3 * preset.Width * preset.Height], 1);
            return trial[0].Probabilities.All(float.IsFinite)
                ? model
                : throw new ModelFileException("The model answers with numbers that are not finite.");
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>A film to the network's input, and what is known of the film before.</summary>
    public PreparedFilm Prepare(GreyImage film)
    {
        var (verdict, lungs) = FilmGuard.Default.Look(film);
        var (unit, region) = Preprocessor.Prepare(film, Header.Preset, _ => lungs);
        return new(Preprocessor.ToTensor(unit, Header.Preset), region, lungs, verdict);
    }

    /// <summary>Logits to probabilities and one heat map per class, for every image of a batch.</summary>
    /// <param name="images">(count, 3, H, W) as the header's preset says.</param>
    public IReadOnlyList<ServedAnswer> Run(float[] images, int count)
    {
        var output = _network.Run(images, count, Header.Preset.Height, Header.Preset.Width);
        var area = output.Channels * output.MapHeight * output.MapWidth;
        return [.. Enumerable.Range(0, count).Select(i => new ServedAnswer(
            Softmax(output.Logits.AsSpan(i * output.Classes, output.Classes)),
            [.. Enumerable.Range(0, output.Classes).Select(c => GradCam.ClosedForm(
                output.Features.AsSpan(i * area, area), _headWeight.AsSpan(c * output.Channels, output.Channels), output.MapHeight,
                output.MapWidth))],
            !_keepsFeatures ? [] : output.Features.AsSpan(i * area, area).ToArray()))];
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
