using System.Globalization;
using System.Numerics;
using CovidCxr.Imaging.Preprocessing;

namespace CovidCxr.Learning.Duplicates;

/// <summary>
/// A difference hash of 256 bits: whether each of 16 x 16 cells is brighter than its right neighbour. The same film at another size or
/// quality differs in few bits, another film in about 100.
/// </summary>
public readonly record struct PerceptualHash(ulong A, ulong B, ulong C, ulong D)
{
    /// <summary>
    /// At most this many differing bits make two films look alike. Whether they are one, <see cref="FilmAppearance"/> says: 58 films that
    /// stand in two collections look alike, but so do 28 pairs of different patients among 1,000 NIH films.
    /// </summary>
    public const int DuplicateDistance = 20;

    /// <summary>
    /// At most this many differing bits make the same film where no picture is there to look at: 57 of those 58 films, and of 28 pairs of
    /// strangers none, the nearest at 14 bits.
    /// </summary>
    public const int SureDistance = 8;

    /// <param name="unit">height x width values, row-major.</param>
    public static PerceptualHash Of(float[] unit, int width, int height)
    {
        var cells = Resizer.Resize(unit, width, height, 17, 16);
        Span<ulong> words = stackalloc ulong[4];
        for (var i = 0; i < 256; i++)
        {
            var at = (i / 16 * 17) + (i % 16);
            words[i / 64] |= (cells[at] > cells[at + 1] ? 1UL : 0) << (i % 64);
        }

        return new(words[0], words[1], words[2], words[3]);
    }

    /// <param name="text">As <see cref="ToString"/> writes it.</param>
    /// <exception cref="FormatException">It is something else.</exception>
    public static PerceptualHash Parse(string text)
    {
        ulong Word(int i) => ulong.Parse(text.AsSpan(i * 16, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        return text.Length == 64
            ? new(Word(0), Word(1), Word(2), Word(3))
            : throw new FormatException("A perceptual hash has 64 hexadecimal digits.");
    }

    /// <summary>64 hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{A:x16}{B:x16}{C:x16}{D:x16}");

    /// <summary>Differing bits, 0 .. 256.</summary>
    public int DistanceTo(PerceptualHash other) =>
        BitOperations.PopCount(A ^ other.A) + BitOperations.PopCount(B ^ other.B) + BitOperations.PopCount(C ^ other.C)
            + BitOperations.PopCount(D ^ other.D);
}
