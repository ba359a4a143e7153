using System.Buffers.Binary;
using System.Text.Json;

namespace CovidCxr.Learning.Checkpoints;

/// <summary>
/// The safetensors format: eight bytes of header length, a JSON header with type, shape and offsets of every tensor, then their
/// bytes without gaps. A file is untrusted: everything is checked before it is used. Source: github.com/huggingface/safetensors, README.
/// </summary>
public static class SafetensorsFile
{
    const int MaxHeaderBytes = 100_000_000, MaxDimensions = 8;

    /// <exception cref="ModelFileException">The bytes are not a valid safetensors file.</exception>
    public static (IReadOnlyDictionary<string, StoredTensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Parse(
        ReadOnlyMemory<byte> file)
    {
        var (header, data) = SplitHeader(file);
        var tensors = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var spans = new List<(long Begin, long End)>();
        try
        {
            using var document = JsonDocument.Parse(header);
            foreach (var entry in document.RootElement.EnumerateObject())
            {
                if (entry.Name == "__metadata__")
                {
                    metadata = entry.Value.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString()!);
                    continue;
                }

                var (tensor, span) = ParseTensor(entry, data);
                spans.Add(span);
                if (!tensors.TryAdd(entry.Name, tensor))
                {
                    throw new ModelFileException($"The tensor {entry.Name} stands twice in the header.");
                }
            }
        }
        catch (Exception e) when (
            e is JsonException or InvalidOperationException or FormatException or KeyNotFoundException or ArgumentException)
        {
            throw new ModelFileException("The header is not a valid safetensors header.", e);
        }

        CheckCoverage(spans, data.Length);
        return (tensors, metadata);
    }

    public static void Write(
        Stream stream, IEnumerable<KeyValuePair<string, StoredTensor>> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        var ordered = tensors.OrderBy(t => t.Key, StringComparer.Ordinal).ToList();
        var header = new Dictionary<string, object> { ["__metadata__"] = metadata };
        long offset = 0;
        foreach (var (name, tensor) in ordered)
        {
            header[name] = new { dtype = tensor.Type, shape = tensor.Shape, data_offsets = new[] { offset, offset + tensor.Data.Length } };
            offset += tensor.Data.Length;
        }

        var json = JsonSerializer.SerializeToUtf8Bytes(header);
        var padded = (json.Length + 7) / 8 * 8;
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, (ulong)padded);
        stream.Write(prefix);
        stream.Write(json);
        stream.Write(Enumerable.Repeat((byte)' ', padded - json.Length).ToArray());
        foreach (var (_, tensor) in ordered)
        {
            stream.Write(tensor.Data.Span);
        }
    }

    static (ReadOnlyMemory<byte> Header, ReadOnlyMemory<byte> Data) SplitHeader(ReadOnlyMemory<byte> file)
    {
        if (file.Length < 8)
        {
            throw new ModelFileException("The file is too short for a safetensors file.");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(file.Span);
        if (length > MaxHeaderBytes || length > (ulong)(file.Length - 8))
        {
            throw new ModelFileException("The header's length does not fit the file: this is not a safetensors file, or it was cut short.");
        }

        return (file.Slice(8, (int)length), file[(8 + (int)length)..]);
    }

    static (StoredTensor Tensor, (long Begin, long End) Span) ParseTensor(JsonProperty entry, ReadOnlyMemory<byte> data)
    {
        var type = entry.Value.GetProperty("dtype").GetString()!;
        var shape = entry.Value.GetProperty("shape").EnumerateArray().Select(d => d.GetInt64()).ToArray();
        var offsets = entry.Value.GetProperty("data_offsets").EnumerateArray().Select(d => d.GetInt64()).ToArray();
        var size = StoredTensor.SizeOf(type)
            ?? throw new ModelFileException($"The tensor {entry.Name} has the type {type}, which is not read.");
        if (shape.Length > MaxDimensions || shape.Any(d => d is < 0 or > int.MaxValue) || offsets.Length != 2)
        {
            throw new ModelFileException($"The tensor {entry.Name} has an impossible shape or offsets.");
        }

        if (offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > data.Length
            || StoredTensor.ElementsOf(shape) * size != offsets[1] - offsets[0])
        {
            throw new ModelFileException($"The bytes of the tensor {entry.Name} do not match its shape, or lie outside the file.");
        }

        return (new(type, shape, data[(int)offsets[0]..(int)offsets[1]]), (offsets[0], offsets[1]));
    }

    static void CheckCoverage(List<(long Begin, long End)> spans, long length)
    {
        long position = 0;
        foreach (var (begin, end) in spans.OrderBy(s => s.Begin).ThenBy(s => s.End))
        {
            if (begin != position)
            {
                throw new ModelFileException("Tensors overlap or leave a gap in the file.");
            }

            position = end;
        }

        if (position != length)
        {
            throw new ModelFileException("Bytes follow the last tensor.");
        }
    }
}
