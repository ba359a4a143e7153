namespace CovidCxr.Imaging.Decoding;

/// <summary>How a TIFF's picture is cut into strips or tiles.</summary>
/// <param name="Width">Pixels of the picture, at least 1; Height likewise.</param>
/// <param name="PieceWidth">Pixels of a strip or a tile; PieceHeight likewise. The last strip may have fewer rows, a tile is always
/// whole.</param>
/// <param name="PerPlane">Pieces of one plane.</param>
/// <param name="Count">Pieces in all.</param>
/// <param name="IsBitReversed">In each byte the lowest bit comes first.</param>
/// <param name="BitsPerPixel">In one piece: of all samples, or of one where each has a plane of its own.</param>
sealed record TiffLayout(
    ulong Compression, bool IsTiled, long Width, long Height, long PieceWidth, long PieceHeight, int PerPlane, int Count, long BitsPerPixel,
    bool IsBitReversed)
{
    public const int MaxSamples = 64;

    // libtiff's own limits are far above; beyond these a product could overflow.
    const ulong MaxSide = 1 << 20;
    const long MaxPieces = 1 << 22;

    /// <returns>Null where a size is missing, zero or absurd.</returns>
    public static TiffLayout? Read(byte[] bytes, TiffDirectory page)
    {
        ulong? Value(int tag, ulong? absent) => page.Value(bytes, tag, absent);
        var isTiled = page.Has(TiffTag.TileWidth) || page.Has(TiffTag.TileOffsets);
        var rows = Value(TiffTag.RowsPerStrip, uint.MaxValue);
        if (Value(TiffTag.Width, null) is not (> 0 and <= MaxSide and var width)
            || Value(TiffTag.Height, null) is not (> 0 and <= MaxSide and var height)
            || (isTiled ? Value(TiffTag.TileWidth, null) : width) is not (> 0 and <= MaxSide and var pieceWidth)
            || (isTiled ? Value(TiffTag.TileLength, null) : Math.Min(rows ?? 0, height)) is not (> 0 and <= MaxSide and var pieceHeight)
            || Value(TiffTag.SamplesPerPixel, 1) is not (> 0 and <= MaxSamples and var samples)
            || Value(TiffTag.BitsPerSample, 1) is not (> 0 and <= 64 and var bits)
            || Value(TiffTag.Compression, 1) is not { } compression
            || Value(TiffTag.PlanarConfiguration, 1) is not (>= 1 and <= 2 and var planar))
        {
            return null;
        }

        var isPlanar = planar == 2;
        var perPlane = Parts(width, pieceWidth) * Parts(height, pieceHeight);
        var count = perPlane * (isPlanar ? (long)samples : 1);
        return count > MaxPieces
            ? null
            : new(compression, isTiled, (long)width, (long)height, (long)pieceWidth, (long)pieceHeight, (int)perPlane, (int)count,
                (long)bits * (isPlanar ? 1 : (long)samples), Value(TiffTag.FillOrder, 1) == 2);
    }

    long RowBytes => ((PieceWidth * BitsPerPixel) + 7) / 8;

    /// <summary>What a strip or a tile holds unpacked. Each row begins on a whole byte.</summary>
    public ulong BytesOf(int piece)
    {
        var rows = IsTiled ? PieceHeight : Math.Min(PieceHeight, Height - (piece % PerPlane * PieceHeight));
        return (ulong)(rows * RowBytes);
    }

    /// <summary>Whether a piece unpacks to what it should hold. Some writers fill up the last strip.</summary>
    public bool Fits(int piece, long unpacked) => unpacked == (long)BytesOf(piece) || unpacked == PieceHeight * RowBytes;

    /// <returns>Where the pieces begin and how long each is, as far as the file says so.</returns>
    public (ulong[] Offsets, ulong[] Counts) Pieces(byte[] bytes, TiffDirectory page) =>
        // Early tiled files wrote the offsets under the strips' tags, and libtiff reads them so.
        (page.Values(bytes, IsTiled && page.Has(TiffTag.TileOffsets) ? TiffTag.TileOffsets : TiffTag.StripOffsets, Count),
            page.Values(bytes, IsTiled && page.Has(TiffTag.TileByteCounts) ? TiffTag.TileByteCounts : TiffTag.StripByteCounts, Count));

    static long Parts(ulong whole, ulong piece) => (long)((whole + piece - 1) / piece);
}
