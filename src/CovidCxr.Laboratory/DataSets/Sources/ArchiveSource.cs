using System.IO.Compression;
using System.IO.Hashing;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>An uploaded zip. Nothing of it is written anywhere by opening it.</summary>
sealed class ArchiveSource : ImageSource
{
    const int FileType = 0xF000, RegularFile = 0x8000, Folder = 0x4000, RatioFromBytes = 1 << 20;

    readonly ZipArchive archive;
    readonly Dictionary<string, ZipArchiveEntry> entries;

    ArchiveSource(ZipArchive archive, Dictionary<string, ZipArchiveEntry> entries, IReadOnlyList<string> ignored)
    {
        (this.archive, this.entries, Ignored) = (archive, entries, ignored);
        Files = [.. entries.Select(e => new SourceFile(e.Key, e.Value.Length)).OrderBy(f => f.Path, StringComparer.Ordinal)];
    }

    public override IReadOnlyList<SourceFile> Files { get; }

    public override IReadOnlyList<string> Ignored { get; }

    /// <exception cref="ImportRefusedException">The archive is hostile, damaged or too large; the message says how.</exception>
    public static ArchiveSource Open(string path, ArchiveLimits limits)
    {
        var stream = File.OpenRead(path);
        try
        {
            if (ArchiveDirectory.Count(stream, limits.MaxEntries) > limits.MaxEntries)
            {
                throw new ImportRefusedException($"The archive has more than {limits.MaxEntries} entries.");
            }

            stream.Position = 0;
            var archive = new ZipArchive(stream, ZipArchiveMode.Read);
            var (entries, ignored) = Check(archive, limits);
            return new(archive, entries, ignored);
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
            var entry = entries[file.Path];
            using var stream = entry.Open();
            var bytes = new byte[file.Bytes];
            stream.ReadExactly(bytes);
            // The library ends at the declared size whatever follows; the checksum tells.
            return Crc32.HashToUInt32(bytes) == entry.Crc32 ? bytes : throw new ImportRefusedException("A file in the archive is damaged, or its size is not the one declared.");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new ImportRefusedException("A file in the archive is damaged, or its size is not the one declared.", e);
        }
    }

    public override void Dispose()
    {
        archive.Dispose();
        base.Dispose();
    }

    static (Dictionary<string, ZipArchiveEntry> Entries, List<string> Ignored) Check(ZipArchive archive, ArchiveLimits limits)
    {
        var files = new Dictionary<string, ZipArchiveEntry>(StringComparer.OrdinalIgnoreCase);
        var ignored = new List<string>();
        long total = 0;
        foreach (var entry in archive.Entries)
        {
            var path = SourceNames.Check(entry.FullName);
            CheckKind(entry);
            total += entry.Length;
            if (total > limits.MaxUnpackedBytes)
            {
                throw new ImportRefusedException($"Unpacked the archive would take more than {limits.MaxUnpackedBytes >> 20} MB.");
            }

            if (path.EndsWith('/'))
            {
                continue;
            }

            CheckSize(entry, limits);
            if (!SourceNames.IsImage(path) && !SourceNames.IsTable(path))
            {
                ignored.Add(SourceNames.IsHarmless(path) ? path : throw Unexpected(path));
            }
            else if (SourceNames.IsHarmless(path))
            {
                ignored.Add(path);
            }
            else if (!files.TryAdd(path, entry))
            {
                throw new ImportRefusedException("Two files of the archive have the same name.");
            }
        }

        return (files, ignored);
    }

    static ImportRefusedException Unexpected(string path) => new(
        $"The archive holds a file of the kind '{Path.GetExtension(path)}', which no data set needs. Images are PNG, JPEG or TIFF, tables CSV; take the others out.");

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

    static void CheckSize(ZipArchiveEntry entry, ArchiveLimits limits)
    {
        if (entry.Length > limits.MaxFileBytes)
        {
            throw new ImportRefusedException($"A file of the archive is larger than {limits.MaxFileBytes >> 20} MB.");
        }

        if (entry.Length > RatioFromBytes && entry.Length > limits.MaxRatio * Math.Max(1, entry.CompressedLength))
        {
            throw new ImportRefusedException($"A file of the archive would grow more than {limits.MaxRatio} times on unpacking: that is a bomb, not an X-ray.");
        }
    }
}
