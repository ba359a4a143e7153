using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Studies;

/// <summary>A picture that may have no score, and who asks for one all the same.</summary>
[Trait("Speed", "Slow")]
public sealed class WithheldTests : IAsyncLifetime, IDisposable
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await TestModels.ActivateAsync(_clinic, TestModels.First);

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    public void Dispose()
    {
    }

    [Fact]
    public async Task Analyse_PictureOfNothing_HasNoScoreAndSaysWhy()
    {
        var study = await AnalysedAsync(Clouds());

        Assert.Equal((StudyStatus.Withheld, null, null, null), (study.Status, study.PredictionId, study.Probability, study.PredictedClass));
        Assert.False(string.IsNullOrWhiteSpace(study.StatusReason));
        Assert.Equal(0, await _clinic.CountAsync<Prediction>());
        Assert.Equal(AuditOutcome.Refused, (await _clinic.AuditAsync(AuditAction.StudyAnalysis))[^1].Outcome);
    }

    [Theory]
    [InlineData(ViewPosition.Lateral, 50, "lateral")]
    [InlineData(ViewPosition.PA, 4, "younger")]
    public async Task Analyse_WhatTheUploaderSays_IsBelieved(ViewPosition view, int age, string word)
    {
        var study = await AnalysedAsync(TestClinic.Film(3), new(View: view, AgeYears: age));

        Assert.Equal(StudyStatus.Withheld, study.Status);
        Assert.Contains(word, study.StatusReason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x0018_0015, "KNEE", "KNEE")]
    [InlineData(0x0008_0060, "NM", "modality NM")]
    [InlineData(0x0008_0068, "FOR PROCESSING", "raw data")]
    [InlineData(0x0018_5101, "LL", "lateral")]
    [InlineData(0x0010_1010, "004Y", "younger")]
    [InlineData(0x0018_0015, "CHEST", null)]
    [InlineData(0x0008_0060, "DX", null)]
    public async Task Analyse_WhatTheHeaderSays_DecidesWithTheGuard(uint tag, string value, string? reason)
    {
        var film = Assert.IsType<DecodeResult.Decoded>(
            new ScanDecoder(new ImagingOptions()).Decode(TestClinic.Film(3), Cancellation)).Image;
        var file = DicomFilm.Write(film, (tag, "CS", value));

        var imported = Assert.IsType<ImportStudyResult.Imported>(
            await _clinic.Get<ImportStudy>().RunAsync(file, new(), TestClinic.Reader, Cancellation, HeaderAnswer.File));
        var study = await AnalyseAsync(imported.StudyId);

        Assert.Equal(reason is null ? StudyStatus.Ready : StudyStatus.Withheld, study.Status);
        Assert.Contains(reason ?? "", study.StatusReason ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public async Task Analyse_GoodFilm_HasAScore()
    {
        var study = await AnalysedAsync(TestClinic.Film(3), new(View: ViewPosition.PA, AgeYears: 40));

        Assert.Equal((StudyStatus.Ready, null), (study.Status, study.StatusReason));
    }

    /// <summary>Neither file says its view: the guard finds the one that shows a chest from the front.</summary>
    [Fact]
    public async Task Analyse_FirstImageOfAVisitWithheld_ScoresTheNext()
    {
        Guid study = default;
        foreach (var (png, number) in new[] { (Clouds(), 1), (TestClinic.Film(3), 2) })
        {
            var film = Assert.IsType<DecodeResult.Decoded>(new ScanDecoder(new ImagingOptions()).Decode(png, Cancellation)).Image;
            var file = DicomFilm.Write(film, (0x0008_0018, "UI", $"2.25.9{number}"), (0x0020_000D, "UI", "2.25.1"));
            study = Assert.IsType<ImportStudyResult.Imported>(
                await _clinic.Get<ImportStudy>().RunAsync(file, new(), TestClinic.Reader, Cancellation, HeaderAnswer.File)).StudyId;
        }

        var first = await AnalyseAsync(study);
        Assert.Equal((StudyStatus.Queued, "2.25.92"), (first.Status, first.DicomInstanceUid));
        var second = await AnalyseAsync(study);

        Assert.Equal((StudyStatus.Ready, true), (second.Status, second.PredictionId is not null));
        var image = Assert.Single((await _clinic.Get<GetStudy>().RunAsync(study, isView: false, TestClinic.Lead, Cancellation))!.Images);
        Assert.False(string.IsNullOrWhiteSpace(image.WithheldReason));
    }

    [Fact]
    public async Task Demand_WithAReason_ScoresKeepsBothReasonsAndIsAudited()
    {
        var withheld = await AnalysedAsync(Clouds());
        Assert.Null(await DemandAsync(withheld.Id, " The only film there is. ", TestClinic.Reader));
        var study = await AnalyseAsync(withheld.Id);

        Assert.Equal((StudyStatus.Ready, withheld.StatusReason), (study.Status, study.StatusReason));
        Assert.Equal(("The only film there is.", TestClinic.Reader.UserId), (study.ScoreDemandReason, study.ScoreDemandedBy));
        Assert.NotNull(study.PredictionId);
        var entry = Assert.Single(await _clinic.AuditAsync(AuditAction.ScoreDemand));
        Assert.Equal((withheld.Id, TestClinic.Reader.UserId), (entry.StudyId, entry.UserId));
        // The answer stays hidden from who has not read yet.
        var detail = await _clinic.Get<GetStudy>().RunAsync(study.Id, isView: false, TestClinic.Reader, Cancellation);
        Assert.Null(detail!.Prediction);
        Assert.Equal("The only film there is.", detail.ScoreDemand);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("  no ")]
    [InlineData("two\nlines")]
    public async Task Demand_WithoutAReason_IsRefused(string? reason)
    {
        var withheld = await AnalysedAsync(Clouds());

        Assert.NotNull(await DemandAsync(withheld.Id, reason, TestClinic.Reader));
        Assert.Empty(await _clinic.AuditAsync(AuditAction.ScoreDemand));
    }

    [Fact]
    public async Task Demand_TwiceOrOfAGoodFilm_IsRefused()
    {
        var good = await AnalysedAsync(TestClinic.Film(3));
        var withheld = await AnalysedAsync(Clouds());

        Assert.NotNull(await DemandAsync(good.Id, "because", TestClinic.Reader));
        Assert.Null(await DemandAsync(withheld.Id, "because", TestClinic.Lead));
        Assert.NotNull(await DemandAsync(withheld.Id, "because", TestClinic.Reader));
        Assert.NotNull(await DemandAsync(Guid.NewGuid(), "because", TestClinic.Reader));
        await Assert.ThrowsAsync<AccessRefusedException>(() => DemandAsync(withheld.Id, "because", TestClinic.Admin));
    }

    [Fact]
    public async Task Course_OfAPatient_ShowsWhatThePersonMaySeeInTheOrderOfTheFilms()
    {
        var late = await ScoredAsync(1, new(2026, 1, 9), [3, 2, 1, 0, 0, 1]);
        var early = await ScoredAsync(2, new(2026, 1, 2), [1, 0, 0, 0, 0, 0]);

        Assert.Empty(await CourseAsync(late, TestClinic.Reader));
        await _clinic.ReadAsync(late, ReadingStage.Blind, TestClinic.Reader);
        Assert.Equal([late], (await CourseAsync(late, TestClinic.Reader)).Select(p => p.StudyId));
        var course = await CourseAsync(late, TestClinic.Lead);
        Assert.Equal([(early, 1.0), (late, 7.0)], course.Select(p => (p.StudyId, p.Sum)));
        Assert.Empty(await CourseAsync(Guid.NewGuid(), TestClinic.Lead));
    }

    Task<string?> DemandAsync(Guid study, string? reason, Actor actor) =>
        _clinic.Get<DemandScore>().RunAsync(study, reason, actor, Cancellation);

    Task<IReadOnlyList<CoursePoint>> CourseAsync(Guid study, Actor actor) =>
        _clinic.Get<GetSeverityCourse>().RunAsync(study, actor, Cancellation);

    async Task<Guid> ScoredAsync(int seed, DateOnly on, double[] zones)
    {
        var imported = Assert.IsType<ImportStudyResult.Imported>(await _clinic.Get<ImportStudy>().RunAsync(
            TestClinic.Film(seed), new("P1", AcquiredOn: on), TestClinic.Reader, Cancellation));
        await using var db = _clinic.Context();
        var study = await db.Studies.SingleAsync(s => s.Id == imported.StudyId, Cancellation);
        var prediction = new Prediction
        {
            StudyId = study.Id,
            ModelVersionId = await db.ModelVersions.Select(m => m.Id).SingleAsync(Cancellation),
            Classes = ["COVID-19", "Other"],
            Probabilities = [0.5, 0.5],
            Device = "none",
            HeatMaps = [],
            SeverityZones = zones,
            SeverityLower = zones.Sum() - 1,
            SeverityUpper = zones.Sum() + 1,
        };
        db.Predictions.Add(prediction);
        (study.Status, study.PredictionId) = (StudyStatus.Ready, prediction.Id);
        await db.SaveChangesAsync(Cancellation);
        return study.Id;
    }

    async Task<Study> AnalysedAsync(byte[] file, StudyDetails? details = null)
    {
        var imported = Assert.IsType<ImportStudyResult.Imported>(
            await _clinic.Get<ImportStudy>().RunAsync(file, details ?? new(), TestClinic.Reader, Cancellation));
        return await AnalyseAsync(imported.StudyId);
    }

    async Task<Study> AnalyseAsync(Guid id)
    {
        await _clinic.WorkAsync(AnalyseStudy.JobKind, id);
        await using var db = _clinic.Context();
        return await db.Studies.AsNoTracking().SingleAsync(s => s.Id == id, Cancellation);
    }

    static byte[] Clouds()
    {
        var film = FilmFolder.Film(isSick: false, seed: 4, size: 128);
        return PngEncoder.Encode(new GreyImage(film.Width, film.Height, film.BitsStored, film.Samples));
    }
}
