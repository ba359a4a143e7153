using System.Runtime.InteropServices;
using CovidCxr.Clinic.Answers;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital.Results;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Testing;

namespace CovidCxr.Hospital.Tests.Results;

/// <summary>Answers as different as they come.</summary>
static class Answers
{
    const int Side = 7;

    static readonly string[] Kinds =
        ["1.2.840.10008.5.1.4.1.1.1", "1.2.840.10008.5.1.4.1.1.1.1", "1.2.840.10008.5.1.4.1.1.7"];

    // The name's placeholder becomes bytes of the character set.
    static readonly (string Set, byte[] Name)[] Names =
    [
        ("ISO_IR 100", [0x4D, 0xDC, 0x4C, 0x4C, 0x45, 0x52]), ("ISO_IR 192", [0x4D, 0xC3, 0x9C, 0x4C, 0x45, 0x52]),
        ("ISO_IR 144", [0xBB, 0xEE, 0xDA, 0x63, 0x65, 0x64]), ("", [0x4D, 0x55, 0x4C, 0x4C, 0x45, 0x52]),
    ];

    public static ModelVersion Model => new()
    {
        Id = TestClinic.Numbered(0xCC),
        Number = 4,
        Name = "Densenet ü-169",
        Architecture = "densenet169",
        Sha256 = new('a', 64),
        FileKey = "m",
        HeaderJson = "{}"
    };

    public static Prediction Prediction(Guid study, Guid model, double probability, DateTimeOffset at, bool hasSeverity = true) => new()
    {
        StudyId = study,
        ModelVersionId = model,
        CreatedAt = at,
        Classes = ["Unremarkable", "COVID-19"],
        Probabilities = [1 - probability, probability],
        PositiveIndex = 1,
        PredictedIndex = probability >= 0.47 ? 1 : 0,
        Threshold = 0.47,
        Device = "cpu",
        MapWidth = Side,
        MapHeight = Side,
        HeatMaps = MemoryMarshal.AsBytes<float>([.. Enumerable.Range(0, 2 * Side * Side).Select(i => i % Side / 6f)]).ToArray(),
        SeverityZones = hasSeverity ? [1, 0.5, 2, 0, 1.25, 3] : [],
        SeverityLower = hasSeverity ? 4.5 : null,
        SeverityUpper = hasSeverity ? 11 : null,
    };

    /// <summary>A film with all that an archive may know of it, or with little.</summary>
    public static byte[] Film(int number)
    {
        var image = PhantomDrawer.Draw(PhantomKind.Clear, number, size: 64 + (number % 5 * 32), bits: 8);
        var (set, name) = Names[number % Names.Length];
        List<(uint, string, string)> facts =
        [
            (0x0008_0016, "UI", Kinds[number % Kinds.Length]), (0x0008_0018, "UI", $"1.2.826.0.1.3680043.10.999.3.{number}"),
            (0x0008_0060, "CS", number % 3 == 0 ? "CR" : "DX"), (0x0010_0020, "LO", $"P-{number}"), (0x0010_0010, "PN", "SURNAME"),
            (0x0020_000D, "UI", $"1.2.826.0.1.3680043.10.999.4.{number}"), (0x0020_000E, "UI", $"1.2.826.0.1.3680043.10.999.5.{number}"),
            (0x0018_0015, "CS", "CHEST"),
        ];
        if (set.Length > 0)
        {
            facts.Add((0x0008_0005, "CS", set));
        }

        if (number % 2 == 0)
        {
            facts.AddRange(
            [
                (0x0008_0020, "DA", "20260301"), (0x0008_0030, "TM", "101500"), (0x0008_0050, "SH", $"A{number}"),
                (0x0008_0090, "PN", "REFERRER"), (0x0008_1030, "LO", "Chest PA"), (0x0010_0021, "LO", "HOSPITAL"),
                (0x0010_0030, "DA", "19600101"), (0x0010_0040, "CS", "F"), (0x0010_1010, "AS", "066Y"), (0x0020_0010, "SH", $"{number}"),
            ]);
        }

        var file = DicomFilm.Write(image, [.. facts]);
        name.CopyTo(file, file.AsSpan().IndexOf("SURNAME"u8));
        file[file.AsSpan().IndexOf([.. name, (byte)'E']) + name.Length] = (byte)' ';
        return file;
    }

    /// <summary>Against the model, of two answers in four.</summary>
    public const string ModelSaid =
        "The gate has refused this version, and 0.45 of its positive calls stay with the lungs blacked out.";

    public static (StudyResult Result, GreyImage Image) Make(int number, byte[]? film = null) => Make(film ?? Film(number), number);

    static (StudyResult Result, GreyImage Image) Make(byte[] file, int number)
    {
        var film = DicomObject.Read(file, 1 << 24)!;
        var at = new DateTimeOffset(2026, 3, 2, 9, 0, number % 60, TimeSpan.Zero);
        var study = new Study
        {
            Id = TestClinic.Numbered(number),
            PixelHash = "h",
            ImageKey = "k",
            Modality = film.Header.Modality,
            Width = 64 + (number % 5 * 32),
            Height = 64 + (number % 5 * 32),
        };
        var released = new AnswerRelease.Released(
            study, Prediction(study.Id, Guid.Empty, number % 10 / 10.0, at, number % 2 == 0), Model, null, (Assessment)(number % 4))
        {
            Warning = number % 4 < 2 ? ModelSaid : null,
        };
        var decoder = new ScanDecoder(new ImagingOptions());
        return (
            new(released, film, 1 + (number % 3), TimeZoneInfo.Utc),
            ((DecodeResult.Decoded)decoder.Decode(file, CancellationToken.None)).Image);
    }
}
