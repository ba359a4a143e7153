using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace CovidCxr.Testing;

/// <summary>Writes .pth files by hand: what torch.save would write, and what it never would.</summary>
public sealed class PickleBuilder
{
    readonly List<byte> _pickle = [];
    readonly List<(string Name, byte[] Content)> _entries = [];

    public CompressionLevel Compression { get; init; } = CompressionLevel.NoCompression;

    public PickleBuilder Raw(params ReadOnlySpan<byte> bytes)
    {
        _pickle.AddRange(bytes);
        return this;
    }

    public PickleBuilder Start() => Raw(0x80, 2);

    public PickleBuilder Code(string code) => Raw(Encoding.Latin1.GetBytes(code));

    public PickleBuilder Global(string module, string name) => Code($"c{module}\n{name}\n");

    public PickleBuilder Text(string text)
    {
        Span<byte> length = stackalloc byte[4];
        var bytes = Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        return Code("X").Raw(length).Raw(bytes);
    }

    public PickleBuilder Number(long value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return Raw(0x8a, 8).Raw(bytes);
    }

    public PickleBuilder Numbers(params long[] values)
    {
        Code("(");
        Array.ForEach(values, v => Number(v));
        return Code("t");
    }

    /// <summary>A tensor on the stack, as torch 1.6 and later describe it.</summary>
    public PickleBuilder Tensor(string key, long elements, long offset, long[] sizes, long[] strides, string type = "FloatStorage") =>
        Global("torch._utils", "_rebuild_tensor_v2").Code("((").Text("storage").Global("torch", type).Text(key).Text("cpu").Number(elements)
            .Code("tQ")
            .Number(offset).Numbers(sizes).Numbers(strides).Raw(0x89).Global("collections", "OrderedDict").Code(")RtR");

    public PickleBuilder Entry(string name, byte[] content)
    {
        _entries.Add((name, content));
        return this;
    }

    /// <summary>A whole state dict, one storage a tensor.</summary>
    public static byte[] StateDict(IEnumerable<(string Name, long[] Shape, float[] Values)> tensors)
    {
        var builder = new PickleBuilder().Start().Code("}(");
        foreach (var (i, (name, shape, values)) in tensors.Index())
        {
            var strides = new long[shape.Length];
            for (var (d, stride) = (shape.Length - 1, 1L); d >= 0; stride *= shape[d--])
            {
                strides[d] = stride;
            }

            builder.Text(name).Tensor($"{i}", values.Length, 0, shape, strides)
                .Entry($"archive/data/{i}", System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(values).ToArray());
        }

        return builder.Code("u.").ToArchive();
    }

    public byte[] ToArchive()
    {
        var file = new MemoryStream();
        using (var zip = new ZipArchive(file, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in _entries.Prepend(("archive/data.pkl", _pickle.ToArray())))
            {
                using var stream = zip.CreateEntry(name, Compression).Open();
                stream.Write(content);
            }
        }

        return file.ToArray();
    }
}
