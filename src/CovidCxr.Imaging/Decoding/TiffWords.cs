using System.Buffers.Binary;

namespace CovidCxr.Imaging.Decoding;

/// <summary>Overwrites what the tags of a TIFF say in words by zeros, where it stands: nothing in the file moves.</summary>
static class TiffWords
{
    const int Text = 2, MostDirectories = 64, MostEntries = 4096;

    // XMP, IPTC, Photoshop's, the maker's note and the user's comment of EXIF, whatever type they are written as.
    static readonly int[] Blanked = [700, 33723, 34377, 37500, 37510];

    // EXIF, GPS, and further pictures of a file.
    static readonly int[] Directories = [34665, 34853, 330];

    public static byte[]? Blank(byte[] file)
    {
        var copy = file.ToArray();
        var tiff = new Layout(file.Length > 3 && file[0] == (byte)'M', file.Length > 3 && (file[2] | file[3]) == 43);
        var waiting = new Stack<long>([tiff.Offset(file, tiff.IsBig ? 8 : 4)]);
        var seen = new HashSet<long>();
        while (waiting.TryPop(out var at))
        {
            if (at == 0 || !seen.Add(at))
            {
                continue;
            }

            if (seen.Count > MostDirectories || !Blank(file, copy, tiff, at, waiting))
            {
                return null;
            }
        }

        return copy;
    }

    static bool Blank(byte[] file, byte[] copy, Layout tiff, long directory, Stack<long> waiting)
    {
        if (directory < 0 || directory > file.Length - 8)
        {
            return false;
        }

        var count = tiff.IsBig ? tiff.Offset(file, directory) : tiff.Short(file, directory);
        var first = directory + (tiff.IsBig ? 8 : 2);
        if (count is < 0 or > MostEntries || first + (count * tiff.EntryBytes) > file.Length - (tiff.IsBig ? 8 : 4))
        {
            return false;
        }

        for (var i = 0; i < count; i++)
        {
            var entry = first + (i * tiff.EntryBytes);
            var (tag, type) = (tiff.Short(file, entry), tiff.Short(file, entry + 2));
            var bytes = Math.Clamp(tiff.Offset(file, entry + 4), -1, int.MaxValue) * SizeOf(type);
            var inline = entry + (tiff.IsBig ? 12 : 8);
            var at = bytes <= (tiff.IsBig ? 8 : 4) ? inline : tiff.Offset(file, inline);
            if (Directories.Contains(tag) && bytes <= 8)
            {
                waiting.Push(tiff.Offset(file, inline));
            }
            else if (type == Text || Blanked.Contains(tag))
            {
                if (bytes < 0 || at < 0 || bytes > file.Length || at > file.Length - bytes)
                {
                    return false;
                }

                copy.AsSpan((int)at, (int)bytes).Clear();
            }
        }

        waiting.Push(tiff.Offset(file, first + (count * tiff.EntryBytes)));
        return true;
    }

    static int SizeOf(int type) => type switch { 3 or 8 => 2, 4 or 9 or 11 or 13 => 4, 5 or 10 or 12 or 16 or 17 or 18 => 8, _ => 1 };

    readonly record struct Layout(bool IsMotorola, bool IsBig)
    {
        public int EntryBytes => IsBig ? 20 : 12;

        public int Short(byte[] file, long at) => IsMotorola
            ? BinaryPrimitives.ReadUInt16BigEndian(file.AsSpan((int)at))
            : BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan((int)at));

        /// <summary>Of a place in the file, or a count: 8 bytes in BigTIFF, else 4.</summary>
        public long Offset(byte[] file, long at) => !IsBig ? Word(file, at)
            : IsMotorola ? BinaryPrimitives.ReadInt64BigEndian(file.AsSpan((int)at))
            : BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan((int)at));

        long Word(byte[] file, long at) => IsMotorola
            ? BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan((int)at))
            : BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan((int)at));
    }
}
