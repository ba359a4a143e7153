using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Explanation;
using CovidCxr.Learning.Onnx;

namespace CovidCxr.Learning.Serving;

/// <summary>
/// A model version in memory, ready to answer. On the CPU it is ONNX Runtime on a graph written from the weights, which stands beside the
/// model file and was compared with TorchSharp when it was written.
/// </summary>
sealed class ServedModel : IDisposable
{
    const double Tolerance = 1e-4;

    readonly OnnxNetwork network;
    readonly float[] headWeight;
    int users = 1;

    ServedModel(ModelFile file, OnnxNetwork network)
    {
        this.network = network;
        Header = file.Header;
        Sha256 = file.Sha256;
        headWeight = file.Tensors.First(t => t.Key is "fc.weight" or "classifier.weight").Value.ToFloats();
    }

    public ModelHeader Header { get; }

    public string Sha256 { get; }

    /// <exception cref="ModelFileException">The file is no model, or its graph does not agree with TorchSharp.</exception>
    public static ServedModel Load(string path, ServingOptions options)
    {
        var file = ModelFile.Read(path);
        var graph = $"{path}.{file.Sha256[..16]}.onnx";
        if (!File.Exists(graph))
        {
            WriteVerifiedGraph(file, graph, options);
        }

        return new(file, Open(graph, options));
    }

    /// <summary>Logits to probabilities and one heat map per class, for every image of a batch.</summary>
    /// <param name="images">(count, 3, H, W) as the header's preset says.</param>
    public IReadOnlyList<(float[] Probabilities, HeatMap[] HeatMaps)> Run(float[] images, int count)
    {
        var output = network.Run(images, count, Header.Preset.Height, Header.Preset.Width);
        var area = output.Channels * output.MapHeight * output.MapWidth;
        return [.. Enumerable.Range(0, count).Select(i => (
            Softmax(output.Logits.AsSpan(i * output.Classes, output.Classes)),
            Enumerable.Range(0, output.Classes).Select(c => GradCam.ClosedForm(
                output.Features.AsSpan(i * area, area), headWeight.AsSpan(c * output.Channels, output.Channels), output.MapHeight, output.MapWidth)).ToArray()))];
    }

    /// <summary>Keeps the model in memory until the matching <see cref="Release"/>.</summary>
    public void Hold() => Interlocked.Increment(ref users);

    public void Release()
    {
        if (Interlocked.Decrement(ref users) == 0)
        {
            network.Dispose();
        }
    }

    public void Dispose() => Release();

    static OnnxNetwork Open(string graph, ServingOptions options) =>
        new(graph, options.Threads > 0 ? options.Threads : Environment.ProcessorCount, spins: false);

    static void WriteVerifiedGraph(ModelFile file, string graph, ServingOptions options)
    {
        var temporary = graph + ".new";
        File.WriteAllBytes(temporary, OnnxExport.Write(file.Header.Architecture, file.ToWeights(), [new("covidcxr", file.Header.ToJson())]));
        using (var candidate = Open(temporary, options))
        {
            var distance = OnnxVerification.Distance(file, candidate);
            if (!(distance <= Tolerance))
            {
                throw new ModelFileException($"The model's ONNX graph differs from TorchSharp by {distance:G3}, more than {Tolerance:G1}: it is not served.");
            }
        }

        File.Move(temporary, graph, overwrite: true);
    }

    static float[] Softmax(ReadOnlySpan<float> logits)
    {
        var probabilities = new float[logits.Length];
        System.Numerics.Tensors.TensorPrimitives.SoftMax(logits, probabilities);
        return probabilities;
    }
}
