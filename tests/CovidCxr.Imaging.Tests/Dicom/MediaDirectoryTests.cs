using System.Diagnostics;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Testing;

namespace CovidCxr.Imaging.Tests.Dicom;

public class MediaDirectoryTests
{
    static readonly Dictionary<string, byte[]> Golden = GoldenFile.Json<Dictionary<string, byte[]>>("medium.json");

    static IReadOnlyList<MediaFile>? Read(byte[] bytes) => MediaDirectory.Read(bytes, TestContext.Current.CancellationToken);

    /// <summary>Files of Golden/medium.py.</summary>
    [Theory]
    [InlineData("pydicom")]
    [InlineData("reordered")]
    public void Read_DirectoryOfPydicom_HasEachFileUnderItsPatient(string name)
    {
        var files = Read(Golden[name])!;

        Assert.Equal(
            [
                new("PT000000/ST000000/SE000000/IM000000", null, "P-1", new(2026, 3, 1), null, "CR"),
                new("PT000000/ST000001/SE000000/IM000000", null, "P-1", new(2026, 3, 2), null, "DX"),
                new("PT000001/ST000000/SE000000/IM000000", "a CT image", "P-2", new(2026, 3, 3), null, "CT"),
                new("PT000002/ST000000/SE000000/IM000000", null, "P-3é", new(2026, 3, 4), null, "CR"),
            ],
            files);
    }

    [Fact]
    public void Read_DirectoryOfDcmtk_HasEachFileUnderItsPatient() => Assert.Equal(
        [
            new("CR/IM1", null, "P-1", new(2026, 3, 1), null, "CR"), new("CR/IM2", null, "P-1", new(2026, 3, 2), null, "DX"),
        ],
        Read(Golden["dcmtk"])!.OrderBy(f => f.Path));

    [Theory]
    [InlineData(@"IMAGES\IM0001", "IMAGES/IM0001")]
    [InlineData(@"images\im0001.;1", "IMAGES/IM0001")]
    [InlineData("./images//im0001.DCM;12", "IMAGES/IM0001.DCM")]
    [InlineData(@"\IMAGES\ IM1 ", "IMAGES/IM1")]
    [InlineData(@"..\..\etc\passwd", null)]
    [InlineData("IMAGES/..;1/x", null)]
    [InlineData(@"C:\IMAGES\IM1", null)]
    [InlineData("", null)]
    [InlineData("...", null)]
    [InlineData("a/\u0001b", null)]
    public void Normalise_Place_IsOneOnTheMediumOrNone(string place, string? expected) =>
        Assert.Equal(expected, MediaDirectory.Normalise(place));

    [Fact]
    public void Read_FileNamedTwice_IsThereOnce() => Assert.Equal(
        ["A", "B"],
        Read(DicomMedium.Write(
            DicomMedium.Patient("P"), DicomMedium.Image("A"), DicomMedium.Image("a.;1"), DicomMedium.Image("B")))!.Select(f => f.Path));

    [Fact]
    public void Read_RecordsThatPointInACircle_EndsAndLosesNone()
    {
        var bytes = (byte[])Golden["pydicom"].Clone();
        // Every pointer to a next or lower record becomes one to the first record.
        var root = BitConverter.GetBytes(FirstRecord(bytes));
        for (var at = 0; at < bytes.Length - 12; at++)
        {
            if (bytes[at] == 4 && bytes[at + 1] == 0 && bytes[at + 2] is 0 or 0x20 && bytes[at + 3] == 0x14 && bytes[at + 4] == 'U')
            {
                root.CopyTo(bytes, at + 8);
            }
        }

        Assert.Equal(Read(Golden["pydicom"]), Read(bytes));

        static uint FirstRecord(byte[] bytes)
        {
            var at = bytes.AsSpan().IndexOf("\u0004\0\0\u0012UL"u8);
            return BitConverter.ToUInt32(bytes, at + 8);
        }
    }

    [Fact]
    public void Read_CutShortAnywhere_IsReadOrRefused()
    {
        foreach (var directory in Golden.Values)
        {
            for (var length = 0; length < directory.Length; length += 7)
            {
                Read(directory[..length]);
            }
        }

        Assert.Null(Read(Golden["pydicom"][..1000]));
        Assert.Null(Read([]));
        Assert.Null(Read([.. "not a directory at all, and long enough for one"u8]));
    }

    /// <summary>Four megabytes of backslashes above 20,000 images, which were split anew for each of them.</summary>
    [Fact]
    public void Read_HugeValueAboveManyImages_EndsInSeconds()
    {
        var huge = new string('\\', 4_000_000);
        (uint, string, string)[][] records =
        [
            [.. DicomMedium.Patient("P"), (0x0008_0005, "UN", huge)], DicomMedium.Study("20260301"), DicomMedium.Series("CR"),
            .. Enumerable.Range(0, 20_000).Select(i => DicomMedium.Image($"I{i}")),
        ];
        var bytes = DicomMedium.Write(records);
        var watch = Stopwatch.StartNew();

        var files = Read(bytes)!;

        Assert.Equal(20_000, files.Count);
        Assert.Equal(new("I19999", null, "P", new(2026, 3, 1), null, "CR"), files[^1]);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.ThrowsAny<OperationCanceledException>(() => MediaDirectory.Read(bytes, new(canceled: true)));
    }

    /// <summary>Two million empty records, and records within records: refused soon, in little memory.</summary>
    [Fact]
    public void Read_HostileDirectory_IsRefusedInLittleTimeAndMemory()
    {
        var head = DicomMedium.Write();
        byte[] Filled(byte[] item)
        {
            var count = (MediaDirectory.MaxBytes - head.Length) / item.Length;
            var bytes = new byte[head.Length + (count * item.Length)];
            head.CopyTo(bytes, 0);
            BitConverter.GetBytes(count * item.Length).CopyTo(bytes, head.Length - 4);
            for (var i = 0; i < count; i++)
            {
                item.CopyTo(bytes, head.Length + (i * item.Length));
            }

            return bytes;
        }

        byte[] empty = Filled([0xFE, 0xFF, 0, 0xE0, 0, 0, 0, 0]), nested = Filled([0xFE, 0xFF, 0, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF]);
        var (watch, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());

        Assert.Null(Read(empty));
        Assert.Null(Read(nested));
        Assert.Null(Read(new byte[MediaDirectory.MaxBytes + 1]));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000_000);
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(20));
    }
}
