using System.Runtime.InteropServices;

namespace CovidCxr.Learning.Onnx;

/// <summary>
/// Collects the nodes and weights of an ONNX graph. Each method adds a node and returns the name of its output.
/// Source: onnx.proto, IR version 8, operator set 17.
/// </summary>
public sealed class GraphBuilder(IReadOnlyDictionary<string, WeightTensor> weights)
{
    const int IrVersion = 8, OperatorSet = 17, FloatType = 1, IntAttribute = 2, FloatAttribute = 1, IntsAttribute = 7, TextAttribute = 3;
    const float NormEpsilon = 1e-5f;

    readonly List<Action<ProtobufWriter>> _nodes = [];
    readonly Dictionary<string, WeightTensor> _initializers = [];

    /// <summary>
    /// A convolution with or without its own bias, or, where <paramref name="norm"/> is given, with the batch norm that follows it folded
    /// in.
    /// </summary>
    public string Conv(string input, string conv, string? norm = null, int stride = 1, int padding = 0, bool hasBias = false)
    {
        var kernel = Weight(conv + ".weight");
        string[] inputs;
        if (norm is null)
        {
            inputs = hasBias
                ? [input, Parameter(conv + ".weight"), Parameter(conv + ".bias")]
                : [input, Parameter(conv + ".weight")];
        }
        else
        {
            var (folded, bias) = Fold(kernel, norm);
            inputs = [input, Initializer(conv + ".weight", folded), Initializer(conv + ".bias", bias)];
        }

        return Node("Conv", conv, inputs,
            a => Ints(a, "kernel_shape", kernel.Shape[2], kernel.Shape[3]),
            a => Ints(a, "strides", stride, stride),
            a => Ints(a, "pads", padding, padding, padding, padding));
    }

    /// <summary>A batch norm that cannot be folded, because its input is a concatenation that others read too.</summary>
    public string Norm(string input, string norm) =>
        Node("BatchNormalization", norm,
            [
                input, Parameter(norm + ".weight"), Parameter(norm + ".bias"), Parameter(norm + ".running_mean"),
                Parameter(norm + ".running_var")],
            a => Attribute(a, "epsilon", FloatAttribute, w => w.Float(2, NormEpsilon)));

    public string Relu(string input) => Node("Relu", input + ".relu", [input]);

    public string Add(string left, string right) => Node("Add", left + ".sum", [left, right]);

    public string Concat(string name, params string[] inputs) =>
        Node("Concat", name, inputs, a => Attribute(a, "axis", IntAttribute, w => w.Integer(3, 1)));

    public string MaxPool(string input) =>
        Node("MaxPool", input + ".pool", [input],
            a => Ints(a, "kernel_shape", 3, 3), a => Ints(a, "strides", 2, 2), a => Ints(a, "pads", 1, 1, 1, 1));

    public string HalvingAveragePool(string input) =>
        Node("AveragePool", input + ".pool", [input], a => Ints(a, "kernel_shape", 2, 2), a => Ints(a, "strides", 2, 2));

    public string HalvingMaxPool(string input) =>
        Node("MaxPool", input + ".pool", [input], a => Ints(a, "kernel_shape", 2, 2), a => Ints(a, "strides", 2, 2));

    /// <summary>Twice the height and width, each value repeated.</summary>
    public string Doubled(string input) =>
        Node("Resize", input + ".doubled", [input, "", Initializer("twice", new([4], [1, 1, 2, 2]))],
            a => Text(a, "mode", "nearest"),
            a => Text(a, "coordinate_transformation_mode", "asymmetric"),
            a => Text(a, "nearest_mode", "floor"));

    /// <summary>Gives a value the name of an output.</summary>
    public void Named(string output, string value) => Node("Identity", output, [value]);

    /// <summary>Global average pooling and the linear head: names the graph's two outputs.</summary>
    public void Head(string features, string head)
    {
        Named("features", features);
        var pooled = Node("GlobalAveragePool", "pooled", [features]);
        var flat = Node("Flatten", "flat", [pooled]);
        Node("Gemm", "logits",
            [flat, Parameter(head + ".weight"), Parameter(head + ".bias")],
            a => Attribute(a, "transB", IntAttribute, w => w.Integer(3, 1)));
    }

    /// <summary>The file's bytes.</summary>
    /// <param name="inputs">Each with its dimensions: a number, or a name for one that is free.</param>
    /// <param name="outputs">As the inputs.</param>
    public byte[] Build(
        string name, IReadOnlyList<(string Name, object[] Dimensions)> inputs, IReadOnlyList<(string Name, object[] Dimensions)> outputs,
        IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var model = new ProtobufWriter();
        model.Integer(1, IrVersion);
        model.Text(2, "CovidCxr");
        model.Message(8, set => set.Integer(2, OperatorSet));
        model.Message(7, graph =>
        {
            _nodes.ForEach(node => graph.Message(1, node));
            graph.Text(2, name);
            foreach (var (key, tensor) in _initializers)
            {
                graph.Message(5, w => WriteTensor(w, key, tensor));
            }

            foreach (var (input, dimensions) in inputs)
            {
                graph.Message(11, w => WriteValue(w, input, dimensions));
            }

            foreach (var (output, dimensions) in outputs)
            {
                graph.Message(12, w => WriteValue(w, output, dimensions));
            }
        });
        foreach (var (key, value) in metadata)
        {
            model.Message(14, entry =>
            {
                entry.Text(1, key);
                entry.Text(2, value);
            });
        }

        return model.ToArray();
    }

    WeightTensor Weight(string name) =>
        weights.TryGetValue(name, out var tensor) ? tensor : throw new KeyNotFoundException($"The network has no weight named {name}.");

    string Parameter(string name) => Initializer(name, Weight(name));

    string Initializer(string name, WeightTensor tensor)
    {
        _initializers[name] = tensor;
        return name;
    }

    // y = gamma * (conv(x) - mean) / sqrt(var + eps) + beta, as one convolution with a bias.
    (WeightTensor Kernel, WeightTensor Bias) Fold(WeightTensor kernel, string norm)
    {
        var (gamma, beta) = (Weight(norm + ".weight").Values, Weight(norm + ".bias").Values);
        var (mean, variance) = (Weight(norm + ".running_mean").Values, Weight(norm + ".running_var").Values);
        var folded = new float[kernel.Values.Length];
        var bias = new float[gamma.Length];
        var perChannel = kernel.Values.Length / gamma.Length;
        for (var channel = 0; channel < gamma.Length; channel++)
        {
            var scale = gamma[channel] / Math.Sqrt(variance[channel] + NormEpsilon);
            bias[channel] = (float)(beta[channel] - (mean[channel] * scale));
            for (var i = channel * perChannel; i < (channel + 1) * perChannel; i++)
            {
                folded[i] = (float)(kernel.Values[i] * scale);
            }
        }

        return (kernel with { Values = folded }, new WeightTensor([gamma.Length], bias));
    }

    string Node(string operation, string output, string[] inputs, params Action<ProtobufWriter>[] attributes)
    {
        _nodes.Add(node =>
        {
            Array.ForEach(inputs, input => node.Text(1, input));
            node.Text(2, output);
            node.Text(3, output);
            node.Text(4, operation);
            Array.ForEach(attributes, write => node.Message(5, write));
        });
        return output;
    }

    static void Ints(ProtobufWriter attribute, string name, params long[] values) =>
        Attribute(attribute, name, IntsAttribute, w => Array.ForEach(values, v => w.Integer(8, v)));

    static void Text(ProtobufWriter attribute, string name, string value) =>
        Attribute(attribute, name, TextAttribute, w => w.Text(4, value));

    static void Attribute(ProtobufWriter attribute, string name, int type, Action<ProtobufWriter> value)
    {
        attribute.Text(1, name);
        value(attribute);
        attribute.Integer(20, type);
    }

    static void WriteTensor(ProtobufWriter writer, string name, WeightTensor tensor)
    {
        Array.ForEach(tensor.Shape, d => writer.Integer(1, d));
        writer.Integer(2, FloatType);
        writer.Text(8, name);
        writer.Bytes(9, MemoryMarshal.AsBytes<float>(tensor.Values));
    }

    static void WriteValue(ProtobufWriter value, string name, object[] dimensions)
    {
        value.Text(1, name);
        value.Message(2, type => type.Message(1, tensor =>
        {
            tensor.Integer(1, FloatType);
            tensor.Message(2, shape => Array.ForEach(dimensions, d => shape.Message(1, dimension =>
            {
                if (d is long size)
                {
                    dimension.Integer(1, size);
                }
                else
                {
                    dimension.Text(2, (string)d);
                }
            })));
        }));
    }
}
