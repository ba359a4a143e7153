using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// How a PNG wants to be turned. Its own place for EXIF is eXIf; ImageMagick and ExifTool write EXIF as hexadecimal text ("Raw profile type
/// exif"), Adobe writes XMP. Where they disagree EXIF has the word, as the Metadata Working Group recommends.
/// </summary>
sealed partial class PngOrientation
{
    const string RawExif = "Raw profile type exif";
    const string RawApp1 = "Raw profile type APP1";
    const string RawXmp = "Raw profile type xmp";
    const string Xmp = "XML:com.adobe.xmp";

    // Metadata of a picture are a few kilobytes; what is larger, one text or all of them, is not unpacked.
    const int MaxTextBytes = 1 << 20;

    // The keywords whose text may say how to turn it, each until its first text has been read.
    readonly HashSet<string> _unread = [RawExif, RawApp1, RawXmp, Xmp];

    int _left = MaxTextBytes;
    int? _exif;
    int? _rawProfile;
    int? _xmp;

    /// <summary>1..8 as TIFF 6.0's tag 274; 1 where the file does not say.</summary>
    public int Value => _exif ?? _rawProfile ?? _xmp ?? 1;

    public void Read(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        if (type.SequenceEqual("eXIf"u8))
        {
            _exif ??= OfExif(data);
        }
        else if (Text(type, data) is { } found)
        {
            ReadText(found.Keyword, found.Text);
        }
    }

    void ReadText(string keyword, string text)
    {
        switch (keyword)
        {
            case RawExif or RawApp1:
                var profile = RawProfile(text);
                _rawProfile ??= OfExif(profile);
                _xmp ??= OfXmp(Encoding.UTF8.GetString(profile));
                break;
            case RawXmp:
                _xmp ??= OfXmp(Encoding.UTF8.GetString(RawProfile(text)));
                break;
            case Xmp:
                _xmp ??= OfXmp(text);
                break;
        }
    }

    // EXIF is a small TIFF, some writers put JPEG's "Exif\0\0" before it.
    static int? OfExif(ReadOnlySpan<byte> data)
    {
        var tiff = data.StartsWith("Exif\0\0"u8) ? data[6..] : data;
        return TiffReader.Open(tiff) is { } reader && reader.TryDirectory(tiff, reader.First, out var directory)
            && directory.Value(tiff, TiffTag.Orientation, null) is { } value ? Valid((long)value) : null;
    }

    static int? OfXmp(string text) =>
        XmpOrientation().Match(text) is { Success: true } match ? Valid(match.Groups[1].Value[0] - '0') : null;

    static int? Valid(long value) => value is >= 1 and <= 8 ? (int)value : null;

    // As an attribute, tiff:Orientation="6", or as an element, <tiff:Orientation>6</tiff:Orientation>.
    [GeneratedRegex("""tiff:Orientation\s*(?:=\s*["']|>)\s*([0-9])\s*["'<]""")]
    private static partial Regex XmpOrientation();

    // "\nexif\n     170\n45786966..." : a name, a length, and hexadecimal digits in lines.
    static byte[] RawProfile(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var digits = string.Concat(lines.Skip(2));
        return digits.Length % 2 == 0 && digits.All(char.IsAsciiHexDigit) ? Convert.FromHexString(digits) : [];
    }

    (string Keyword, string Text)? Text(ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        var end = data.IndexOf((byte)0);
        if (end < 1 || end > 79 || data.Length > MaxTextBytes)
        {
            return null;
        }

        var isText = type.SequenceEqual("tEXt"u8) || type.SequenceEqual("zTXt"u8) || type.SequenceEqual("iTXt"u8);
        var keyword = isText ? Encoding.Latin1.GetString(data[..end]) : "";
        if (!_unread.Remove(keyword))
        {
            return null;
        }

        var rest = data[(end + 1)..];
        if (type.SequenceEqual("tEXt"u8))
        {
            return (keyword, Encoding.Latin1.GetString(rest));
        }

        if (type.SequenceEqual("zTXt"u8) && rest.Length > 1)
        {
            return (keyword, Encoding.Latin1.GetString(Inflate(rest[1..])));
        }

        return type.SequenceEqual("iTXt"u8) && rest.Length > 2 ? (keyword, Encoding.UTF8.GetString(InternationalText(rest))) : null;
    }

    // Compressed or not, the method, the language and its translated keyword, each closed by a zero, then the text.
    byte[] InternationalText(ReadOnlySpan<byte> data)
    {
        var text = data[2..];
        for (var part = 0; part < 2; part++)
        {
            text = text[(text.IndexOf((byte)0) + 1)..];
        }

        return data[0] == 1 ? Inflate(text) : text.ToArray();
    }

    byte[] Inflate(ReadOnlySpan<byte> packed)
    {
        try
        {
            using var zlib = new ZLibStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
            var text = new byte[_left];
            var length = zlib.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            _left -= length;
            return text[..length];
        }
        catch (InvalidDataException)
        {
            // The text is unreadable, the pixels are not.
            return [];
        }
    }
}
