using System.Text;

namespace CovidCxr.Learning.Data;

/// <summary>The text of a table's bytes, whichever program saved it.</summary>
public static class TableText
{
    // Enough to see the zeros of UTF-16, and not misled by a strange name further down.
    const int Looked = 4096;

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>
    /// By the byte order mark; without one UTF-16 by its zeros, UTF-8 where the bytes are valid, else Windows-1252, in which Excel saves
    /// "CSV".
    /// </summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        if (bytes is [0xFF, 0xFE, ..])
        {
            return Encoding.Unicode.GetString(bytes[2..]);
        }

        if (bytes is [0xFE, 0xFF, ..])
        {
            return Encoding.BigEndianUnicode.GetString(bytes[2..]);
        }

        var content = bytes is [0xEF, 0xBB, 0xBF, ..] ? bytes[3..] : bytes;
        if (Wide(content) is { } wide)
        {
            return wide.GetString(content);
        }

        try
        {
            return Utf8.GetString(content);
        }
        catch (DecoderFallbackException)
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(1252)!.GetString(content);
        }
    }

    // No text has a zero byte but UTF-16's, of which every Latin letter has one.
    static Encoding? Wide(ReadOnlySpan<byte> bytes)
    {
        var (even, odd) = (0, 0);
        for (var i = 0; i < Math.Min(bytes.Length, Looked); i++)
        {
            even += bytes[i] == 0 && i % 2 == 0 ? 1 : 0;
            odd += bytes[i] == 0 && i % 2 == 1 ? 1 : 0;
        }

        return even + odd == 0 || bytes.Length % 2 == 1 ? null : odd >= even ? Encoding.Unicode : Encoding.BigEndianUnicode;
    }
}
