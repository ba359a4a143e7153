using System.Text;
using Microsoft.ML.OnnxRuntime;

namespace Benchmarks.Peers;

/// <summary>
/// ONNX Runtime's product of two square matrices: the best of this machine's that is at hand. The graph is written byte by byte
/// (onnx.proto).
/// </summary>
sealed class MatrixProduct : IDisposable
{
    static readonly string[] Inputs = ["a", "b"], Outputs = ["c"];

    readonly int _side;
    readonly float[] _a, _b;
    readonly InferenceSession _session;
    readonly RunOptions _run = new();

    public MatrixProduct(int side)
    {
        _side = side;
        var random = new Random(1);
        (_a, _b) = (Matrix(), Matrix());
        float[] Matrix() => [.. Enumerable.Range(0, side * side).Select(_ => random.NextSingle())];

        using var options = new SessionOptions { IntraOpNumThreads = Environment.ProcessorCount, InterOpNumThreads = 1 };
        _session = new(Graph(side), options);
    }

    public void Run()
    {
        using var left = OrtValue.CreateTensorValueFromMemory(_a, [_side, _side]);
        using var right = OrtValue.CreateTensorValueFromMemory(_b, [_side, _side]);
        _session.Run(_run, Inputs, [left, right], Outputs).Dispose();
    }

    public void Dispose()
    {
        _session.Dispose();
        _run.Dispose();
    }

    static byte[] Graph(int side)
    {
        byte[] shape = [.. Field(1, Number(1, side)), .. Field(1, Number(1, side))];
        byte[] Value(string name) => [.. Text(1, name), .. Field(2, Field(1, [.. Number(1, 1), .. Field(2, shape)]))];
        byte[] node = [.. Text(1, "a"), .. Text(1, "b"), .. Text(2, "c"), .. Text(4, "MatMul")];
        byte[] graph =
            [.. Field(1, node), .. Text(2, "product"), .. Field(11, Value("a")), .. Field(11, Value("b")), .. Field(12, Value("c"))];
        return [.. Number(1, 8), .. Field(7, graph), .. Field(8, Number(2, 17))];
    }

    static byte[] Text(int field, string text) => Field(field, Encoding.UTF8.GetBytes(text));

    static byte[] Field(int field, byte[] content) => [(byte)((field << 3) | 2), .. Variable(content.Length), .. content];

    static byte[] Number(int field, int value) => [(byte)(field << 3), .. Variable(value)];

    static byte[] Variable(int value) => value < 128 ? [(byte)value] : [(byte)(value | 128), .. Variable(value >> 7)];
}
