using System.Buffers.Binary;
using System.Collections;
using System.Text;

namespace CovidCxr.Imaging.Dicom;

/// <summary>An attribute as it is written.</summary>
/// <param name="Tag">Group and element (PS3.6).</param>
/// <param name="Kind">The value representation's two letters (PS3.5, 6.2).</param>
public readonly record struct DicomAttribute(uint Tag, string Kind);

/// <summary>
/// A data set to be written, or an item of a sequence in one: explicit, little endian, every length stated. Attributes may be added in any
/// order, each once.
/// </summary>
public sealed class DicomItem : IEnumerable<DicomAttribute>
{
    const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";

    static readonly DicomAttribute MetaVersion = new(0x0002_0001, "OB"), MetaClass = new(0x0002_0002, "UI"),
        MetaInstance = new(0x0002_0003, "UI"), MetaSyntax = new(DicomTag.TransferSyntax, "UI"), MetaProgram = new(0x0002_0012, "UI"),
        MetaLength = new(0x0002_0000, "UL"), InstanceClass = new(DicomTag.SopClass, "UI"), Instance = new(DicomTag.SopInstance, "UI");

    readonly SortedDictionary<uint, (string Kind, byte[] Value)> _elements = [];

    /// <param name="text">Characters beyond ASCII become question marks: the data set may name any character set.</param>
    public void Add(DicomAttribute attribute, string text) => Add(attribute, Encoding.ASCII.GetBytes(text));

    public void Add(DicomAttribute attribute, ushort number)
    {
        var value = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(value, number);
        Add(attribute, value);
    }

    /// <param name="value">As it shall stand; one byte is added where their number is odd (PS3.5, 6.2).</param>
    public void Add(DicomAttribute attribute, byte[] value) => _elements.Add(
        attribute.Tag,
        (attribute.Kind, value.Length % 2 == 0 ? value : [.. value, attribute.Kind is "UI" or "OB" ? (byte)0 : (byte)' ']));

    public void Add(DicomAttribute attribute, IEnumerable<DicomItem> items)
    {
        using var sequence = new MemoryStream();
        foreach (var item in items)
        {
            var bytes = item.ToBytes();
            Tag(sequence, DicomTag.Item);
            Long(sequence, bytes.Length);
            sequence.Write(bytes);
        }

        Add(attribute, sequence.ToArray());
    }

    /// <summary>A file of this object (PS3.10), which names its own class and instance.</summary>
    /// <param name="program">The implementation's UID.</param>
    public byte[] ToFile(string program)
    {
        var meta = new DicomItem
        {
            { MetaVersion, [0, 1] },
            { MetaClass, _elements[InstanceClass.Tag].Value },
            { MetaInstance, _elements[Instance.Tag].Value },
            { MetaSyntax, ExplicitLittleEndian },
            { MetaProgram, program },
        }.ToBytes();
        var length = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, meta.Length);
        return [.. new byte[128], .. "DICM"u8, .. new DicomItem { { MetaLength, length } }.ToBytes(), .. meta, .. ToBytes()];
    }

    public IEnumerator<DicomAttribute> GetEnumerator() =>
        _elements.Select(e => new DicomAttribute(e.Key, e.Value.Kind)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    byte[] ToBytes()
    {
        using var set = new MemoryStream();
        foreach (var (tag, (kind, value)) in _elements)
        {
            Tag(set, tag);
            set.Write(Encoding.ASCII.GetBytes(kind));
            if (DicomReader.IsLong(kind))
            {
                set.Write([0, 0]);
                Long(set, value.Length);
            }
            else
            {
                set.Write([(byte)value.Length, (byte)(checked((ushort)value.Length) >> 8)]);
            }

            set.Write(value);
        }

        return set.ToArray();
    }

    static void Tag(MemoryStream stream, uint tag) => stream.Write([(byte)(tag >> 16), (byte)(tag >> 24), (byte)tag, (byte)(tag >> 8)]);

    static void Long(MemoryStream stream, int number)
    {
        Span<byte> value = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(value, number);
        stream.Write(value);
    }
}
