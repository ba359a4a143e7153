using System.Text;

namespace CovidCxr.Testing;

/// <summary>A DICOMDIR whose records lie in the order of what belongs to what, and do not point to each other.</summary>
public static class DicomMedium
{
    const uint Type = 0x0004_1430, FileId = 0x0004_1500, FileClass = 0x0004_1510;

    public const string Computed = "1.2.840.10008.5.1.4.1.1.1", Tomography = "1.2.840.10008.5.1.4.1.1.2";

    public static (uint, string, string)[] Patient(string number) => [(Type, "CS", "PATIENT"), (0x0010_0020, "LO", number)];

    public static (uint, string, string)[] Study(string day) => [(Type, "CS", "STUDY"), (0x0008_0020, "DA", day)];

    public static (uint, string, string)[] Series(string modality) => [(Type, "CS", "SERIES"), (0x0008_0060, "CS", modality)];

    public static (uint, string, string)[] Image(string place, string sopClass = Computed) =>
        [(Type, "CS", "IMAGE"), (FileId, "CS", place), (FileClass, "UI", sopClass)];

    public static byte[] Write(params (uint Tag, string Kind, string Text)[][] records)
    {
        using var items = new MemoryStream();
        foreach (var record in records)
        {
            using var item = new MemoryStream();
            foreach (var (tag, kind, text) in record.OrderBy(e => e.Tag))
            {
                var value = Encoding.Latin1.GetBytes(text);
                value = value.Length % 2 == 0 ? value : [.. value, (byte)(kind == "UI" ? '\0' : ' ')];
                byte[] length = kind == "UN"
                    ? [0, 0, .. BitConverter.GetBytes(value.Length)]
                    : [(byte)value.Length, (byte)(value.Length >> 8)];
                item.Write([.. Tag(tag), .. Encoding.ASCII.GetBytes(kind), .. length, .. value]);
            }

            items.Write([.. Tag(0xFFFE_E000), .. BitConverter.GetBytes((int)item.Length), .. item.ToArray()]);
        }

        return
        [
            .. new byte[128], .. "DICM"u8,
            .. Tag(0x0002_0010), .. "UI"u8, 20, 0, .. "1.2.840.10008.1.2.1\0"u8,
            .. Tag(0x0004_1220), .. "SQ"u8, 0, 0, .. BitConverter.GetBytes((int)items.Length), .. items.ToArray(),
        ];
    }

    static byte[] Tag(uint tag) => [(byte)(tag >> 16), (byte)(tag >> 24), (byte)tag, (byte)(tag >> 8)];
}
