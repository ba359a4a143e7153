using System.IO.Compression;
using System.Text;

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

    /// <summary>The files as if they were compressed by another method; what they hold is not.</summary>
    public static byte[] WithMethod(byte[] zip, int method)
    {
        for (var at = 0; at < zip.Length - 12; at++)
        {
            var start = zip.AsSpan(at);
            if (start.StartsWith("PK\x03\x04"u8) || start.StartsWith("PK\x01\x02"u8))
            {
                BitConverter.TryWriteBytes(start[(start[2] == 3 ? 8 : 10)..], (ushort)method);
            }
        }

        return zip;
    }

    /// <summary>The same files with the end that archives of more than 65,535 entries have (APPNOTE 4.3.14 to 4.3.16).</summary>
    public static byte[] Zip64(byte[] zip)
    {
        var at = zip.AsSpan().LastIndexOf("PK\x05\x06"u8);
        long entries = BitConverter.ToUInt16(zip, at + 10), bytes = BitConverter.ToUInt32(zip, at + 12), start = BitConverter.ToUInt32(
            zip, at + 16);
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory);
        writer.Write(zip.AsSpan(0, at));
        writer.Write("PK\x06\x06"u8);
        writer.Write(44L);
        writer.Write([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        Array.ForEach([entries, entries, bytes, start], writer.Write);
        writer.Write("PK\x06\x07"u8);
        writer.Write(0);
        writer.Write((long)at);
        writer.Write(1);
        writer.Write("PK\x05\x06"u8);
        writer.Write([0, 0, 0, 0, .. Enumerable.Repeat((byte)0xFF, 12), 0, 0]);
        return memory.ToArray();
    }

    /// <summary>Names in a code page, without the flag that says UTF-8.</summary>
    public static byte[] Named(int codePage, params (string Name, byte[] Bytes)[] files)
    {
        var encoding = codePage == 65001 ? Encoding.UTF8 : CodePagesEncodingProvider.Instance.GetEncoding(codePage)!;
        // A name for each byte, which the archive then writes as it is.
        return Make(
            archive =>
            {
                foreach (var (name, bytes) in files)
                {
                    Add(archive, Encoding.Latin1.GetString(encoding.GetBytes(name)), bytes);
                }
            },
            Encoding.Latin1);
    }

    public static ZipArchiveEntry Add(ZipArchive archive, string name, byte[] bytes)
    {
        var entry = archive.CreateEntry(name, CompressionLevel.Optimal);
        using var stream = entry.Open();
        stream.Write(bytes);
        return entry;
    }

    static byte[] Make(Action<ZipArchive> fill, Encoding? names = null)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true, names))
        {
            fill(archive);
        }

        return memory.ToArray();
    }
}
