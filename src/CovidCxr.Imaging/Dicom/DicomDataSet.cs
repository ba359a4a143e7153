using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace CovidCxr.Imaging.Dicom;

/// <param name="Kind">The value representation's two letters; "UN" where the data set does not say.</param>
/// <param name="IsEncapsulated">The value has undefined length: a sequence, or pixels in fragments.</param>
readonly record struct DicomElement(string Kind, int Start, int Length, bool IsEncapsulated);

/// <summary>The elements of one data set that are of use; values are read from the file when asked for.</summary>
sealed class DicomDataSet(byte[] bytes, bool isBigEndian, bool isExplicit)
{
    // Of a text or a code, more than any that is of use: a damaged or hostile one may have megabytes.
    const int MostText = 1024;

    readonly Dictionary<uint, DicomElement> _elements = [];

    public bool IsBigEndian => isBigEndian;

    public bool IsExplicit => isExplicit;

    public void Add(uint tag, DicomElement element) => _elements.TryAdd(tag, element);

    public DicomElement? Find(uint tag) => _elements.TryGetValue(tag, out var element) ? element : null;

    public ReadOnlySpan<byte> Bytes(uint tag) =>
        Find(tag) is { } element ? bytes.AsSpan(element.Start, element.Length) : [];

    /// <returns>The beginning of a text.</returns>
    public ReadOnlySpan<byte> Text(uint tag) => Bytes(tag) is var value && value.Length > MostText ? value[..MostText] : value;

    /// <returns>The first value as trimmed ASCII; empty where there is none. For codes, dates and UIDs, never for names.</returns>
    public string Code(uint tag) => Encoding.ASCII.GetString(Text(tag)).Split('\\')[0].Trim(' ', '\0');

    /// <returns>The first unsigned number of 16 bits.</returns>
    public int? Number(uint tag) => Bytes(tag) is { Length: >= 2 } value ? Word(value) : null;

    /// <returns>The first unsigned number of 32 bits.</returns>
    public uint? Long(uint tag) => Bytes(tag) is not { Length: >= 4 } value ? null
        : isBigEndian ? BinaryPrimitives.ReadUInt32BigEndian(value) : BinaryPrimitives.ReadUInt32LittleEndian(value);

    /// <returns>The first number in decimal text.</returns>
    public double? Decimal(uint tag) =>
        double.TryParse(Code(tag), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : null;

    public int Word(ReadOnlySpan<byte> value) =>
        isBigEndian ? BinaryPrimitives.ReadUInt16BigEndian(value) : BinaryPrimitives.ReadUInt16LittleEndian(value);
}
