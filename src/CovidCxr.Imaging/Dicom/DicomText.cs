using System.Text;
using System.Text.RegularExpressions;

namespace CovidCxr.Imaging.Dicom;

/// <summary>Text in the character set that a data set names (PS3.3, C.12.1.1.2).</summary>
static partial class DicomText
{
    /// <returns>Trimmed, without control characters; null where nothing is left.</returns>
    public static string? Read(DicomDataSet set, uint tag)
    {
        var sets = Encoding.ASCII.GetString(set.Text(DicomTag.CharacterSet)).Split('\\');
        var name = sets[^1].Trim(' ', '\0');
        var text = CodePagesEncodingProvider.Instance.GetEncoding(CodePage(name)) ?? EncodingOf(name);
        // ISO-2022-JP knows its escapes itself; the others switch to the one set that was named.
        var plain = Escapes().Replace(text.GetString(set.Text(tag)), "");
        var clean = new string([.. plain.Where(c => !char.IsControl(c))]).Trim();
        return clean.Length == 0 ? null : clean;
    }

    static Encoding EncodingOf(string name) => name.EndsWith("192", StringComparison.Ordinal) ? Encoding.UTF8 : Encoding.Latin1;

    static int CodePage(string name) => name.Replace("ISO 2022 IR ", "ISO_IR ", StringComparison.Ordinal) switch
    {
        "ISO_IR 101" => 28592,
        "ISO_IR 109" => 28593,
        "ISO_IR 110" => 28594,
        "ISO_IR 144" => 28595,
        "ISO_IR 127" => 28596,
        "ISO_IR 126" => 28597,
        "ISO_IR 138" => 28598,
        "ISO_IR 148" => 28599,
        "ISO_IR 203" => 28605,
        "ISO_IR 166" => 874,
        "ISO_IR 13" => 932,
        "ISO_IR 87" or "ISO_IR 159" => 50220,
        "ISO_IR 149" => 51949,
        "ISO_IR 58" or "GBK" => 936,
        "GB18030" => 54936,
        _ => 0,
    };

    [GeneratedRegex("\x1B[ -/]*[0-~]")]
    private static partial Regex Escapes();
}
