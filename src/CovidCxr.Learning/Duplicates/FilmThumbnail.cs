using System.Numerics.Tensors;
using System.Text.Json;
using System.Text.Json.Serialization;
using CovidCxr.Imaging.Preprocessing;

namespace CovidCxr.Learning.Duplicates;

/// <summary>
/// The fine structure of a film in 64 x 64 cells: enough to lay two films over one another and see whether they are the same one. A
/// blurred copy is taken away, because what all chests have in common must not count.
/// </summary>
[JsonConverter(typeof(Base64))]
public sealed class FilmThumbnail : IEquatable<FilmThumbnail>
{
    const int Side = 64, Bytes = Side * Side / 2, BlurRadius = 2;

    // The films may differ by a shift of 3 cells (5% of the width) and in size by a tenth; what is compared stays inside both.
    const int Shift = 3, Margin = 7, Window = Side - (2 * Margin);

    // Cells are kept in 4 bits, 0.4 standard deviations a step: -7 to 7 about a middle of 8.
    const float Step = 0.4f;
    const int Middle = 8, Highest = 7;

    static readonly double[] Scales = [0.9, 0.95, 1, 1.05, 1.1];

    readonly byte[] _cells;

    FilmThumbnail(byte[] cells) => _cells = cells;

    /// <param name="unit">height x width values in 0..1, row-major; the whole film.</param>
    public static FilmThumbnail Of(float[] unit, int width, int height)
    {
        var fine = HighPass(Resizer.Resize(unit, width, height, Side, Side));
        var deviation = TensorPrimitives.Norm<float>(fine) / Side;
        var cells = new byte[Bytes];
        for (var i = 0; i < fine.Length; i++)
        {
            // Of a picture of one grey, rounding must not become structure.
            var level = deviation > 1e-4f ? (int)Math.Clamp(MathF.Round(fine[i] / (Step * deviation)), -Highest, Highest) : 0;
            cells[i / 2] |= (byte)((level + Middle) << (i % 2 * 4));
        }

        return new(cells);
    }

    /// <param name="cells">As <see cref="ToBytes"/> gives them.</param>
    /// <exception cref="FormatException">It is another number of bytes.</exception>
    public static FilmThumbnail FromBytes(byte[] cells) => cells.Length == Bytes
        ? new([.. cells])
        : throw new FormatException("A film's thumbnail has 64 x 64 cells of 4 bits.");

    /// <summary>The cells row by row, two a byte: 2,048 bytes.</summary>
    public byte[] ToBytes() => [.. _cells];

    /// <summary>The best normalised cross-correlation of the two, over small shifts and sizes.</summary>
    /// <returns>-1 .. 1; 0 where one of them is of one grey.</returns>
    public double CorrelationWith(FilmThumbnail other)
    {
        var (mine, theirs) = (Levels(), other.Levels());
        var window = new float[Window * Window];
        for (var y = 0; y < Window; y++)
        {
            mine.AsSpan(At(y, 0), Window).CopyTo(window.AsSpan(y * Window));
        }

        TensorPrimitives.Subtract(window, TensorPrimitives.Sum<float>(window) / window.Length, window);
        var norm = TensorPrimitives.SumOfSquares<float>(window);
        return Scales.Max(scale => Best(window, norm, Scaled(theirs, scale)));
    }

    public bool Equals(FilmThumbnail? other) => other is not null && _cells.AsSpan().SequenceEqual(other._cells);

    public override bool Equals(object? obj) => Equals(obj as FilmThumbnail);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(_cells);
        return hash.ToHashCode();
    }

    // The best over the shifts. The window has no mean left, so the other's need not be taken away from the products.
    static double Best(float[] window, double norm, float[] theirs)
    {
        var best = -1.0;
        var (sums, squares) = (new float[Window + (2 * Shift)], new float[Window + (2 * Shift)]);
        for (var right = -Shift; right <= Shift; right++)
        {
            for (var y = 0; y < sums.Length; y++)
            {
                var row = theirs.AsSpan(At(y - Shift, right), Window);
                (sums[y], squares[y]) = (TensorPrimitives.Sum<float>(row), TensorPrimitives.SumOfSquares<float>(row));
            }

            for (var down = 0; down <= 2 * Shift; down++)
            {
                double dot = 0;
                for (var y = 0; y < Window; y++)
                {
                    dot += TensorPrimitives.Dot(
                        window.AsSpan(y * Window, Window), theirs.AsSpan(At(y + down - Shift, right), Window));
                }

                double sum = TensorPrimitives.Sum<float>(sums.AsSpan(down, Window));
                var scale = norm * (TensorPrimitives.Sum<float>(squares.AsSpan(down, Window)) - (sum * sum / window.Length));
                best = Math.Max(best, scale > 1 ? dot / Math.Sqrt(scale) : 0);
            }
        }

        return best;
    }

    static int At(int y, int x) => ((y + Margin) * Side) + x + Margin;

    float[] Levels()
    {
        var levels = new float[Side * Side];
        for (var i = 0; i < levels.Length; i++)
        {
            levels[i] = ((_cells[i / 2] >> (i % 2 * 4)) & 15) - Middle;
        }

        return levels;
    }

    // Two box blurs in each direction are nearly a Gaussian one.
    static float[] HighPass(float[] film)
    {
        var blurred = BlurredRows(BlurredRows(BlurredRows(BlurredRows(film))));
        TensorPrimitives.Subtract(film, blurred, blurred);
        return blurred;
    }

    // Blurs each row and turns the picture, so that twice is both directions. At the border the box is smaller.
    static float[] BlurredRows(float[] film)
    {
        var turned = new float[film.Length];
        for (var i = 0; i < film.Length; i++)
        {
            var (y, x) = Math.DivRem(i, Side);
            var (from, to) = (Math.Max(0, x - BlurRadius), Math.Min(Side, x + BlurRadius + 1));
            turned[(x * Side) + y] = TensorPrimitives.Sum<float>(film.AsSpan((y * Side) + from, to - from)) / (to - from);
        }

        return turned;
    }

    // About the middle, linearly interpolated; beyond the film's border 0.
    static float[] Scaled(float[] film, double scale)
    {
        const double Centre = (Side - 1) / 2.0;
        var scaled = new float[film.Length];
        for (var i = 0; i < scaled.Length; i++)
        {
            var (y, x) = (Centre + (((i / Side) - Centre) / scale), Centre + (((i % Side) - Centre) / scale));
            if (y is < 0 or > Side - 1 || x is < 0 or > Side - 1)
            {
                continue;
            }

            var (top, left) = ((int)y, (int)x);
            var (bottom, right) = (Math.Min(top + 1, Side - 1), Math.Min(left + 1, Side - 1));
            var across = (float)(x - left);
            scaled[i] = float.Lerp(
                float.Lerp(film[(top * Side) + left], film[(top * Side) + right], across),
                float.Lerp(film[(bottom * Side) + left], film[(bottom * Side) + right], across), (float)(y - top));
        }

        return scaled;
    }

    /// <summary>The cells row by row, two a byte.</summary>
    sealed class Base64 : JsonConverter<FilmThumbnail>
    {
        public override FilmThumbnail Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out var cells) && cells.Length == Bytes
                ? new(cells)
                : throw new JsonException("A film's thumbnail has 64 x 64 cells of 4 bits.");

        public override void Write(Utf8JsonWriter writer, FilmThumbnail value, JsonSerializerOptions options) =>
            writer.WriteBase64StringValue(value._cells);
    }
}
