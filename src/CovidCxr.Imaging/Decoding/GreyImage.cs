using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// One decoded X-ray. Samples are row-major, 0 .. 2^BitsStored - 1, in MONOCHROME2 sense: bright is dense.
/// </summary>
/// <param name="Width">Pixels, at least 1.</param>
/// <param name="Height">Pixels, at least 1.</param>
/// <param name="BitsStored">8 or 16.</param>
/// <param name="Samples">Width * Height values.</param>
public sealed record GreyImage(int Width, int Height, int BitsStored, ushort[] Samples)
{
    /// <summary>The largest value a sample can have.</summary>
    public int MaxSample => (1 << BitsStored) - 1;

    /// <summary>
    /// Lower-case hexadecimal SHA-256 over width, height, bits and samples: equal pixels, equal hash, whatever file held them.
    /// </summary>
    public string PixelHash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(header, Width);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], Height);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], BitsStored);
        hash.AppendData(header);
        hash.AppendData(MemoryMarshal.AsBytes<ushort>(Samples));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
