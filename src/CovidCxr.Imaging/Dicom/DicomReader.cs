using System.Buffers.Binary;
using System.Text;

namespace CovidCxr.Imaging.Dicom;

/// <summary>
/// Walks the elements of a data set (PS3.5, 7) without trusting a length: each is checked against the file, nesting ends at
/// <see cref="MaxDepth"/>, elements at a number. What lies in sequences is stepped over.
/// </summary>
/// <param name="elements">The most that are read.</param>
sealed class DicomReader(byte[] bytes, int elements = DicomReader.MaxElements)
{
    /// <summary>Structured reports nest a dozen deep; a reader without an end to it dies of its stack.</summary>
    public const int MaxDepth = 64;

    /// <summary>A film has a few hundred.</summary>
    public const int MaxElements = 100_000;

    const uint Undefined = uint.MaxValue;

    int _left = elements;

    /// <summary>Reads the elements from a place on, up to the end or to the first of a higher group.</summary>
    /// <param name="lastGroup">0x0002 for the meta group.</param>
    /// <param name="end">Where it stopped.</param>
    /// <returns>Null where the file is damaged.</returns>
    public DicomDataSet? Read(int start, int stop, int lastGroup, bool isExplicit, bool isBigEndian, out int end)
    {
        var set = new DicomDataSet(bytes, isBigEndian, isExplicit);
        for (end = start; stop - end >= 8;)
        {
            // What follows the meta group may be written otherwise.
            if (Tag(end, isBigEndian) >> 16 > lastGroup)
            {
                return set;
            }

            var at = end;
            if (!TryHeader(ref at, stop, isExplicit, isBigEndian, out var tag, out var kind, out var length))
            {
                return null;
            }

            // What follows the pixels is padding or a signature, and no film needs it.
            if (tag == DicomTag.PixelData)
            {
                set.Add(tag, new(kind, at, (int)Math.Min(length, (uint)(stop - at)), length == Undefined));
                return set;
            }

            var value = at;
            if (!TrySkip(ref at, stop, length, kind, isExplicit, isBigEndian, 1))
            {
                return null;
            }

            // Private elements have odd groups.
            if ((tag >> 16) % 2 == 0)
            {
                set.Add(tag, new(kind, value, at - value, length == Undefined));
            }

            end = at;
        }

        return set;
    }

    /// <summary>The first item of a sequence; null where there is none or it is damaged.</summary>
    public DicomDataSet? FirstItem(DicomDataSet set, uint tag) => Items(set, tag).FirstOrDefault().Item;

    /// <summary>The items of a sequence and where each begins; one that is damaged is null and the last.</summary>
    public IEnumerable<(int At, DicomDataSet? Item)> Items(DicomDataSet set, uint tag)
    {
        if (set.Find(tag) is not { Length: >= 8 } sequence)
        {
            yield break;
        }

        var (at, stop) = (sequence.Start, sequence.Start + sequence.Length);
        while (stop - at >= 8 && Tag(at, set.IsBigEndian) != DicomTag.SequenceEnd)
        {
            var begin = at;
            var item = Item(set, ref at, stop);
            yield return (begin, item);
            if (item is null)
            {
                yield break;
            }
        }
    }

    DicomDataSet? Item(DicomDataSet set, ref int at, int stop)
    {
        var (isItem, length) = (Tag(at, set.IsBigEndian) == DicomTag.Item, Long(at + 4, set.IsBigEndian));
        at += 8;
        var item = at;
        return isItem && --_left >= 0 && TrySkipItem(ref at, stop, length, set.IsExplicit, set.IsBigEndian, 2)
            ? Read(item, length == Undefined ? at - 8 : at, 0xFFFD, set.IsExplicit, set.IsBigEndian, out _)
            : null;
    }

    /// <summary>The fragments of encapsulated pixels, joined: of one frame, whatever its fragments are.</summary>
    /// <returns>Null where the file is damaged.</returns>
    public byte[]? Fragments(DicomElement pixels)
    {
        var (at, stop, isTable) = (pixels.Start, pixels.Start + pixels.Length, true);
        using var joined = new MemoryStream();
        while (stop - at >= 8)
        {
            var (tag, length) = (Tag(at, false), Long(at + 4, false));
            at += 8;
            if (tag == DicomTag.SequenceEnd)
            {
                return joined.ToArray();
            }

            if (tag != DicomTag.Item || length > stop - at || --_left < 0)
            {
                return null;
            }

            if (!isTable)
            {
                joined.Write(bytes, at, (int)length);
            }

            (at, isTable) = (at + (int)length, false);
        }

        return null;
    }

    /// <summary>Whether a value of this kind has a length of four bytes (PS3.5, 7.1.2).</summary>
    public static bool IsLong(string kind) =>
        kind is "OB" or "OD" or "OF" or "OL" or "OV" or "OW" or "SQ" or "SV" or "UC" or "UN" or "UR" or "UT" or "UV";

    bool TryHeader(ref int at, int stop, bool isExplicit, bool isBigEndian, out uint tag, out string kind, out uint length)
    {
        (tag, kind, length) = (0, "UN", 0);
        if (stop - at < 8 || --_left < 0)
        {
            return false;
        }

        tag = Tag(at, isBigEndian);
        if (!isExplicit || tag >> 16 == 0xFFFE)
        {
            length = Long(at + 4, isBigEndian);
            at += 8;
            return true;
        }

        kind = Encoding.ASCII.GetString(bytes, at + 4, 2);
        if (IsLong(kind))
        {
            if (stop - at < 12)
            {
                return false;
            }

            length = Long(at + 8, isBigEndian);
            at += 12;
            return true;
        }

        var word = bytes.AsSpan(at + 6);
        length = isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(word) : BinaryPrimitives.ReadUInt16LittleEndian(word);
        at += 8;
        return char.IsAsciiLetterUpper(kind[0]) && char.IsAsciiLetterUpper(kind[1]);
    }

    bool TrySkip(ref int at, int stop, uint length, string kind, bool isExplicit, bool isBigEndian, int depth)
    {
        if (length != Undefined)
        {
            if (length > stop - at)
            {
                return false;
            }

            at += (int)length;
            return true;
        }

        // A sequence of unknown kind is written implicitly, in little endian (PS3.5, 6.2.2).
        return kind == "UN" && isExplicit
            ? TrySkipSequence(ref at, stop, false, false, depth)
            : TrySkipSequence(ref at, stop, isExplicit, isBigEndian, depth);
    }

    bool TrySkipSequence(ref int at, int stop, bool isExplicit, bool isBigEndian, int depth)
    {
        while (stop - at >= 8 && --_left >= 0)
        {
            var (tag, length) = (Tag(at, isBigEndian), Long(at + 4, isBigEndian));
            at += 8;
            if (tag == DicomTag.SequenceEnd)
            {
                return true;
            }

            if (tag != DicomTag.Item || !TrySkipItem(ref at, stop, length, isExplicit, isBigEndian, depth + 1))
            {
                return false;
            }
        }

        return false;
    }

    bool TrySkipItem(ref int at, int stop, uint length, bool isExplicit, bool isBigEndian, int depth)
    {
        if (depth > MaxDepth)
        {
            return false;
        }

        if (length != Undefined)
        {
            return TrySkip(ref at, stop, length, "", isExplicit, isBigEndian, depth);
        }

        while (TryHeader(ref at, stop, isExplicit, isBigEndian, out var tag, out var kind, out var size))
        {
            if (tag == DicomTag.ItemEnd)
            {
                return true;
            }

            if (!TrySkip(ref at, stop, size, kind, isExplicit, isBigEndian, depth))
            {
                return false;
            }
        }

        return false;
    }

    uint Tag(int at, bool isBigEndian)
    {
        var value = Long(at, isBigEndian);
        return isBigEndian ? value : (value << 16) | (value >> 16);
    }

    uint Long(int at, bool isBigEndian) =>
        isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(at)) : BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));
}
