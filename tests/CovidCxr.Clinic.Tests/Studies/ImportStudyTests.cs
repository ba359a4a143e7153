using System.Text;
using System.Text.Json;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Tests.Studies;

public sealed class ImportStudyTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<ImportStudyResult> ImportAsync(byte[] content, StudyDetails? details = null) =>
        _clinic.Get<ImportStudy>().RunAsync(content, details ?? new(), TestClinic.Reader, Cancellation);

    /// <summary>Uncompressed little-endian TIFF 6.0, 8-bit grey.</summary>
    static byte[] Tiff(GreyImage image)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        (ushort Tag, ushort Type, int Value)[] entries =
        [
            (256, 4, image.Width), (257, 4, image.Height), (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1),
            (278, 4, image.Height), (279, 4, image.Samples.Length),
        ];
        writer.Write("II*\0"u8);
        writer.Write(8 + image.Samples.Length);
        writer.Write(Array.ConvertAll(image.Samples, s => (byte)s));
        writer.Write((ushort)entries.Length);
        foreach (var (tag, type, value) in entries)
        {
            writer.Write(tag);
            writer.Write(type);
            writer.Write(1);
            writer.Write(value);
        }

        writer.Write(0);
        return stream.ToArray();
    }

    [Fact]
    public async Task Import_FilmWhoseFileNamesAPatient_IsKeptWithoutTheName()
    {
        var film = TestClinic.Film(5);
        // A text chunk before the end, whose checksum is of type and data.
        byte[] body = [.. "tEXtComment\0Doe^Jane"u8];
        byte[] named =
        [
            .. film[..^12], 0, 0, 0, (byte)(body.Length - 4), .. body, .. BitConverter.GetBytes(Crc32(body)).Reverse(), .. film[^12..],
        ];

        var imported = Assert.IsType<ImportStudyResult.Imported>(await ImportAsync(named));

        Assert.Equal(film, await File.ReadAllBytesAsync(Assert.Single(_clinic.Folder.Blobs), Cancellation));
        var known = Assert.IsType<ImportStudyResult.Duplicate>(await ImportAsync(film));
        Assert.Equal(imported.StudyId, known.StudyId);
    }

    static uint Crc32(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes)
        {
            crc ^= b;
            for (var i = 0; i < 8; i++)
            {
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
            }
        }

        return ~crc;
    }

    [Fact]
    public async Task RunAsync_NewFilm_StoresStudyJobAndAuditRowTogether()
    {
        var details = new StudyDetails(" P-7 ", Sex.Female, 61, new DateOnly(2026, 3, 1), ViewPosition.AP);

        var imported = Assert.IsType<ImportStudyResult.Imported>(await ImportAsync(TestClinic.Film(1), details));

        await using var db = _clinic.Context();
        var study = await db.Studies.SingleAsync(Cancellation);
        Assert.Equal(
            (
                imported.StudyId, "P-7", Sex.Female, 61, new DateOnly(2026, 3, 1), ViewPosition.AP, StudyStatus.Queued,
                _clinic.Time.GetUtcNow(), TestClinic.Reader.UserId, 64, 64, 8),
            (
                study.Id, study.PatientNumber, study.Sex, study.AgeYears, study.AcquiredOn, study.View, study.Status, study.ReceivedAt,
                study.UploadedBy, study.Width, study.Height, study.BitsStored));
        var job = await db.Jobs.SingleAsync(Cancellation);
        Assert.Equal(
            (AnalyseStudy.JobKind, study.Id, JobState.Queued),
            (job.Kind, JsonSerializer.Deserialize<AnalyseStudy.Payload>(job.Payload)!.StudyId, job.State));
        var entry = Assert.Single(await _clinic.AuditAsync());
        Assert.Equal((AuditAction.StudyUpload, AuditOutcome.Succeeded, study.Id), (entry.Action, entry.Outcome, entry.StudyId));
        Assert.EndsWith(study.ImageKey, Assert.Single(_clinic.Folder.Blobs), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_SamePixelsInAnotherFormat_IsTheKnownStudy()
    {
        var image = PhantomDrawer.Draw(PhantomKind.Clear, seed: 1, size: 64, bits: 8);
        var first = Assert.IsType<ImportStudyResult.Imported>(await ImportAsync(PngEncoder.Encode(image)));

        var again = Assert.IsType<ImportStudyResult.Duplicate>(await ImportAsync(Tiff(image)));

        Assert.Equal(first.StudyId, again.StudyId);
        Assert.Equal((1, 1), (await _clinic.CountAsync<Study>(), await _clinic.CountAsync<Job>()));
        Assert.Single(_clinic.Folder.Blobs);
        Assert.Equal([null, "duplicate"], (await _clinic.AuditAsync(AuditAction.StudyUpload)).Select(a => a.Detail));
    }

    [Fact]
    public async Task RunAsync_SameFilmFourTimesAtOnce_IsOneStudy()
    {
        var film = TestClinic.Film(1);

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => ImportAsync(film), Cancellation)));

        var winner = Assert.Single(results.OfType<ImportStudyResult.Imported>());
        Assert.All(results.OfType<ImportStudyResult.Duplicate>(), d => Assert.Equal(winner.StudyId, d.StudyId));
        Assert.Equal((1, 1), (await _clinic.CountAsync<Study>(), await _clinic.CountAsync<Job>()));
        Assert.Single(_clinic.Folder.Blobs);
        Assert.Equal(4, (await _clinic.AuditAsync(AuditAction.StudyUpload)).Count);
    }

    public static TheoryData<string, byte[]> BadFiles => new()
    {
        { "Empty", [] },
        { "NotAnImage", Encoding.UTF8.GetBytes("patient: somebody") },
        { "NotAnImage", Encoding.UTF8.GetBytes("<svg xmlns='http://www.w3.org/2000/svg' width='1' height='1'/>") },
        { "Dicom", [.. new byte[128], .. "DICM\x08\0\x05\0CS\x0A\0ISO_IR 100"u8] },
        { "Damaged", TestClinic.Film(1)[..500] },
        { "TooSmall", PngEncoder.Encode(new(1, 1, 8, [7])) },
        { "FileTooLarge", new byte[(1024 * 1024) + 1] },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task RunAsync_BadFile_LeavesAnAuditRowAndNothingElse(string reason, byte[] content)
    {
        await using var strict = new TestClinic(settings: ("Imaging:MaxFileMegabytes", "1"));

        var refused = Assert.IsType<ImportStudyResult.Refused>(
            await strict.Get<ImportStudy>().RunAsync(content, new("P-1"), TestClinic.Reader, Cancellation));

        Assert.NotEmpty(refused.Message);
        await AssertNothingStoredAsync(strict, reason);
    }

    public static TheoryData<StudyDetails> BadDetails =>
    [
        new StudyDetails(AgeYears: -1),
        new StudyDetails(AgeYears: 131),
        new StudyDetails(PatientNumber: new string('1', 65)),
        new StudyDetails(PatientNumber: "P\n1"),
        new StudyDetails(AcquiredOn: new DateOnly(2026, 3, 4)),
        new StudyDetails(Sex: (Sex)17),
        new StudyDetails(View: (ViewPosition)17),
    ];

    [Theory]
    [MemberData(nameof(BadDetails))]
    public async Task RunAsync_BadDetails_LeavesAnAuditRowAndNothingElse(StudyDetails details)
    {
        Assert.IsType<ImportStudyResult.Refused>(await ImportAsync(TestClinic.Film(1), details));

        await AssertNothingStoredAsync(_clinic, "details");
    }

    static async Task AssertNothingStoredAsync(TestClinic clinic, string detail)
    {
        Assert.Equal((0, 0), (await clinic.CountAsync<Study>(), await clinic.CountAsync<Job>()));
        Assert.Empty(clinic.Folder.Blobs);
        var entry = Assert.Single(await clinic.AuditAsync());
        Assert.Equal((AuditAction.StudyUpload, AuditOutcome.Refused, detail), (entry.Action, entry.Outcome, entry.Detail));
    }

    [Fact]
    public async Task RunAsync_OfWhoDoesNotRead_ThrowsAndStoresNothing()
    {
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<ImportStudy>().RunAsync(TestClinic.Film(1), new(), TestClinic.Lead, Cancellation));

        Assert.Empty(_clinic.Folder.Blobs);
    }

    [Fact]
    public async Task RunAsync_UploaderGoneBeforehand_LeavesNothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _clinic.Get<ImportStudy>().RunAsync(TestClinic.Film(1), new(), TestClinic.Reader, new CancellationToken(canceled: true)));

        Assert.Equal(0, await _clinic.CountAsync<Study>());
        Assert.Empty(_clinic.Folder.Blobs);
    }

    [Fact]
    public async Task RunAsync_DatabaseFails_LeavesNoImageAndQuotesNobody()
    {
        await using var broken = new TestClinic(
            services: s => s.ConfigureDbContext<CovidCxrDbContext>(o => o.AddInterceptors(new FailingCommit())));

        var thrown = await Assert.ThrowsAsync<IOException>(
            () => broken.Get<ImportStudy>().RunAsync(TestClinic.Film(1), new("PAT-0815"), TestClinic.Reader, Cancellation));

        Assert.DoesNotContain("PAT-0815", thrown.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await broken.CountAsync<Study>());
        Assert.Empty(broken.Folder.Blobs);
    }
}
