using System.Globalization;
using System.Runtime.InteropServices;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Clinic.Exports;

/// <summary>
/// A film as a DICOM file that names nobody: a secondary capture that is written anew from its decoded pixels. Nothing of the uploaded
/// file is copied, so that what hides in private elements, sequences, unused bits, overlays or a codestream's comments stays behind; each
/// value is one of a closed list, a number, a pseudonym or a moved date (PS3.15, annex E).
/// </summary>
static class DeidentifiedFile
{
    /// <summary>Our implementation, drawn once.</summary>
    const string Program = "2.25.185346262301476498203548390166923341825";

    const string SecondaryCapture = "1.2.840.10008.5.1.4.1.1.7";

    /// <param name="isWithoutText">Whether the file said so or a person has looked; else nothing is said.</param>
    public static byte[] Write(LeavingFilm film, GreyImage image, bool isWithoutText)
    {
        var set = new DicomItem
        {
            { new(0x0008_0008, "CS"), @"DERIVED\SECONDARY" },
            { new(0x0008_0016, "UI"), SecondaryCapture },
            { new(0x0008_0018, "UI"), film.InstanceUid },
            { new(0x0008_0020, "DA"), film.TakenOn?.ToString("yyyyMMdd", CultureInfo.InvariantCulture) ?? "" },
            { new(0x0008_0030, "TM"), "" },
            { new(0x0008_0050, "SH"), "" },
            { new(0x0008_0060, "CS"), film.Modality },
            { new(0x0008_0064, "CS"), "WSD" },
            { new(0x0008_0090, "PN"), "" },
            { new(0x0010_0010, "PN"), film.Patient },
            { new(0x0010_0020, "LO"), film.Patient },
            { new(0x0010_0030, "DA"), "" },
            { new(0x0010_0040, "CS"), film.Sex switch { Sex.Female => "F", Sex.Male => "M", Sex.Other => "O", _ => "" } },
            { new(0x0012_0062, "CS"), "YES" },
            { new(0x0012_0063, "LO"), "CovidCxr: closed list, dates moved, pixels written anew" },
            {
                new(0x0012_0064, "SQ"),
                [
                    Code("113100", "Basic Application Confidentiality Profile"),
                    Code("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
                    Code("113108", "Retain Patient Characteristics Option"),
                ]
            },
            { new(0x0020_000D, "UI"), film.StudyUid },
            { new(0x0020_000E, "UI"), film.SeriesUid },
            { new(0x0020_0010, "SH"), "" },
            { new(0x0020_0011, "IS"), "" },
            { new(0x0020_0013, "IS"), "1" },
            { new(0x0020_0020, "CS"), "" },
            { new(0x0028_0303, "CS"), film.TakenOn is null ? "REMOVED" : "MODIFIED" },
        };
        AddKnown(set, film, isWithoutText);
        AddPixels(set, image);
        return set.ToFile(Program);
    }

    static DicomItem Code(string value, string meaning) => new()
    {
        { new(0x0008_0100, "SH"), value },
        { new(0x0008_0102, "SH"), "DCM" },
        { new(0x0008_0104, "LO"), meaning },
    };

    static void AddKnown(DicomItem set, LeavingFilm film, bool isWithoutText)
    {
        if (film.ShownAge is { } age)
        {
            set.Add(new(0x0010_1010, "AS"), string.Create(CultureInfo.InvariantCulture, $"{age:D3}Y"));
        }

        if (film.IsChest)
        {
            set.Add(new(0x0018_0015, "CS"), "CHEST");
        }

        if (film.View != ViewPosition.Unknown)
        {
            set.Add(new(0x0018_5101, "CS"), film.View == ViewPosition.Lateral ? "LL" : film.View.ToString());
        }

        if (film.Side is { } side)
        {
            set.Add(new(0x0020_0060, "CS"), side);
        }

        if (isWithoutText)
        {
            set.Add(new(0x0028_0301, "CS"), "NO");
        }
    }

    static void AddPixels(DicomItem set, GreyImage image)
    {
        var isWide = image.BitsStored == 16;
        set.Add(new(0x0028_0002, "US"), (ushort)1);
        set.Add(new(0x0028_0004, "CS"), "MONOCHROME2");
        set.Add(new(0x0028_0010, "US"), (ushort)image.Height);
        set.Add(new(0x0028_0011, "US"), (ushort)image.Width);
        set.Add(new(0x0028_0100, "US"), (ushort)image.BitsStored);
        set.Add(new(0x0028_0101, "US"), (ushort)image.BitsStored);
        set.Add(new(0x0028_0102, "US"), (ushort)(image.BitsStored - 1));
        set.Add(new(0x0028_0103, "US"), (ushort)0);
        if (isWide)
        {
            // Of 12 bits in 16 a viewer would show nearly black.
            var (lowest, highest) = (image.Samples.Min(), image.Samples.Max());
            set.Add(new(0x0028_1050, "DS"), ((lowest + highest + 1) / 2.0).ToString("R", CultureInfo.InvariantCulture));
            set.Add(new(0x0028_1051, "DS"), Math.Max(2, highest - lowest + 1).ToString(CultureInfo.InvariantCulture));
        }

        set.Add(
            new(0x7FE0_0010, isWide ? "OW" : "OB"),
            isWide ? MemoryMarshal.AsBytes<ushort>(image.Samples).ToArray() : Array.ConvertAll(image.Samples, s => (byte)s));
    }
}
