using System.Numerics;
using System.Runtime.InteropServices;
using NetVips;

namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// Reads an open image strip by strip into grey samples, upright, so that a colour or turned file costs its grey samples and one strip.
/// Alpha is laid over black, as libvips' flatten does.
/// </summary>
ref struct PixelReader<T>
    where T : unmanaged, IBinaryInteger<T>
{
    // Small enough for the collector's first generation.
    const int StripPixels = 1 << 14;

    readonly Image _image;
    readonly int _bands;
    readonly bool _hasAlpha;
    readonly int _bits;
    readonly int[]? _visible;

    /// <param name="usesAlpha">False: alpha is left out and all is opaque.</param>
    public PixelReader(Image image, bool usesAlpha)
    {
        _image = image;
        _bands = image.Bands;
        _hasAlpha = usesAlpha && image.HasAlpha();
        _bits = typeof(T) == typeof(ushort) ? 16 : 8;
        _visible = _hasAlpha ? new int[1 << _bits] : null;
    }

    /// <summary>How often each brightness is seen where alpha is not 0; null for a picture without alpha.</summary>
    public readonly int[]? Visible => _visible;

    /// <param name="orientation">1..8 as TIFF 6.0's tag 274.</param>
    /// <exception cref="OperationCanceledException">Between two strips.</exception>
    public readonly GreyImage Read(int orientation, CancellationToken cancellation)
    {
        var (width, height) = (_image.Width, _image.Height);
        var isTransposed = orientation >= 5;
        var (across, down) = isTransposed ? (height, width) : (width, height);
        var place = Placement.Of(orientation, width, height);
        var grey = new ushort[width * height];
        using var region = Region.New(_image);
        var rows = Math.Max(1, StripPixels / width);
        for (var top = 0; top < height; top += rows)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(rows, height - top);
            var strip = MemoryMarshal.Cast<byte, T>(region.Fetch(0, top, width, count));
            for (var row = 0; row < count; row++)
            {
                ReadRow(
                    strip.Slice(row * width * _bands, width * _bands), grey, place.Start + ((top + row) * place.RowStep), place.ColumnStep);
            }
        }

        return new GreyImage(across, down, _bits, grey);
    }

    readonly void ReadRow(ReadOnlySpan<T> row, ushort[] grey, int at, int step)
    {
        if (_hasAlpha)
        {
            ReadOverBlack(row, grey, at, step);
        }
        else if (_bands < 3)
        {
            for (var i = 0; i < row.Length; i += _bands, at += step)
            {
                grey[at] = ushort.CreateTruncating(row[i]);
            }
        }
        else
        {
            for (var i = 0; i < row.Length; i += _bands, at += step)
            {
                grey[at] = Luminance(Sample(row[i]), Sample(row[i + 1]), Sample(row[i + 2]));
            }
        }
    }

    readonly void ReadOverBlack(ReadOnlySpan<T> row, ushort[] grey, int at, int step)
    {
        var (largest, isColour) = ((1L << _bits) - 1, _bands > 2);
        for (var i = 0; i < row.Length; i += _bands, at += step)
        {
            var alpha = Sample(row[i + _bands - 1]);
            grey[at] = isColour
                ? Luminance(Sample(row[i]) * alpha / largest, Sample(row[i + 1]) * alpha / largest, Sample(row[i + 2]) * alpha / largest)
                : (ushort)(Sample(row[i]) * alpha / largest);
            if (alpha > 0)
            {
                _visible![isColour ? Luminance(Sample(row[i]), Sample(row[i + 1]), Sample(row[i + 2])) : (int)Sample(row[i])]++;
            }
        }
    }

    // Rec. 601 weights in 16-bit fixed point: they sum to 65536, so a grey image saved as RGB comes back exactly.
    static ushort Luminance(long red, long green, long blue) => (ushort)(((19595 * red) + (38470 * green) + (7471 * blue) + 32768) >> 16);

    static long Sample(T value) => long.CreateTruncating(value);
}

/// <summary>Where a file's pixel lands in the upright picture: at Start + column * ColumnStep + row * RowStep.</summary>
readonly record struct Placement(int Start, int ColumnStep, int RowStep)
{
    /// <param name="orientation">1..8: what row 0 and column 0 of the file are in the picture (TIFF 6.0, tag 274).</param>
    public static Placement Of(int orientation, int width, int height)
    {
        var last = (width * height) - 1;
        return orientation switch
        {
            2 => new(width - 1, -1, width),
            3 => new(last, -1, -width),
            4 => new(last - width + 1, 1, -width),
            5 => new(0, height, 1),
            6 => new(height - 1, height, -1),
            7 => new(last, -height, -1),
            8 => new(last - height + 1, -height, 1),
            _ => new(0, 1, width),
        };
    }
}
