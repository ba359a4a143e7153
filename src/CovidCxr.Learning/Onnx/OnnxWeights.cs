using System.Runtime.InteropServices;
using System.Text;

namespace CovidCxr.Learning.Onnx;

/// <summary>A node of a graph that has weights: a convolution or a batch norm.</summary>
/// <param name="Operation">Such as Conv.</param>
/// <param name="Weights">In the order of its inputs.</param>
sealed record OnnxNode(string Operation, IReadOnlyList<WeightTensor> Weights);

/// <summary>Reads the weights of an ONNX file in the order in which its nodes use them. Source: onnx.proto.</summary>
static class OnnxWeights
{
    const int Graph = 7, Nodes = 1, Initializers = 5, FloatType = 1;

    /// <exception cref="InvalidDataException">Not such a file.</exception>
    public static IReadOnlyList<OnnxNode> Read(byte[] file)
    {
        try
        {
            var graph = ProtobufReader.Fields(file).First(f => f.Number == Graph).Bytes;
            var fields = ProtobufReader.Fields(graph).ToList();
            var weights = fields.Where(f => f.Number == Initializers).Select(f => Tensor(f.Bytes)).Where(t => t.Tensor is not null)
                .ToDictionary(t => t.Name, t => t.Tensor!, StringComparer.Ordinal);
            return [.. fields.Where(f => f.Number == Nodes).Select(f => Node(f.Bytes, weights)).Where(n => n.Weights.Count > 0)];
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException("The file is no ONNX model that can be read here.", e);
        }
    }

    static OnnxNode Node(ReadOnlyMemory<byte> message, Dictionary<string, WeightTensor> weights)
    {
        var fields = ProtobufReader.Fields(message).ToList();
        var inputs = fields.Where(f => f.Number == 1).Select(f => Text(f.Bytes));
        return new(
            Text(fields.First(f => f.Number == 4).Bytes), [.. inputs.Where(weights.ContainsKey).Select(name => weights[name])]);
    }

    // Null where it is not of float32.
    static (string Name, WeightTensor? Tensor) Tensor(ReadOnlyMemory<byte> message)
    {
        var fields = ProtobufReader.Fields(message).ToList();
        long[] shape = [.. fields.Where(f => f.Number == 1).SelectMany(
            f => f.Bytes.IsEmpty ? [(long)f.Value] : ProtobufReader.Packed(f.Bytes))];
        var isFloat = fields.Any(f => f.Number == 2 && f.Value == FloatType);
        // Numbers stand in a field of their own, or raw in field 9.
        var data = fields.FirstOrDefault(f => f.Number is 4 or 9).Bytes;
        var elements = shape.Aggregate(1L, (product, size) => checked(product * size));
        var name = Text(fields.First(f => f.Number == 8).Bytes);
        return isFloat && data.Length == elements * sizeof(float)
            ? (name, new(shape, MemoryMarshal.Cast<byte, float>(data.Span).ToArray()))
            : (name, null);
    }

    static string Text(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}
