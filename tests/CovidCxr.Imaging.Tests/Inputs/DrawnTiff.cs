using System.Buffers.Binary;
using System.IO.Compression;
using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Imaging.Tests.Inputs;

/// <summary>How a TIFF is laid out.</summary>
sealed record TiffStyle(bool IsBigEndian = false, bool IsBigTiff = false, bool IsDirectoryFirst = false)
{
    public static IEnumerable<TiffStyle> All =>
        from isBigEndian in new[] { false, true }
        from isBigTiff in new[] { false, true }
        from isDirectoryFirst in new[] { false, true }
        select new TiffStyle(isBigEndian, isBigTiff, isDirectoryFirst);
}

/// <summary>A directory and its pieces: strips or tiles.</summary>
/// <param name="Tags">Without the pieces' offsets and lengths, which are added; a test may state its own.</param>
sealed record TiffPicture(SortedDictionary<int, long[]> Tags, byte[][] Pieces, bool IsTiled)
{
    public TiffPicture With(int tag, params long[] values) => this with
    {
        Tags = new(new Dictionary<int, long[]>(Tags) { [tag] = values })
    };
}

/// <summary>TIFF in any layout, so that a test can say where a file is cut and what is wrong with it.</summary>
static class DrawnTiff
{
    public const int Plain = 1;
    public const int Deflate = 8;

    /// <param name="side">Rows of a strip; with <paramref name="isTiled"/> the side of a tile.</param>
    public static TiffPicture Picture(GreyImage image, TiffStyle style, int side, bool isTiled = false, int compression = Plain)
    {
        var (pieceWidth, across) = isTiled ? (side, Parts(image.Width, side)) : (image.Width, 1);
        var down = Parts(image.Height, side);
        var pieces = from row in Enumerable.Range(0, down)
                     from column in Enumerable.Range(0, across)
                     let rows = isTiled ? side : Math.Min(side, image.Height - (row * side))
                     select Pack(Piece(image, style, column * pieceWidth, row * side, pieceWidth, rows), compression);
        var tags = new SortedDictionary<int, long[]>
        {
            [256] = [image.Width],
            [257] = [image.Height],
            [258] = [image.BitsStored],
            [259] = [compression],
            [262] = [1],
            [277] = [1],
        };
        foreach (var tag in isTiled ? new[] { 322, 323 } : [278])
        {
            tags[tag] = [side];
        }

        return new(tags, [.. pieces], isTiled);
    }

    public static byte[] Write(TiffStyle style, params TiffPicture[] pictures) => Write(style, pictures, []);

    /// <param name="children">Directories to which only tag 330 of the first picture leads.</param>
    public static byte[] Write(TiffStyle style, TiffPicture[] pictures, TiffPicture[] children)
    {
        TiffPicture[] all = [.. pictures, .. children];
        // The addresses decide no size, so the first round finds them and the second writes them.
        all[0] = children.Length == 0 ? all[0] : all[0].With(330, new long[children.Length]);
        var (starts, pieces) = Places(style, all);
        var file = new MemoryStream();
        file.Write(Header(style, starts[0]));
        if (!style.IsDirectoryFirst)
        {
            Array.ForEach(all, p => Array.ForEach(p.Pieces, piece => file.Write(piece)));
        }

        for (var i = 0; i < all.Length; i++)
        {
            var finished = Finish(all[i], pieces[i]);
            if (i == 0 && children.Length > 0)
            {
                finished[330] = starts[pictures.Length..];
            }

            file.Write(Directory(style, finished, starts[i], i + 1 < pictures.Length ? starts[i + 1] : 0));
        }

        if (style.IsDirectoryFirst)
        {
            Array.ForEach(all, p => Array.ForEach(p.Pieces, piece => file.Write(piece)));
        }

        return file.ToArray();
    }

    /// <summary>The first place of a picture's pieces in a file of one picture.</summary>
    public static int FirstPiece(TiffStyle style, byte[] file, TiffPicture picture) =>
        style.IsDirectoryFirst ? file.Length - picture.Pieces.Sum(p => p.Length) : style.IsBigTiff ? 16 : 8;

    static (long[] Starts, long[][] Pieces) Places(TiffStyle style, TiffPicture[] all)
    {
        var sizes = all.Select(p => Directory(style, Finish(p, []), 0, 0).Length).ToArray();
        var header = style.IsBigTiff ? 16L : 8L;
        var data = all.Sum(p => p.Pieces.Sum(x => (long)x.Length));
        var directory = style.IsDirectoryFirst ? header : header + data;
        var piece = style.IsDirectoryFirst ? header + sizes.Sum() : header;
        var starts = sizes.Select(s => (directory += s) - s).ToArray();
        return (starts, [.. all.Select(p => p.Pieces.Select(x => (piece += x.Length) - x.Length).ToArray())]);
    }

    static SortedDictionary<int, long[]> Finish(TiffPicture picture, long[] places)
    {
        var tags = new SortedDictionary<int, long[]>(picture.Tags);
        tags.TryAdd(picture.IsTiled ? 324 : 273, places.Length == 0 ? new long[picture.Pieces.Length] : places);
        tags.TryAdd(picture.IsTiled ? 325 : 279, [.. picture.Pieces.Select(p => (long)p.Length)]);
        // An empty list of values leaves the tag out.
        foreach (var tag in tags.Where(t => t.Value.Length == 0).Select(t => t.Key).ToList())
        {
            tags.Remove(tag);
        }

        return tags;
    }

    static byte[] Header(TiffStyle style, long first)
    {
        byte[] order = style.IsBigEndian ? "MM"u8.ToArray() : "II"u8.ToArray();
        return style.IsBigTiff
            ? [.. order, .. Number(style, 43, 2), .. Number(style, 8, 2), 0, 0, .. Number(style, first, 8)]
            : [.. order, .. Number(style, 42, 2), .. Number(style, first, 4)];
    }

    static byte[] Directory(TiffStyle style, SortedDictionary<int, long[]> tags, long start, long next)
    {
        var pointer = style.IsBigTiff ? 8 : 4;
        var head = new MemoryStream();
        var spill = new MemoryStream();
        head.Write(Number(style, tags.Count, style.IsBigTiff ? 8 : 2));
        var size = (style.IsBigTiff ? 8 : 2) + (tags.Count * (4 + (2 * pointer))) + pointer;
        foreach (var (tag, values) in tags)
        {
            // Type 4: numbers of 32 bits.
            head.Write([.. Number(style, tag, 2), .. Number(style, 4, 2), .. Number(style, values.Length, pointer)]);
            byte[] data = [.. values.SelectMany(v => Number(style, v, 4))];
            var isInline = data.Length <= pointer;
            head.Write(isInline ? [.. data, .. new byte[pointer - data.Length]] : Number(style, start + size + spill.Length, pointer));
            spill.Write(isInline ? [] : data);
        }

        head.Write(Number(style, next, pointer));
        return [.. head.ToArray(), .. spill.ToArray()];
    }

    static byte[] Number(TiffStyle style, long value, int size)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        Array.Resize(ref bytes, size);
        return style.IsBigEndian ? [.. bytes.Reverse()] : bytes;
    }

    static byte[] Piece(GreyImage image, TiffStyle style, int left, int top, int width, int rows)
    {
        var samples = from y in Enumerable.Range(top, rows)
                      from x in Enumerable.Range(left, width)
                      select x < image.Width && y < image.Height ? image.Samples[(y * image.Width) + x] : (ushort)0;
        return [.. samples.SelectMany(s => Number(style, s, image.BitsStored / 8))];
    }

    static byte[] Pack(byte[] piece, int compression)
    {
        if (compression != Deflate)
        {
            return piece;
        }

        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            zlib.Write(piece);
        }

        return packed.ToArray();
    }

    static int Parts(int whole, int part) => (whole + part - 1) / part;
}
