using NetVips;

namespace CovidCxr.Imaging.Decoding;

/// <summary>One directory of a TIFF: is it a picture that is read, and does every strip or tile of it lie in the file.</summary>
static class TiffPage
{
    const ulong Plain = 1;
    const ulong Lzw = 5;
    const ulong Jpeg = 7;
    const ulong Deflate = 8;
    const ulong PackBits = 32773;
    const ulong OldDeflate = 32946;
    const int YCbCr = 6;
    const int Cmyk = 5;

    public static DecodeResult.Refused? Check(byte[] bytes, TiffDirectory page, ImagingOptions options)
    {
        if (TiffLayout.Read(bytes, page) is not { } layout)
        {
            return Refusals.Damaged();
        }

        return CheckSamples(bytes, page, layout) ?? CheckSize(layout, options) ?? CheckPieces(bytes, page, layout);
    }

    /// <summary>
    /// libvips passes over an error in a tile unless warnings count too. Then it gives up at any oddity of the directory, such as a date
    /// that is none, so where there are strips, or the tiles were checked here, errors alone count.
    /// </summary>
    public static Enums.FailOn FailOn(byte[] bytes, TiffDirectory page) =>
        TiffLayout.Read(bytes, page) is { IsTiled: true } layout
            && (layout.IsBitReversed || layout.Compression is not (Plain or Deflate or OldDeflate or PackBits))
            ? Enums.FailOn.Warning
            : Enums.FailOn.Error;

    static DecodeResult.Refused? CheckSamples(byte[] bytes, TiffDirectory page, TiffLayout layout)
    {
        if (!IsRead(layout.Compression))
        {
            return Refusals.TiffCompression(NameOf(layout.Compression));
        }

        var bits = page.Values(bytes, TiffTag.BitsPerSample, TiffLayout.MaxSamples);
        if (bits.FirstOrDefault(b => b is not (1 or 2 or 4 or 8 or 16)) is var odd and > 0)
        {
            return Refusals.Bits((long)odd);
        }

        if (bits.Distinct().Count() > 1 || page.Values(bytes, TiffTag.SampleFormat, TiffLayout.MaxSamples).Any(f => f is not (1 or 4)))
        {
            return Refusals.Samples();
        }

        // 0 and 1: grey, 2: RGB, 3: palette. libvips turns YCbCr into RGB in JPEG alone and would show other YCbCr in wrong brightness.
        return page.Value(bytes, TiffTag.Photometric, null) switch
        {
            null => Refusals.Damaged(),
            <= 3 => null,
            YCbCr when layout.Compression == Jpeg => null,
            Cmyk => Refusals.Colours(),
            _ => Refusals.ColourModel(),
        };
    }

    // Before a piece is unpacked, for a small file may declare a vast picture. A side has at most 2^20 pixels, so no product overflows.
    static DecodeResult.Refused? CheckSize(TiffLayout layout, ImagingOptions options)
    {
        var limit = options.MaxMegapixels * 1_000_000L;
        if (layout.Width * layout.Height > limit)
        {
            return Refusals.TooManyPixels(layout.Width, layout.Height, options.MaxMegapixels);
        }

        // Tiles reach beyond the picture's edges, in honest files by less than the picture itself.
        var tile = layout.PieceWidth * layout.PieceHeight;
        return layout.IsTiled && (tile > limit || tile * layout.PerPlane > 4 * limit) ? Refusals.Damaged() : null;
    }

    static DecodeResult.Refused? CheckPieces(byte[] bytes, TiffDirectory page, TiffLayout layout)
    {
        var (offsets, counts) = layout.Pieces(bytes, page);
        if (offsets.Length < layout.Count
            || (counts.Length < layout.Count && !(counts.Length == 0 && layout is { Count: 1, Compression: Plain })))
        {
            return Refusals.Damaged();
        }

        var places = new (ulong Start, ulong Length)[layout.Count];
        for (var i = 0; i < places.Length; i++)
        {
            var (start, needed) = (offsets[i], layout.Compression == Plain ? layout.BytesOf(i) : 1);
            var length = counts.Length > 0 ? counts[i] : needed;
            if (start < 8 || length < needed || start > (ulong)bytes.Length || length > (ulong)bytes.Length - start)
            {
                return Refusals.Damaged();
            }

            if (IsOldLzw(layout, bytes.AsSpan((int)start, (int)length)))
            {
                return Refusals.TiffCompression("an LZW of before 1993");
            }

            places[i] = (start, layout.Compression == Plain ? needed : length);
        }

        // A piece that is stored once for many is unpacked once.
        return Overlap(places)
            || !places.Index().DistinctBy(p => (p.Item, layout.BytesOf(p.Index))).All(p => IsSound(bytes, page, layout, p.Index, p.Item))
            ? Refusals.Damaged()
            : null;
    }

    // Writers may store one piece for several equal ones, but not a piece that begins within another.
    static bool Overlap((ulong Start, ulong Length)[] places)
    {
        var sorted = places.Distinct().Order().ToArray();
        return sorted.Zip(sorted.Skip(1)).Any(pair => pair.First.Start + pair.First.Length > pair.Second.Start);
    }

    // A piece is unpacked or counted through where libtiff alone would overlook damage. Bits in the other order only libtiff turns round.
    static bool IsSound(byte[] bytes, TiffDirectory page, TiffLayout layout, int piece, (ulong Start, ulong Length) place)
    {
        var (start, length) = ((int)place.Start, (int)place.Length);
        var packed = bytes.AsSpan(start, length);
        return layout.Compression switch
        {
            Jpeg => JpegFile.IsSound(page.Bytes(bytes, TiffTag.JpegTables), packed),
            _ when layout.IsBitReversed => true,
            Lzw => layout.Fits(piece, PackedLength.OfLzw(packed, unpacked => layout.Fits(piece, unpacked))),
            PackBits => layout.Fits(piece, PackedLength.OfPackBits(packed)),
            Deflate or OldDeflate => layout.Fits(piece, PackedLength.OfDeflate(bytes, start, length, (long)layout.BytesOf(0))),
            _ => true,
        };
    }

    // Files of before 1993 have their codes in another order of bits, which libtiff knows by the first one.
    static bool IsOldLzw(TiffLayout layout, ReadOnlySpan<byte> packed) =>
        layout is { Compression: Lzw, IsBitReversed: false } && packed.Length > 1 && packed[0] == 0 && (packed[1] & 1) == 1;

    // What NetVips' libtiff was built with, less what no X-ray is written in. 2..4 and 32771 are fax, 50001 WebP.
    static bool IsRead(ulong compression) =>
        compression is Plain or 2 or 3 or 4 or Lzw or Jpeg or Deflate or 32771 or PackBits or OldDeflate or 50001;

    static string NameOf(ulong compression) => compression switch
    {
        6 => "old-style JPEG",
        9 or 10 or 34661 => "JBIG",
        32766 => "NeXT's 2-bit coding",
        32809 => "ThunderScan",
        32908 or 32909 => "Pixar's coding",
        33003 or 33004 or 33005 or 34712 => "JPEG 2000",
        34676 or 34677 => "SGI LogLuv",
        34887 => "LERC",
        34892 => "lossy JPEG of DNG",
        34925 => "LZMA",
        34926 or 50000 => "Zstandard",
        34927 => "WebP",
        50002 or 52546 => "JPEG XL",
        _ => "a coding that is not known here",
    };
}
