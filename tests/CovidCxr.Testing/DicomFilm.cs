using System.Text;
using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Testing;

/// <summary>A film as a plain DICOM file: explicit, little endian, 8 or 16 bits.</summary>
public static class DicomFilm
{
    /// <param name="facts">
    /// Elements besides those of the pixels, as group and element with two letters of kind and text. Text is UTF-8: more than ASCII needs
    /// the character set ISO_IR 192.
    /// </param>
    public static byte[] Write(GreyImage image, params (uint Tag, string Kind, string Text)[] facts)
    {
        using var file = new MemoryStream();
        file.Write([.. new byte[128], .. "DICM"u8]);
        Element(file, 0x0002_0010, "UI", Text("UI", "1.2.840.10008.1.2.1"));
        (uint Tag, string Kind, byte[] Value)[] pixels =
        [
            (0x0028_0002, "US", Number(1)), (0x0028_0004, "CS", Text("CS", "MONOCHROME2")), (0x0028_0010, "US", Number(image.Height)),
            (0x0028_0011, "US", Number(image.Width)), (0x0028_0100, "US", Number(image.BitsStored)),
            (0x0028_0101, "US", Number(image.BitsStored)), (0x0028_0102, "US", Number(image.BitsStored - 1)),
            (0x0028_0103, "US", Number(0)),
            (0x7FE0_0010, "OW", [.. image.Samples.SelectMany(s => image.BitsStored == 8 ? [(byte)s] : Number(s))]),
        ];
        var kind = facts.Any(f => f.Tag == 0x0008_0016) ? [] : new[] { (0x0008_0016u, "UI", Text("UI", "1.2.840.10008.5.1.4.1.1.1")) };
        foreach (var (tag, letters, value) in facts.Select(f => (f.Tag, f.Kind, Text(f.Kind, f.Text))).Concat(kind).Concat(pixels)
                     .OrderBy(e => e.Item1))
        {
            Element(file, tag, letters, value);
        }

        return file.ToArray();
    }

    static byte[] Text(string kind, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        return bytes.Length % 2 == 0 ? bytes : [.. bytes, (byte)(kind == "UI" ? '\0' : ' ')];
    }

    static byte[] Number(int value) => [(byte)value, (byte)(value >> 8)];

    static void Element(MemoryStream file, uint tag, string kind, byte[] value)
    {
        file.Write([.. Number((int)(tag >> 16)), .. Number((int)(tag & 0xFFFF)), .. Encoding.ASCII.GetBytes(kind)]);
        file.Write(kind == "OW" ? [0, 0, .. BitConverter.GetBytes(value.Length)] : Number(value.Length));
        file.Write(value);
    }
}
