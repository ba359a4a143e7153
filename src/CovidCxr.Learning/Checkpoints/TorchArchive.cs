using System.IO.Compression;
using System.IO.Hashing;

namespace CovidCxr.Learning.Checkpoints;

/// <summary>
/// The zip file that torch.save writes since PyTorch 1.6: NAME/data.pkl and one stored, never compressed, NAME/data/KEY per storage.
/// </summary>
sealed class TorchArchive : IDisposable
{
    // ResNet152 with an optimizer's state has about 3,000.
    const int MaxEntries = 50_000;
    const long MaxPickleBytes = 64L << 20;

    readonly ZipArchive _zip;
    readonly Dictionary<string, ZipArchiveEntry> _entries = new(StringComparer.Ordinal);
    readonly string _root;

    /// <exception cref="ModelFileException">Not such an archive, or one that is made to deceive.</exception>
    public TorchArchive(Stream stream)
    {
        _zip = Guarded(() => new ZipArchive(stream, ZipArchiveMode.Read));
        try
        {
            foreach (var entry in Guarded(() => _zip.Entries))
            {
                Add(entry);
            }

            _root = FindRoot();
            CheckRecords(stream.Length);
        }
        catch (ModelFileException)
        {
            _zip.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of data.pkl.</summary>
    public byte[] ReadPickle()
    {
        var entry = _entries[_root + "data.pkl"];
        return entry.Length <= MaxPickleBytes
            ? Read(entry)
            : throw new ModelFileException("The archive's data.pkl is far larger than a state dict's.");
    }

    /// <summary>The bytes of one storage.</summary>
    /// <param name="bytes">What the pickle says of its length.</param>
    public byte[] ReadStorage(string key, UInt128 bytes)
    {
        if (!_entries.TryGetValue($"{_root}data/{key}", out var entry))
        {
            throw new ModelFileException($"The archive lacks the storage {PickleMachine.Printable(key)}.");
        }

        return bytes == (UInt128)entry.Length
            ? Read(entry)
            : throw new ModelFileException($"The storage {PickleMachine.Printable(key)} has another length than the pickle says.");
    }

    public void Dispose() => _zip.Dispose();

    void Add(ZipArchiveEntry entry)
    {
        if (_entries.Count == MaxEntries)
        {
            throw new ModelFileException($"The archive has more than {MaxEntries} files.");
        }

        if (!_entries.TryAdd(entry.FullName, entry))
        {
            throw new ModelFileException($"The archive holds {PickleMachine.Printable(entry.FullName)} twice.");
        }
    }

    string FindRoot()
    {
        var pickles = _entries.Keys.Where(n =>
            n.EndsWith("/data.pkl", StringComparison.Ordinal) && n.IndexOf('/', StringComparison.Ordinal) == n.Length - "/data.pkl".Length)
            .ToList();
        return pickles is [var only]
            ? only[..^"data.pkl".Length]
            : throw new ModelFileException("The zip file is no PyTorch file: it has no data.pkl, or several.");
    }

    void CheckRecords(long fileLength)
    {
        if (_entries.Keys.Any(n => n.StartsWith(_root + "code/", StringComparison.Ordinal) || n == _root + "constants.pkl"))
        {
            throw new ModelFileException("This is a TorchScript program, not a state dict. Save network.state_dict() with torch.save.");
        }

        // As long as it is in the file: nothing can unpack to more than was given.
        if (_entries.Values.Any(e => e.Length != e.CompressedLength || e.Length > fileLength || e.IsEncrypted))
        {
            throw new ModelFileException("The archive is compressed or encrypted; torch.save never does that.");
        }

        if (_entries.TryGetValue(_root + "byteorder", out var order)
            && (order.Length > 16 || !Read(order).AsSpan().SequenceEqual("little"u8)))
        {
            throw new ModelFileException("The file was written on a big-endian machine and is not read.");
        }
    }

    static byte[] Read(ZipArchiveEntry entry) => Guarded(() =>
    {
        if (entry.Length > Array.MaxLength)
        {
            throw new ModelFileException("A storage of the archive is larger than 2 GB.");
        }

        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return Crc32.HashToUInt32(bytes) == entry.Crc32
            ? bytes
            : throw new ModelFileException("The archive is damaged: a checksum does not match.");
    });

    static T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (
            e is InvalidDataException or IOException or NotSupportedException or ArgumentException or OverflowException)
        {
            throw new ModelFileException("The zip file is damaged or was cut short.", e);
        }
    }
}
