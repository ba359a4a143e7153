using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Studies;

public sealed class ImportDicomTests : IAsyncLifetime
{
    static readonly byte[] Film = Draw(1, (0x0018_0015, "CS", "CHEST"));

    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    static byte[] Draw(int seed, params (uint, string, string)[] facts) => DicomFilm.Write(
        PhantomDrawer.Draw(PhantomKind.Clear, seed, size: 64, bits: 16),
        [
            .. facts, (0x0008_0018, "UI", "2.25.3"), (0x0008_0020, "DA", "20260227"), (0x0008_0050, "SH", "A-1"),
            (0x0010_0010, "PN", "Nobody^Known"), (0x0010_0020, "LO", "P-7"), (0x0010_0030, "DA", "19650301"), (0x0010_0040, "CS", "F"),
            (0x0018_5101, "CS", "PA"), (0x0020_000D, "UI", "2.25.1"), (0x0020_000E, "UI", "2.25.2"),
        ]);

    Task<ImportStudyResult> ImportAsync(byte[] content, StudyDetails details, HeaderAnswer answer = HeaderAnswer.NotAsked) =>
        _clinic.Get<ImportStudy>().RunAsync(content, details, TestClinic.Reader, Cancellation, answer);

    async Task<Study> StoredAsync(ImportStudyResult result)
    {
        var id = Assert.IsType<ImportStudyResult.Imported>(result).StudyId;
        await using var db = _clinic.Context();
        return await db.Studies.SingleAsync(s => s.Id == id, Cancellation);
    }

    [Theory]
    [InlineData(HeaderAnswer.NotAsked)]
    [InlineData((HeaderAnswer)99)]
    public async Task RunAsync_DicomWithoutAnAnswer_SaysWhatTheHeaderSaysAndStoresNothing(HeaderAnswer answer)
    {
        var asked = Assert.IsType<ImportStudyResult.Asked>(await ImportAsync(Film, new(), answer));

        Assert.Equal(new("P-7", Sex.Female, 60, new DateOnly(2026, 2, 27), ViewPosition.PA), asked.Header);
        Assert.Equal("A-1", asked.AccessionNumber);
        Assert.Empty(asked.Conflicts);
        Assert.Equal(0, await _clinic.CountAsync<Study>());
        Assert.Empty(_clinic.Folder.Blobs);
    }

    [Fact]
    public async Task RunAsync_DicomSeen_FillsTheStudy()
    {
        var study = await StoredAsync(await ImportAsync(Film, new(), HeaderAnswer.File));

        Assert.Equal(
            ("P-7", Sex.Female, 60, new DateOnly(2026, 2, 27), ViewPosition.PA),
            (study.PatientNumber, study.Sex, study.AgeYears, study.AcquiredOn, study.View));
        Assert.Equal(
            (new DateOnly(1965, 3, 1), "CHEST", "A-1", "2.25.1", "2.25.2", "2.25.3"),
            (study.BirthDate, study.BodyPart, study.AccessionNumber, study.DicomStudyUid, study.DicomSeriesUid, study.DicomInstanceUid));
        Assert.Equal("as the file says", Assert.Single(await _clinic.AuditAsync(AuditAction.StudyUpload)).Detail);
    }

    [Theory]
    [InlineData(HeaderAnswer.File, "P-7", Sex.Female, true)]
    [InlineData(HeaderAnswer.Typed, "P-8", Sex.Male, false)]
    public async Task RunAsync_TypedOtherwise_IsAskedAndFollowsTheAnswer(HeaderAnswer answer, string number, Sex sex, bool hasBirthDate)
    {
        var typed = new StudyDetails("P-8", Sex.Male, 60, View: ViewPosition.PA);

        var asked = Assert.IsType<ImportStudyResult.Asked>(await ImportAsync(Film, typed));
        var study = await StoredAsync(await ImportAsync(Film, typed, answer));

        Assert.Equal(["patient number", "sex"], asked.Conflicts);
        Assert.Equal((number, sex, hasBirthDate), (study.PatientNumber, study.Sex, study.BirthDate is not null));
        Assert.Equal(new DateOnly(2026, 2, 27), study.AcquiredOn);
    }

    [Fact]
    public async Task RunAsync_DicomOfAFilmKnownAsPng_IsTheKnownStudy()
    {
        var png = PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.Clear, seed: 1, size: 64, bits: 16));
        var first = await StoredAsync(await ImportAsync(png, new("P-7")));

        Assert.Equal(first.Id, Assert.IsType<ImportStudyResult.Duplicate>(await ImportAsync(Film, new())).StudyId);
    }

    [Fact]
    public async Task RunAsync_HeaderOfTheFuture_IsRefusedUntilTheRightDayIsTyped()
    {
        var film = Draw(2, (0x0008_0022, "DA", "20990101"));

        Assert.IsType<ImportStudyResult.Refused>(await ImportAsync(film, new(), HeaderAnswer.File));
        var study = await StoredAsync(await ImportAsync(film, new(AcquiredOn: new DateOnly(2026, 2, 1)), HeaderAnswer.Typed));

        Assert.Equal(new DateOnly(2026, 2, 1), study.AcquiredOn);
    }
}
