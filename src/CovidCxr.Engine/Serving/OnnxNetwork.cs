using CovidCxr.Learning.Networks;
using Microsoft.ML.OnnxRuntime;

namespace CovidCxr.Engine.Serving;

/// <summary>
/// What a network says of a batch. Logits is (N, Classes) and Features (N, Channels, MapHeight, MapWidth), both row-major.
/// </summary>
public sealed record NetworkOutput(float[] Logits, int Classes, float[] Features, int Channels, int MapHeight, int MapWidth);

/// <summary>Runs a file of <see cref="OnnxExport"/> on the CPU with ONNX Runtime. Safe to call from several threads.</summary>
public sealed class OnnxNetwork : IDisposable
{
    static readonly string[] Inputs = ["images"];
    static readonly string[] Outputs = ["logits", "features"];

    readonly InferenceSession _session;
    readonly RunOptions _run = new();

    /// <param name="path">The .onnx file. From a file, not from memory: the runtime then keeps one copy of the weights, not two.</param>
    /// <param name="threads">Threads of one run, at least 1.</param>
    /// <param name="spins">Whether idle threads spin for the next operator: faster alone, slower beside a busy neighbour.</param>
    /// <exception cref="OnnxRuntimeException">The file is missing or is not such a graph.</exception>
    public OnnxNetwork(string path, int threads, bool spins)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads, InterOpNumThreads = 1 };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", spins ? "1" : "0");
        _session = new InferenceSession(path, options);
    }

    /// <param name="images">(count, 3, height, width), row-major, preprocessed.</param>
    /// <param name="count">Images in the batch, at least 1.</param>
    /// <param name="height">Pixels, at least 32.</param>
    /// <param name="width">Pixels, at least 32.</param>
    public NetworkOutput Run(float[] images, int count, int height, int width)
    {
        using var input = OrtValue.CreateTensorValueFromMemory(images, [count, 3, height, width]);
        using var outputs = _session.Run(_run, Inputs, [input], Outputs);
        var logits = outputs[0].GetTensorDataAsSpan<float>().ToArray();
        var shape = outputs[1].GetTensorTypeAndShape().Shape;
        var features = outputs[1].GetTensorDataAsSpan<float>().ToArray();
        return new NetworkOutput(logits, logits.Length / count, features, (int)shape[1], (int)shape[2], (int)shape[3]);
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }
}
