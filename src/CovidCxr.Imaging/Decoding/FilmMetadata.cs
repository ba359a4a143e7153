using System.Buffers.Binary;

namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// Takes out of a PNG, JPEG or TIFF what says something in words: comments, EXIF, XMP, names of programs and people. The pixels are not
/// touched; whether they still come out the same, the caller sees by decoding again. DICOM keeps its header, which is what it is for.
/// </summary>
public static class FilmMetadata
{
    // What a picture needs and what says how bright it is.
    static readonly string[] PngChunks = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND", "gAMA", "cHRM", "sRGB", "sBIT", "pHYs", "bKGD"];

    /// <returns>The file without it; null where there is nothing to take out, or the file is not understood.</returns>
    public static byte[]? Without(byte[] file, ScanFormat format)
    {
        var stripped = format switch
        {
            ScanFormat.Png => Png(file),
            ScanFormat.Jpeg => Jpeg(file),
            ScanFormat.Tiff => TiffWords.Blank(file),
            _ => null,
        };
        return stripped is null || stripped.AsSpan().SequenceEqual(file) ? null : stripped;
    }

    static byte[]? Png(byte[] file)
    {
        const int Signature = 8, Around = 12;
        using var kept = new MemoryStream(file.Length);
        kept.Write(file, 0, Signature);
        for (var at = Signature; at <= file.Length - Around;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at)) + (long)Around;
            if (length > file.Length - at)
            {
                return null;
            }

            var name = System.Text.Encoding.Latin1.GetString(file, at + 4, 4);
            if (PngChunks.Contains(name))
            {
                kept.Write(file, at, (int)length);
            }

            if (name == "IEND")
            {
                return kept.ToArray();
            }

            at += (int)length;
        }

        return null;
    }

    static byte[]? Jpeg(byte[] file)
    {
        using var kept = new MemoryStream(file.Length);
        kept.Write(file, 0, 2);
        for (var at = 2; at < file.Length - 3;)
        {
            if (file[at] != 0xFF)
            {
                return null;
            }

            var marker = file[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }

            var length = 2 + BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan(at + 2));
            if (at + length > file.Length)
            {
                return null;
            }

            if (IsNeeded(marker, length))
            {
                kept.Write(file, at, length);
            }

            at += length;
            if (marker == 0xDA)
            {
                var end = EndOfScan(file, at);
                kept.Write(file, at, end - at);
                at = end;
                if (at < file.Length - 1 && file[at + 1] == 0xD9)
                {
                    kept.Write(file, at, 2);
                    return kept.ToArray();
                }
            }
        }

        return null;
    }

    // APP0 says how large a pixel is, or holds a preview; APP14 says which colours there are.
    static bool IsNeeded(byte marker, int length) => marker switch
    {
        0xE0 => length <= 18,
        0xEE => length <= 16,
        (>= 0xE0 and <= 0xEF) or 0xFE => false,
        _ => true,
    };

    static int EndOfScan(byte[] file, int at)
    {
        for (; at < file.Length - 1; at++)
        {
            if (file[at] == 0xFF && file[at + 1] is not (0 or 0xFF or (>= 0xD0 and <= 0xD7)))
            {
                return at;
            }
        }

        return file.Length;
    }
}
