using System.IO.Compression;

namespace CovidCxr.Laboratory.Tests.DataSets;

/// <summary>Zips as an administrator, or an attacker, might upload them.</summary>
static class Archives
{
    public static byte[] Of(params (string Name, byte[] Bytes)[] files) => Make(archive =>
    {
        foreach (var (name, bytes) in files)
        {
            Add(archive, name, bytes);
        }
    });

    public static byte[] Link() => Make(archive =>
    {
        var entry = Add(archive, "COVID-19/a.png", "/etc/passwd"u8.ToArray());
        entry.ExternalAttributes = unchecked((int)0xA1FF0000);
    });

    /// <summary>Zeros, which pack to a thousandth.</summary>
    public static byte[] Bomb() => Of(("COVID-19/a.png", new byte[8 << 20]));

    public static byte[] ManyEntries(int count) => Make(archive =>
    {
        for (var i = 0; i < count; i++)
        {
            archive.CreateEntry($"COVID-19/{i}.png", CompressionLevel.NoCompression);
        }
    });

    /// <summary>Declares one byte of a file that unpacks to more.</summary>
    public static byte[] UnderstatedSize()
    {
        var bytes = Of(("COVID-19/a.png", new byte[5000]));
        var at = bytes.AsSpan().LastIndexOf("PK\x01\x02"u8);
        BitConverter.TryWriteBytes(bytes.AsSpan(at + 24), 1);
        return bytes;
    }

    public static ZipArchiveEntry Add(ZipArchive archive, string name, byte[] bytes)
    {
        var entry = archive.CreateEntry(name, CompressionLevel.Optimal);
        using var stream = entry.Open();
        stream.Write(bytes);
        return entry;
    }

    static byte[] Make(Action<ZipArchive> fill)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            fill(archive);
        }

        return memory.ToArray();
    }
}
