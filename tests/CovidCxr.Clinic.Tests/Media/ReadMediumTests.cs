using CovidCxr.Clinic.Media;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Media;

public sealed class ReadMediumTests
{
    const string Report = "1.2.840.10008.5.1.4.1.1.88.33", Capture = "1.2.840.10008.5.1.4.1.1.7";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Run_Directory_OffersFilmsAndCountsWhatElseThereIs()
    {
        var medium = ReadMedium.Run(
            DicomMedium.Write(
                DicomMedium.Patient("P-1"), DicomMedium.Study("20260301"), DicomMedium.Series("CR"), DicomMedium.Image(@"A\1"),
                DicomMedium.Image(@"..\..\secret"), DicomMedium.Series("CT"), DicomMedium.Image(@"A\2", DicomMedium.Tomography),
                DicomMedium.Image(@"A\3", DicomMedium.Tomography), DicomMedium.Series("SR"), DicomMedium.Image(@"A\4", Report),
                DicomMedium.Patient("P-2"), DicomMedium.Study("no day"), DicomMedium.Series("OT"), DicomMedium.Image(@"A\5", Capture)),
            TestClinic.Reader, Cancellation)!;

        Assert.Equal(
            [
                new("A/1", "P-1", new(2026, 3, 1), ViewPosition.Unknown, "CR", true),
                new(null, "P-1", new(2026, 3, 1), ViewPosition.Unknown, "CR", false),
                new("A/5", "P-2", null, ViewPosition.Unknown, "OT", false),
            ],
            medium.Films);
        Assert.Equal([new("a CT image", 2), new("a structured report", 1)], medium.Others);
    }

    [Fact]
    public void Run_WhatIsNoDirectory_IsRefused()
    {
        Assert.Null(ReadMedium.Run("junk"u8.ToArray(), TestClinic.Reader, Cancellation));
        Assert.Null(ReadMedium.Run(TestClinic.Film(1), TestClinic.Reader, Cancellation));
        Assert.Throws<AccessRefusedException>(() => ReadMedium.Run([], TestClinic.Lead, Cancellation));
        Assert.Throws<AccessRefusedException>(() => DescribeFile.Run([], TestClinic.Lead));
    }

    [Fact]
    public void Describe_BeginningOfAFilm_IsWhatItSays()
    {
        var film = DicomFilm.Write(
            PhantomDrawer.Draw(PhantomKind.Clear, 1, size: 512, bits: 16), (0x0010_0020, "LO", "P-7"), (0x0018_5101, "CS", "LL"),
            (0x0008_0060, "CS", "DX"));
        var hand = DicomFilm.Write(PhantomDrawer.Draw(PhantomKind.Clear, 1, size: 64, bits: 8), (0x0018_0015, "CS", "HAND"));

        var described = DescribeFile.Run(film[..DescribeFile.MaxBytes], TestClinic.Reader)!;

        Assert.Equal(("P-7", ViewPosition.Lateral, "DX", null), (
            described.Header.PatientNumber, described.Header.View, described.Modality, described.Objection));
        Assert.Contains("HAND", DescribeFile.Run(hand, TestClinic.Reader)!.Objection, StringComparison.Ordinal);
        Assert.Null(DescribeFile.Run(film, TestClinic.Reader));
        Assert.Null(DescribeFile.Run(film[..170], TestClinic.Reader));
    }
}
