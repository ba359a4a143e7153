using System.IO.Compression;
using System.IO.Hashing;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>An uploaded zip. Nothing of it is written anywhere by opening it, and nothing but images and tables is ever unpacked.</summary>
sealed class ArchiveSource : ImageSource
{
    const int FileType = 0xF000, RegularFile = 0x8000, Folder = 0x4000, RatioFromBytes = 1 << 20, Stored = 0, Deflate = 8, Deflate64 = 9;

    static readonly Dictionary<int, string> Methods = new()
    {
        [1] = "Shrink",
        [6] = "Implode",
        [12] = "BZip2",
        [14] = "LZMA",
        [93] = "Zstandard",
        [95] = "XZ",
        [98] = "PPMd",
    };

    readonly ZipArchive _archive;
    readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.OrdinalIgnoreCase);

    ArchiveSource(ZipArchive archive, IReadOnlyList<ArchiveHeader> headers, ArchiveLimits limits)
    {
        _archive = archive;
        var ignored = new List<string>();
        long total = 0;
        foreach (var (header, entry) in headers.Zip(archive.Entries))
        {
            var path = SourceNames.Relative(header.Name);
            var kind = SourceNames.KindOf(path);
            if (header.Name.EndsWith('/') || header.Name.EndsWith('\\') || path.Length == 0)
            {
                continue;
            }

            if (kind is SourceKind.Litter or SourceKind.Foreign)
            {
                Litter += kind == SourceKind.Litter ? 1 : 0;
                ignored.AddRange(kind == SourceKind.Foreign ? [path] : []);
                continue;
            }

            SourceNames.Check(path);
            CheckKind(entry);
            CheckMethod(header);
            CheckSize(entry, limits);
            total += entry.Length;
            if (total > limits.MaxUnpackedBytes)
            {
                throw new ImportRefusedException($"Unpacked the archive would take more than {limits.MaxUnpackedBytes >> 20} MB.");
            }

            if (!_entries.TryAdd(path, entry))
            {
                throw new ImportRefusedException("Two files of the archive have the same name.");
            }
        }

        Ignored = ignored;
        Files = [.. _entries.Select(e => new SourceFile(e.Key, e.Value.Length)).OrderBy(f => f.Path, StringComparer.Ordinal)];
    }

    public override IReadOnlyList<SourceFile> Files { get; }

    public override IReadOnlyList<string> Ignored { get; }

    public override int Litter { get; }

    /// <exception cref="ImportRefusedException">The archive is hostile, damaged or too large; the message says how.</exception>
    public static ArchiveSource Open(string path, ArchiveLimits limits)
    {
        var stream = File.OpenRead(path);
        try
        {
            var headers = ArchiveDirectory.Read(stream, limits.MaxEntries);
            if (headers.Count > limits.MaxEntries)
            {
                throw new ImportRefusedException($"The archive has more than {limits.MaxEntries} entries.");
            }

            stream.Position = 0;
            var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: false, ArchiveDirectory.RawNames);
            // An archive of which two readers see different files is made to deceive.
            return archive.Entries.Select(e => e.FullName).SequenceEqual(headers.Select(h => h.Raw))
                ? new(archive, headers, limits)
                : throw new InvalidDataException();
        }
        catch (Exception e) when (e is InvalidDataException or ImportRefusedException or IOException)
        {
            stream.Dispose();
            throw e as ImportRefusedException ?? new ImportRefusedException("The archive is damaged and cannot be read.", e);
        }
    }

    public override byte[] Read(SourceFile file)
    {
        try
        {
            var entry = _entries[file.Path];
            using var stream = entry.Open();
            var bytes = new byte[file.Bytes];
            stream.ReadExactly(bytes);
            // The library ends at the declared size whatever follows; the checksum tells.
            return Crc32.HashToUInt32(bytes) == entry.Crc32
                ? bytes
                : throw new ImportRefusedException("A file in the archive is damaged, or its size is not the one declared.");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new ImportRefusedException("A file in the archive is damaged, or its size is not the one declared.", e);
        }
    }

    public override void Dispose()
    {
        _archive.Dispose();
        base.Dispose();
    }

    static void CheckKind(ZipArchiveEntry entry)
    {
        var kind = (entry.ExternalAttributes >> 16) & FileType;
        if (kind is not (0 or RegularFile or Folder))
        {
            throw new ImportRefusedException("The archive holds a symbolic link or another special file.");
        }

        if (entry.IsEncrypted)
        {
            throw new ImportRefusedException("The archive is encrypted. Unpack it and pack it without a password.");
        }
    }

    static void CheckMethod(ArchiveHeader header)
    {
        if (header.Method is not (Stored or Deflate or Deflate64))
        {
            throw new ImportRefusedException(
                $"The archive is compressed with {Methods.GetValueOrDefault(header.Method, $"method {header.Method}")}, which is not "
                    + $"read. Pack it anew with Deflate, the ordinary method of a zip.");
        }
    }

    static void CheckSize(ZipArchiveEntry entry, ArchiveLimits limits)
    {
        if (entry.Length > limits.MaxFileBytes)
        {
            throw new ImportRefusedException($"A file of the archive is larger than {limits.MaxFileBytes >> 20} MB.");
        }

        if (entry.Length > RatioFromBytes && entry.Length > limits.MaxRatio * Math.Max(1, entry.CompressedLength))
        {
            throw new ImportRefusedException(
                $"A file of the archive would grow more than {limits.MaxRatio} times on unpacking: that is a bomb, not an X-ray.");
        }
    }
}
