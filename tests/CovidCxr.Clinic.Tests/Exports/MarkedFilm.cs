using System.Text;
using CovidCxr.Imaging.Augmentation;

namespace CovidCxr.Clinic.Tests.Exports;

/// <summary>
/// A film of 12 bits with a marker of its own in each place that can hold one: preamble, meta group, attributes of many kinds, sequences,
/// private elements, an overlay, the bits above the samples, and behind the pixels.
/// </summary>
sealed class MarkedFilm
{
    const int Side = 96;

    // Text attributes by group and element, as PS3.15's table of what identifies has them and more.
    static readonly uint[] Texts =
    [
        0x0008_0050, 0x0008_0080, 0x0008_0081, 0x0008_0090, 0x0008_0092, 0x0008_0094, 0x0008_1010, 0x0008_1030, 0x0008_103E, 0x0008_1040,
        0x0008_1048, 0x0008_1050, 0x0008_1060, 0x0008_1070, 0x0008_1080, 0x0008_1090, 0x0008_2111, 0x0008_4000, 0x0010_0010, 0x0010_0021,
        0x0010_1000, 0x0010_1001, 0x0010_1005, 0x0010_1040, 0x0010_1060, 0x0010_1080, 0x0010_1090, 0x0010_2000, 0x0010_2110, 0x0010_2150,
        0x0010_2152, 0x0010_2154, 0x0010_2160, 0x0010_2180, 0x0010_21B0, 0x0010_21F0, 0x0010_2297, 0x0010_4000, 0x0018_1000, 0x0018_1004,
        0x0018_1020, 0x0018_1030, 0x0018_4000, 0x0018_A003, 0x0020_0010, 0x0020_4000, 0x0032_1032, 0x0032_1060, 0x0032_1070, 0x0032_4000,
        0x0038_0010, 0x0038_0300, 0x0038_0500, 0x0038_4000, 0x0040_0006, 0x0040_0241, 0x0040_0254, 0x0040_0280, 0x0040_1010, 0x0040_1400,
        0x0040_2016, 0x0040_2017, 0x0040_A075, 0x0040_A123, 0x4008_0114, 0x4008_010A,
    ];

    readonly List<byte[]> _marks = [];

    MarkedFilm(int seed) => Seed = seed;

    /// <summary>Whatever of these bytes leaves, leaves who it is.</summary>
    public IReadOnlyList<byte[]> Marks => _marks;

    public required string PatientNumber { get; init; }

    public int Seed { get; }

    public byte[] File { get; private set; } = [];

    public ushort[] Samples { get; private set; } = [];

    /// <param name="day">As DICOM has it.</param>
    public static MarkedFilm Draw(int seed, string patient, string day)
    {
        var film = new MarkedFilm(seed) { PatientNumber = patient };
        film.Write(day);
        return film;
    }

    // No word begins like another, nor stands anywhere by chance.
    string Mark(string form)
    {
        var words = string.Format(System.Globalization.CultureInfo.InvariantCulture, form, 700_000 + (Seed * 1000) + _marks.Count);
        _marks.Add(Encoding.ASCII.GetBytes(words));
        return words;
    }

    string Word() => Mark("ZQ{0}QZ");

    void Write(string day)
    {
        SortedDictionary<uint, (string Kind, byte[] Value)> set = [];
        foreach (var tag in Texts)
        {
            set[tag] = ("LO", Text(Word()));
        }

        foreach (var tag in new uint[] { 0x0008_0018, 0x0020_000D, 0x0020_000E, 0x0020_0052, 0x0018_1002, 0x0008_0014 })
        {
            set[tag] = ("UI", Text(Mark("1.2.840.99999.{0}.1"), 0));
        }

        _marks.AddRange([Encoding.ASCII.GetBytes(PatientNumber), Encoding.ASCII.GetBytes(day)]);
        foreach (var tag in new uint[] { 0x0008_0020, 0x0008_0021, 0x0008_0022, 0x0008_0023 })
        {
            set[tag] = ("DA", Text(day));
        }

        set[0x0010_0030] = ("DA", "19370203"u8.ToArray());
        _marks.Add("19370203"u8.ToArray());
        set[0x0008_0030] = ("TM", Text(Mark("134559.{0}")));
        set[0x0008_0016] = ("UI", Text("1.2.840.10008.5.1.4.1.1.1", 0));
        set[0x0008_0060] = ("CS", "CR"u8.ToArray());
        set[0x0010_0020] = ("LO", Text(PatientNumber));
        set[0x0010_0040] = ("CS", "F "u8.ToArray());
        set[0x0018_5101] = ("CS", "PA"u8.ToArray());
        set[0x0018_0015] = ("CS", Text(Mark("CHEST Z{0}")));
        set[0x0009_0010] = ("LO", Text(Word()));
        set[0x0009_1001] = ("UN", Text(Word()));
        set[0x0008_1110] = ("SQ", Item([.. Element(0x0008_1155, "UI", Text(Mark("1.2.840.99999.{0}.2"), 0))]));
        set[0x0040_0275] = ("SQ", Item(
            [.. Element(0x0009_0010, "LO", Text(Word())), .. Element(0x0040_0008, "SQ", Item(Element(0x0008_0104, "LO", Text(Word()))))]));
        set[0x6000_3000] = ("OW", Text(Word()));
        AddPixels(set);
        File =
        [
            .. Text(Word().PadRight(128)), .. "DICM"u8,
            .. Element(0x0002_0003, "UI", Text(Mark("1.2.840.99999.{0}.3"), 0)),
            .. Element(0x0002_0010, "UI", "1.2.840.10008.1.2.1\0"u8.ToArray()),
            .. Element(0x0002_0016, "AE", Text(Mark("ZQ{0}"))), .. Element(0x0002_0100, "UI", Text(Mark("1.2.840.99999.{0}.4"), 0)),
            .. Element(0x0002_0102, "OB", Text(Word())),
            .. set.SelectMany(e => Element(e.Key, e.Value.Kind, e.Value.Value)),
            .. Element(0xFFFC_FFFC, "OB", Text(Word())),
        ];
    }

    // Blocks in 12 bits, and a word in the four above them, a bit in each.
    void AddPixels(SortedDictionary<uint, (string Kind, byte[] Value)> set)
    {
        var random = new SplitMix64(Seed);
        var cells = Enumerable.Range(0, 64).Select(_ => random.NextDouble()).ToArray();
        Samples =
        [
            .. Enumerable.Range(0, Side * Side).Select(p => (ushort)(
                (3000 * cells[(p / Side * 8 / Side * 8) + (p % Side * 8 / Side)]) + (60 * random.NextDouble()))),
        ];
        foreach (var (tag, number) in new (uint, int)[]
        {
            (0x0028_0002, 1), (0x0028_0010, Side), (0x0028_0011, Side), (0x0028_0100, 16), (0x0028_0101, 12), (0x0028_0102, 11),
            (0x0028_0103, 0),
        })
        {
            set[tag] = ("US", [(byte)number, (byte)(number >> 8)]);
        }

        set[0x0028_0004] = ("CS", "MONOCHROME2 "u8.ToArray());
        set[0x7FE0_0010] = (
            "OW", [.. Samples.SelectMany((s, i) => BitConverter.GetBytes((ushort)(s | ((i % 16) << 12))))]);
    }

    static byte[] Text(string text, byte pad = (byte)' ')
    {
        var bytes = Encoding.ASCII.GetBytes(text);
        return bytes.Length % 2 == 0 ? bytes : [.. bytes, pad];
    }

    static byte[] Item(byte[] content) => [0xFE, 0xFF, 0, 0xE0, .. BitConverter.GetBytes(content.Length), .. content];

    static byte[] Element(uint tag, string kind, byte[] value) =>
    [
        (byte)(tag >> 16), (byte)(tag >> 24), (byte)tag, (byte)(tag >> 8), .. Encoding.ASCII.GetBytes(kind),
        .. kind is "OB" or "OW" or "SQ" or "UN"
            ? [0, 0, .. BitConverter.GetBytes(value.Length)]
            : BitConverter.GetBytes((ushort)value.Length),
        .. value,
    ];
}
