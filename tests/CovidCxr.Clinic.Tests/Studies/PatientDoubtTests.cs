using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Studies;

/// <summary>The same film under another number, and a number whose films say another person: asked, never decided in silence.</summary>
public sealed class PatientDoubtTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<ImportStudyResult> ImportAsync(
        byte[] film, StudyDetails details, bool isConfirmed = false, HeaderAnswer answer = HeaderAnswer.NotAsked) =>
        _clinic.Get<ImportStudy>().RunAsync(film, details, TestClinic.Reader, Cancellation, answer, isConfirmed);

    static byte[] Dicom(int seed, string number, string sex, string born) => DicomFilm.Write(
        PhantomDrawer.Draw(PhantomKind.Clear, seed, size: 64, bits: 16),
        (0x0010_0020, "LO", number), (0x0010_0030, "DA", born), (0x0010_0040, "CS", sex), (0x0008_0020, "DA", "20260227"));

    [Theory]
    [InlineData("P-1", "P-2", "The same film stands under P-1, and P-2 was given now.")]
    [InlineData(null, "P-2", "The same film stands under no patient number, and P-2 was given now.")]
    public async Task RunAsync_KnownFilmUnderAnotherNumber_IsAsked(string? first, string second, string doubt)
    {
        var known = Assert.IsType<ImportStudyResult.Imported>(await ImportAsync(TestClinic.Film(1), new(first))).StudyId;

        var doubted = Assert.IsType<ImportStudyResult.Doubted>(await ImportAsync(TestClinic.Film(1), new(second)));
        var left = Assert.IsType<ImportStudyResult.Duplicate>(await ImportAsync(TestClinic.Film(1), new(second), isConfirmed: true));

        Assert.Equal((known, known), (doubted.StudyId, left.StudyId));
        Assert.Equal([doubt], doubted.Doubts);
        Assert.Equal(["The same film stands under another patient number."], doubted.Kinds);
        Assert.Equal((AuditOutcome.Refused, "doubted", known), (await _clinic.AuditAsync(AuditAction.StudyUpload))[^2] is var asked
            ? (asked.Outcome, asked.Detail, asked.StudyId!.Value)
            : default);
        Assert.Equal(second, doubted.PatientNumber);
        Assert.Equal(
            "duplicate, confirmed against doubts", (await _clinic.AuditAsync(AuditAction.StudyUpload))[^1].Detail);
        await using var db = _clinic.Context();
        Assert.Equal(first, (await db.Studies.SingleAsync(Cancellation)).PatientNumber);
    }

    [Theory]
    [InlineData("p-1")]
    [InlineData("")]
    public async Task RunAsync_KnownFilmUnderTheSameNumberOrNone_IsTheKnownStudy(string second)
    {
        await ImportAsync(TestClinic.Film(1), new("P-1"));

        Assert.IsType<ImportStudyResult.Duplicate>(await ImportAsync(TestClinic.Film(1), new(second)));
    }

    [Fact]
    public async Task RunAsync_WithdrawnFilm_IsAskedWithTheReason()
    {
        var known = Assert.IsType<ImportStudyResult.Imported>(await ImportAsync(TestClinic.Film(1), new("P-1"))).StudyId;
        await _clinic.Get<ChangeStudy>().RunAsync(
            new(known, new("P-1", Sex.Unknown, null, null, ViewPosition.Unknown, null, IsWithdrawn: true), "Not this patient", 0),
            TestClinic.Lead, Cancellation);

        var doubted = Assert.IsType<ImportStudyResult.Doubted>(await ImportAsync(TestClinic.Film(1), new("P-1")));

        Assert.Equal((known, "This film was withdrawn by lead: Not this patient"), (doubted.StudyId, Assert.Single(doubted.Doubts)));
        Assert.Equal(["The film was withdrawn."], doubted.Kinds);
    }

    [Fact]
    public async Task RunAsync_NumberOfAnotherSexOrBirthDate_IsAskedAndStoredOnceConfirmed()
    {
        Assert.IsType<ImportStudyResult.Imported>(
            await ImportAsync(Dicom(1, "P-1", "F", "19650301"), new(), answer: HeaderAnswer.File));
        var film = Dicom(2, "p-1", "M", "19650401");

        Assert.IsType<ImportStudyResult.Asked>(await ImportAsync(film, new()));
        var doubted = Assert.IsType<ImportStudyResult.Doubted>(await ImportAsync(film, new(), answer: HeaderAnswer.File));

        Assert.Null(doubted.StudyId);
        Assert.Equal(
            ["The sex is Female there and Male here.", "The birth date is 1965-03-01 there and 1965-04-01 here."], doubted.Doubts);
        Assert.Equal(["The sex is another than known.", "The birth date is another than known."], doubted.Kinds);
        Assert.Equal((AuditOutcome.Refused, "doubted"), (await _clinic.AuditAsync(AuditAction.StudyUpload))[^1] is var entry
            ? (entry.Outcome, entry.Detail)
            : default);
        Assert.Equal(1, await _clinic.CountAsync<Study>());
        Assert.Single(_clinic.Folder.Blobs);
        Assert.IsType<ImportStudyResult.Imported>(
            await ImportAsync(film, new(), isConfirmed: true, answer: HeaderAnswer.File));
        Assert.Equal(2, await _clinic.CountAsync<Study>());
    }

    [Theory]
    [InlineData(Sex.Unknown, 60, false)]
    [InlineData(Sex.Female, 61, false)]
    [InlineData(Sex.Unknown, null, false)]
    [InlineData(Sex.Female, 70, true)]
    [InlineData(Sex.Other, 60, true)]
    public async Task RunAsync_NumberKnown_IsAskedWhereSexOrAgeSayAnother(Sex sex, int? age, bool isAsked)
    {
        await ImportAsync(TestClinic.Film(1), new("P-1", Sex.Female, 60));

        Assert.Equal(isAsked, await ImportAsync(TestClinic.Film(2), new("P-1", sex, age)) is ImportStudyResult.Doubted);
        Assert.IsType<ImportStudyResult.Imported>(await ImportAsync(TestClinic.Film(3), new("P-2", sex, age)));
    }

    [Fact]
    public async Task RunAsync_TwoSexesOfOneNumberAtOnce_StoresOneAndAsksOfTheOther()
    {
        var results = await Task.WhenAll(
            ImportAsync(TestClinic.Film(1), new("P-1", Sex.Female)), ImportAsync(TestClinic.Film(2), new("P-1", Sex.Male)));

        Assert.Single(results.OfType<ImportStudyResult.Imported>());
        Assert.Single(results.OfType<ImportStudyResult.Doubted>());
        Assert.Single(_clinic.Folder.Blobs);
    }
}
