using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;
using CovidCxr.Learning.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace CovidCxr.Engine.Lungs;

/// <summary>Finds the lungs of films with ONNX Runtime. Safe to call from several threads.</summary>
public sealed class LungFinder : IDisposable
{
    static readonly string[] Inputs = ["images"];
    static readonly string[] Outputs = ["logits", "features"];
    static readonly PreprocessingPreset Preset = PreprocessingPreset.Square(LungFamily.Side);

    static readonly Lazy<LungFinder> Shipped = new(() => new(
        WeightsFile.Read(Path.Combine(AppContext.BaseDirectory, "Lungs", "lungs.safetensors"))));

    readonly InferenceSession _session;
    readonly RunOptions _run = new();

    /// <param name="weights">As <see cref="LungTraining.Train"/> makes them.</param>
    /// <exception cref="ModelFileException">A weight is missing.</exception>
    public LungFinder(IReadOnlyDictionary<string, StoredTensor> weights)
    {
        try
        {
            var floats = weights.Where(w => w.Value.Type != "I64").ToDictionary(
                w => w.Key, w => new WeightTensor(w.Value.Shape, w.Value.ToFloats()), StringComparer.Ordinal);
            // Films are found one by one, several at a time: a thread each.
            using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
            _session = new(LungFamily.Graph(floats), options);
        }
        catch (Exception e) when (e is KeyNotFoundException or OnnxRuntimeException)
        {
            throw new ModelFileException("The weights are not those of the network that finds lungs.", e);
        }
    }

    /// <summary>With the network that comes with the program.</summary>
    /// <exception cref="IOException">Its file is not beside the program.</exception>
    public static LungFinder Default => Shipped.Value;

    /// <summary>What finds the lungs for films of this preset; null where it does not ask for lungs.</summary>
    public static LungSegmentation? For(PreprocessingPreset preset) => preset.Lungs is null ? null : Default.Find;

    /// <summary>The lungs, without small patches.</summary>
    public LungMask Find(GreyImage film) => Look(film).Lungs;

    /// <summary>The lungs, and the means of the deepest feature map's channels, which say what kind of picture this is.</summary>
    public (LungMask Lungs, float[] Means) Look(GreyImage film)
    {
        var unit = Preprocessor.ToUnit(film, Preset);
        using var input = OrtValue.CreateTensorValueFromMemory(
            Array.ConvertAll(unit, LungFamily.ToInput), [1, 1, LungFamily.Side, LungFamily.Side]);
        using var outputs = _session.Run(_run, Inputs, [input], Outputs);
        var logits = outputs[0].GetTensorDataAsSpan<float>();
        var shares = new float[logits.Length];
        System.Numerics.Tensors.TensorPrimitives.Sigmoid(logits, shares);
        var features = outputs[1].GetTensorDataAsSpan<float>();
        var means = new float[LungFamily.Channels[^1]];
        var area = features.Length / means.Length;
        for (var channel = 0; channel < means.Length; channel++)
        {
            means[channel] = System.Numerics.Tensors.TensorPrimitives.Sum(features.Slice(channel * area, area)) / area;
        }

        return (new LungMask(LungFamily.Cells, LungFamily.Cells, shares).Cleaned(), means);
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }
}
