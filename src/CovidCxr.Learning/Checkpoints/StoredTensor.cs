using System.Runtime.InteropServices;

namespace CovidCxr.Learning.Checkpoints;

/// <summary>A tensor as a file holds it: row-major little-endian bytes of one of the safetensors types.</summary>
/// <param name="Type">F64, F32, F16, BF16, I64, I32 or U8.</param>
/// <param name="Shape">Sizes; empty for a scalar.</param>
public sealed record StoredTensor(string Type, long[] Shape, ReadOnlyMemory<byte> Data)
{
    /// <summary>Bytes of one element, or null where the type is not one of ours.</summary>
    public static int? SizeOf(string type) => type switch
    {
        "F64" or "I64" => 8,
        "F32" or "I32" => 4,
        "F16" or "BF16" => 2,
        "U8" => 1,
        _ => null,
    };

    /// <summary>The product of sizes of 0 or more, or null where it is beyond any file's.</summary>
    public static long? ElementsOf(ReadOnlySpan<long> shape)
    {
        long elements = 1;
        foreach (var size in shape)
        {
            if (size != 0 && elements > (long.MaxValue >> 4) / size)
            {
                return shape.Contains(0) ? 0 : null;
            }

            elements *= size;
        }

        return elements;
    }

    /// <summary>Float32 values as a file holds them.</summary>
    /// <param name="values">Row-major.</param>
    public static StoredTensor FromFloats(float[] values, long[] shape) =>
        new("F32", shape, MemoryMarshal.AsBytes<float>(values).ToArray());

    /// <summary>The same tensor in IEEE half precision, rounded to nearest even.</summary>
    public StoredTensor ToHalf() =>
        new("F16", Shape, MemoryMarshal.AsBytes<Half>(Array.ConvertAll(ToFloats(), v => (Half)v)).ToArray());

    /// <exception cref="ModelFileException">The type is not a floating-point one.</exception>
    public float[] ToFloats()
    {
        var bytes = Data.Span;
        switch (Type)
        {
            case "F32":
                return MemoryMarshal.Cast<byte, float>(bytes).ToArray();
            case "F16":
                return Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(bytes).ToArray(), h => (float)h);
            case "BF16":
                return Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(bytes).ToArray(), b => BitConverter.Int32BitsToSingle(b << 16));
            case "F64":
                return Array.ConvertAll(MemoryMarshal.Cast<byte, double>(bytes).ToArray(), d => (float)d);
            default:
                throw new ModelFileException($"A tensor of type {Type} stands where floating-point weights are needed.");
        }
    }
}
