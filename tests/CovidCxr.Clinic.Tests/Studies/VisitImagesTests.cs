using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Studies;

/// <summary>Several images of one visit are one study and one reading; which of them is scored, and what comes late.</summary>
public sealed class VisitImagesTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    static byte[] Film(
        int seed, string view, string number = "P-7", string sex = "F", string uid = "2.25.1", string part = "CHEST", string age = "") =>
        DicomFilm.Write(
            PhantomDrawer.Draw(PhantomKind.Clear, seed, size: 64, bits: 16),
            (0x0008_0018, "UI", $"2.25.9{seed}"), (0x0008_0020, "DA", "20260227"), (0x0010_0020, "LO", number), (0x0010_0040, "CS", sex),
            (0x0010_1010, "AS", age), (0x0018_0015, "CS", part), (0x0018_5101, "CS", view), (0x0020_000D, "UI", uid),
            (0x0020_000E, "UI", "2.25.2"));

    Task<ImportStudyResult> ImportAsync(byte[] film, bool isConfirmed = false) =>
        _clinic.Get<ImportStudy>().RunAsync(film, new(), TestClinic.Reader, Cancellation, HeaderAnswer.File, isConfirmed);

    async Task<ImportStudyResult.Imported> StoreAsync(byte[] film, bool isConfirmed = false) =>
        Assert.IsType<ImportStudyResult.Imported>(await ImportAsync(film, isConfirmed));

    async Task<(Study Study, List<StudyImage> Images)> OnlyAsync()
    {
        await using var db = _clinic.Context();
        return (await db.Studies.SingleAsync(Cancellation), await db.StudyImages.OrderBy(i => i.ReceivedAt).ThenBy(i => i.Id)
            .ToListAsync(Cancellation));
    }

    async Task<StudyDetail> OpenAsync(Guid study, Actor? actor = null) =>
        (await _clinic.Get<GetStudy>().RunAsync(study, isView: false, actor ?? TestClinic.Lead, Cancellation))!;

    async Task ReadAsync(Guid study)
    {
        await _clinic.PredictAsync(study);
        Assert.IsType<RecordReadingResult.Recorded>(await _clinic.ReadAsync(study, ReadingStage.Blind));
        await using var db = _clinic.Context();
        var shown = await db.Studies.Where(s => s.Id == study).Select(s => s.PredictionId).SingleAsync(Cancellation);
        Assert.IsType<RecordReadingResult.Recorded>(await _clinic.ReadAsync(study, ReadingStage.Final, shown: shown));
        _clinic.Time.Advance(TimeSpan.FromMinutes(1));
    }

    async Task WithholdAsync(Guid study)
    {
        await using var db = _clinic.Context();
        var withheld = await db.Studies.SingleAsync(s => s.Id == study, Cancellation);
        (withheld.Status, withheld.StatusReason) = (StudyStatus.Withheld, "The film is a lateral view.");
        await db.SaveChangesAsync(Cancellation);
    }

    [Fact]
    public async Task Import_LateralOfAKnownFrontal_IsAFurtherImageThatNobodyScores()
    {
        var frontal = await StoreAsync(Film(1, "PA"));
        var lateral = await StoreAsync(Film(2, "LL"));

        Assert.Null(frontal.Joined);
        Assert.Equal(frontal.StudyId, lateral.StudyId);
        Assert.Equal("It is a further image of a study that is here already: one reading is of all.", lateral.Joined);
        var (study, images) = await OnlyAsync();
        var image = Assert.Single(images);
        Assert.Equal((ViewPosition.PA, ViewPosition.Lateral, "2.25.92"), (study.View, image.View, image.DicomInstanceUid));
        Assert.Equal((study.Id, false), (image.StudyId, image.IsLate));
        Assert.Equal((1, 2), (await _clinic.CountAsync<Job>(), await _clinic.CountAsync<StudyAppearance>()));
        Assert.Contains("further image", (await _clinic.AuditAsync(AuditAction.StudyUpload))[^1].Detail, StringComparison.Ordinal);
        // Known again, as whatever it is.
        Assert.Equal(study.Id, Assert.IsType<ImportStudyResult.Duplicate>(await ImportAsync(Film(2, "LL"))).StudyId);
        Assert.Equal(image.Id, Assert.Single((await OpenAsync(study.Id)).Images).Id);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Import_FrontalOfAKnownLateral_IsScoredInItsPlace(bool isAnalysed)
    {
        var first = await StoreAsync(Film(2, "LL"));
        if (isAnalysed)
        {
            await WithholdAsync(first.StudyId);
        }

        var second = await StoreAsync(Film(1, "PA"));

        Assert.Equal(first.StudyId, second.StudyId);
        var (study, images) = await OnlyAsync();
        var image = Assert.Single(images);
        Assert.Equal(
            (ViewPosition.PA, "2.25.91", StudyStatus.Queued, null), (study.View, study.DicomInstanceUid, study.Status, study.StatusReason));
        Assert.Equal((ViewPosition.Lateral, "2.25.92"), (image.View, image.DicomInstanceUid));
        // What waits looks at the principal image of then.
        Assert.Equal(isAnalysed ? 2 : 1, await _clinic.CountAsync<Job>());
        var (pixels, further) = (
            await _clinic.Get<GetPixels>().RunAsync(study.Id, TestClinic.Reader, Cancellation),
            await _clinic.Get<GetPixels>().RunAsync(study.Id, TestClinic.Reader, Cancellation, image.Id));
        Assert.NotEqual(pixels!.Samples, further!.Samples);
        await using var db = _clinic.Context();
        var looks = await db.StudyAppearances.OrderBy(a => a.Id).Select(a => new { a.StudyId, a.ImageId }).ToListAsync(Cancellation);
        Assert.Equal([(study.Id, image.Id), (study.Id, (Guid?)null)], looks.Select(l => (l.StudyId, l.ImageId)));
    }

    [Theory]
    [InlineData("CHEST", true)]
    [InlineData("HAND", false)]
    public async Task Import_FilmOfAnotherPart_GivesWayToTheChest(string first, bool isPrincipal)
    {
        await StoreAsync(Film(1, "PA", part: first));
        await StoreAsync(Film(2, "PA"));

        var (study, images) = await OnlyAsync();
        Assert.Equal(isPrincipal ? "2.25.91" : "2.25.92", study.DicomInstanceUid);
        Assert.Single(images);
    }

    [Theory]
    [InlineData("LL", "PA")]
    [InlineData("PA", "LL")]
    public async Task Import_ImageThatSaysAChildsAge_WithholdsTheVisit(string first, string second)
    {
        var known = await StoreAsync(Film(1, first));
        if (first == "PA")
        {
            await _clinic.PredictAsync(known.StudyId);
        }

        await StoreAsync(Film(2, second, age: "012Y"));

        var (study, _) = await OnlyAsync();
        Assert.Equal(12, study.AgeYears);
        Assert.Null(study.PredictionId);
        Assert.Equal(first == "PA" ? StudyStatus.Withheld : StudyStatus.Queued, study.Status);
    }

    [Fact]
    public async Task Import_OnceAFileWithoutUidIsThePrincipalImage_StillJoinsTheVisit()
    {
        var lateral = await StoreAsync(Film(2, "LL"));
        await _clinic.Get<AddStudyImage>().RunAsync(
            lateral.StudyId, TestClinic.Film(5), ViewPosition.PA, TestClinic.Reader, Cancellation);
        Assert.Null((await OnlyAsync()).Study.DicomStudyUid);

        await StoreAsync(Film(3, "PA"));

        Assert.Equal(2, (await OnlyAsync()).Images.Count);
    }

    [Fact]
    public async Task Reading_OfAPageWithoutTheImageThatCameMeanwhile_IsRefused()
    {
        var frontal = await StoreAsync(Film(1, "PA"));
        await StoreAsync(Film(2, "LL"));
        RecordReadingRequest Request(int images) => new(
            Guid.NewGuid(), frontal.StudyId, ReadingStage.Blind, Opinion.Normal, 3, null, null, null, null)
        { ShownImages = images };
        var record = _clinic.Get<RecordReading>();

        Assert.Contains(
            "An image came", Assert.IsType<RecordReadingResult.Refused>(
                await record.RunAsync(Request(0), TestClinic.Reader, Cancellation)).Message, StringComparison.Ordinal);
        Assert.IsType<RecordReadingResult.Recorded>(await record.RunAsync(Request(1), TestClinic.Reader, Cancellation));
    }

    [Fact]
    public async Task Import_Repeat_IsAFurtherImage_AndSaysThatItIsNotScored()
    {
        await StoreAsync(Film(1, "PA"));
        var repeat = await StoreAsync(Film(2, "PA"));

        Assert.Contains("is not scored", repeat.Joined, StringComparison.Ordinal);
        var (study, images) = await OnlyAsync();
        Assert.Equal(("2.25.91", "2.25.92"), (study.DicomInstanceUid, Assert.Single(images).DicomInstanceUid));
        Assert.Equal(1, await _clinic.CountAsync<Job>());
    }

    [Fact]
    public async Task Import_OtherSexUnderTheSameUid_IsAskedAbout_AndOtherNumberOrUidIsAStudyOfItsOwn()
    {
        await StoreAsync(Film(1, "PA"));

        Assert.IsType<ImportStudyResult.Doubted>(await ImportAsync(Film(2, "LL", sex: "M")));
        Assert.Equal((0, 1), (await _clinic.CountAsync<StudyImage>(), _clinic.Folder.Blobs.Count));

        Assert.Null((await StoreAsync(Film(3, "LL", number: "P-8"))).Joined);
        Assert.Null((await StoreAsync(Film(4, "LL", uid: "2.25.5"))).Joined);
        Assert.NotNull((await StoreAsync(Film(2, "LL", sex: "M"), isConfirmed: true)).Joined);
        Assert.Equal((3, 1), (await _clinic.CountAsync<Study>(), await _clinic.CountAsync<StudyImage>()));
    }

    [Fact]
    public async Task Import_ImagesOfAVisitAtTheSameMoment_AreOneStudyAndItsFrontalOneIsScored()
    {
        var films = new[] { Film(1, "PA"), Film(2, "LL"), Film(3, "RL"), Film(1, "PA") };

        var results = await Task.WhenAll(films.Select(f => Task.Run(() => ImportAsync(f), Cancellation)));

        Assert.Single(results.OfType<ImportStudyResult.Duplicate>());
        var (study, images) = await OnlyAsync();
        Assert.Equal("2.25.91", study.DicomInstanceUid);
        Assert.Equal([ViewPosition.Lateral, ViewPosition.Lateral], images.Select(i => i.View));
        Assert.Equal(3, _clinic.Folder.Blobs.Count);
        Assert.Equal(1, await _clinic.CountAsync<Job>());
    }

    [Fact]
    public async Task Import_AfterAReading_WaitsForItsReaderToSayTheSameAgain()
    {
        var study = (await StoreAsync(Film(1, "PA"))).StudyId;
        await ReadAsync(study);
        Assert.Contains("is told that an image came", (await StoreAsync(Film(2, "LL"))).Joined, StringComparison.Ordinal);
        var other = await _clinic.UploadAsync(seed: 8);

        foreach (var (actor, isLate) in new[] { (TestClinic.Reader, true), (TestClinic.OtherReader, false), (TestClinic.Lead, true) })
        {
            Assert.Equal(isLate, (await OpenAsync(study, actor)).HasLateImage);
            var page = await _clinic.Get<ListStudies>().RunAsync(new(), actor, Cancellation);
            Assert.Equal((isLate ? 1 : 0, isLate, 1), (
                page.Late, page.Items.Single(i => i.Id == study).HasLateImage, page.Items.Single(i => i.Id == study).FurtherImages));
            Assert.Equal(isLate ? 1 : 0, (await _clinic.Get<ListStudies>().RunAsync(new(IsLate: true), actor, Cancellation)).Total);
        }

        Assert.Equal(study, await _clinic.Get<FindNextStudy>().RunAsync(null, TestClinic.Reader, Cancellation));
        var detail = await OpenAsync(study, TestClinic.Reader);
        var own = detail.Readings.Single(r => r.Id == detail.CorrectableId);
        Assert.IsType<RecordReadingResult.Recorded>(await _clinic.ReadAsync(
            study, own.Stage, shown: own.PredictionId, opinion: own.Opinion, corrects: own.Id));

        Assert.False((await OpenAsync(study, TestClinic.Reader)).HasLateImage);
        Assert.False((await OpenAsync(study)).HasLateImage);
        Assert.Equal(other, await _clinic.Get<FindNextStudy>().RunAsync(null, TestClinic.Reader, Cancellation));
    }

    [Fact]
    public async Task Import_FrontalOnceSomebodyHasBegunWithTheLateral_IsNotScoredInItsPlace()
    {
        var study = (await StoreAsync(Film(2, "LL"))).StudyId;
        await _clinic.Get<Drafts>().KeepAsync(study, Opinion.Normal, null, null, null, null, TestClinic.Reader, Cancellation);

        await StoreAsync(Film(1, "PA"));

        var (kept, images) = await OnlyAsync();
        Assert.Equal((ViewPosition.Lateral, ViewPosition.PA), (kept.View, Assert.Single(images).View));
    }

    [Fact]
    public async Task Undo_OfACorrectionOfBeforeTheFrontalCame_LeavesItsView()
    {
        var study = (await StoreAsync(Film(2, "LL"))).StudyId;
        var now = await OpenAsync(study);
        Assert.IsType<ChangeStudyResult.Changed>(await _clinic.Get<ChangeStudy>().RunAsync(
            new(study, now.Particulars with { AgeYears = 61 }, "Typed wrong", 0), TestClinic.Lead, Cancellation));
        await StoreAsync(Film(1, "PA"));

        Assert.IsType<ChangeStudyResult.Changed>(await _clinic.Get<UndoChange>().RunAsync(
            new(study, (await OpenAsync(study)).Changes[0].Id, "It was right"), TestClinic.Lead, Cancellation));

        var detail = await OpenAsync(study);
        Assert.Equal((ViewPosition.PA, now.AgeYears), (detail.View, detail.AgeYears));
    }

    [Fact]
    public async Task Withdrawn_TakesAllImagesAlong_AndWhatComesThenIsAStudyOfItsOwn()
    {
        var study = (await StoreAsync(Film(1, "PA"))).StudyId;
        await StoreAsync(Film(2, "LL"));
        var detail = await OpenAsync(study);
        Assert.IsType<ChangeStudyResult.Changed>(await _clinic.Get<ChangeStudy>().RunAsync(
            new(study, detail.Particulars with { IsWithdrawn = true }, "Another patient's", 0), TestClinic.Lead, Cancellation));

        Assert.Equal(study, Assert.IsType<ImportStudyResult.Doubted>(await ImportAsync(Film(2, "LL"))).StudyId);
        Assert.Null((await StoreAsync(Film(3, "LL"))).Joined);
        Assert.Single((await OpenAsync(study)).Images);

        await _clinic.Get<SweepImages>().RunAsync(Cancellation);
        Assert.Equal(3, _clinic.Folder.Blobs.Count);
    }

    [Fact]
    public async Task Sweep_OfOldFiles_KeepsThoseOfFurtherImages()
    {
        await StoreAsync(Film(1, "PA"));
        await StoreAsync(Film(2, "LL"));
        foreach (var file in _clinic.Folder.Blobs)
        {
            File.SetLastWriteTimeUtc(file, (_clinic.Time.GetUtcNow() - TimeSpan.FromHours(2)).UtcDateTime);
        }

        await _clinic.Get<SweepImages>().RunAsync(Cancellation);

        Assert.Equal(2, _clinic.Folder.Blobs.Count);
    }

    [Fact]
    public async Task Thumbnail_OfAFurtherImage_IsThatImageAlone_AndOfNoImageIsNothing()
    {
        var study = (await StoreAsync(Film(1, "PA"))).StudyId;
        await StoreAsync(Film(2, "LL"));
        var image = Assert.Single((await OpenAsync(study)).Images).Id;
        var thumbnails = _clinic.Get<GetStudyThumbnail>();

        var further = await thumbnails.OfImageAsync(study, image, TestClinic.Reader, Cancellation);
        var principal = await thumbnails.OfImageAsync(study, study, TestClinic.Reader, Cancellation);

        Assert.NotEqual(principal, further);
        Assert.Null(await thumbnails.OfImageAsync(Guid.NewGuid(), image, TestClinic.Reader, Cancellation));
        Assert.Null(await _clinic.Get<GetPixels>().RunAsync(study, TestClinic.Reader, Cancellation, Guid.NewGuid()));
        await Assert.ThrowsAsync<AccessRefusedException>(() => thumbnails.OfImageAsync(study, image, TestClinic.Admin, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<GetPixels>().RunAsync(study, TestClinic.Admin, Cancellation, image));
    }

    static byte[] Png(int seed) => PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.Clear, seed, size: 64, bits: 8));

    Task<ImportStudyResult> AddAsync(
        Guid study, byte[] content, Actor? actor = null, HeaderAnswer answer = HeaderAnswer.NotAsked, bool isConfirmed = false) =>
        _clinic.Get<AddStudyImage>().RunAsync(
            study, content, ViewPosition.Lateral, actor ?? TestClinic.Reader, Cancellation, answer, isConfirmed);

    [Fact]
    public async Task Add_ByHand_IsOfWhoUploadsUntilItIsRead_AndOfTheLeadThen()
    {
        var study = await _clinic.UploadAsync(seed: 11, patient: "P-7");

        Assert.NotNull(Assert.IsType<ImportStudyResult.Imported>(await AddAsync(study, Png(12))).Joined);
        Assert.IsType<ImportStudyResult.Duplicate>(await AddAsync(study, Png(12)));
        await ReadAsync(study);
        Assert.False((await OpenAsync(study, TestClinic.Reader)).CanAddImage);
        var refused = Assert.IsType<ImportStudyResult.Refused>(await AddAsync(study, Png(13)));
        Assert.Contains("the department lead", refused.Message, StringComparison.Ordinal);
        Assert.IsType<ImportStudyResult.Imported>(await AddAsync(study, Png(13), TestClinic.Lead));

        var images = (await OpenAsync(study, TestClinic.Reader)).Images;
        Assert.Equal([ViewPosition.Lateral, ViewPosition.Lateral], images.Select(i => i.View));
        Assert.True((await OpenAsync(study, TestClinic.Reader)).HasLateImage);
        Assert.IsType<ImportStudyResult.Refused>(await AddAsync(Guid.NewGuid(), Png(14), TestClinic.Lead));
        await Assert.ThrowsAsync<AccessRefusedException>(() => AddAsync(study, Png(14), TestClinic.Admin));
    }

    [Fact]
    public async Task Add_OfAFileThatSaysOtherwise_IsAskedAbout_AndThenTheStudysFactsStand()
    {
        var study = await _clinic.UploadAsync(seed: 11, patient: "P-7");
        var known = await _clinic.UploadAsync(seed: 15, patient: "P-9");
        var file = Film(12, "LL", number: "P-8");

        var asked = Assert.IsType<ImportStudyResult.Asked>(await AddAsync(study, file));
        Assert.Equal(["patient number"], asked.Conflicts);
        Assert.Equal(0, await _clinic.CountAsync<StudyImage>());
        Assert.IsType<ImportStudyResult.Imported>(await AddAsync(study, file, answer: HeaderAnswer.Typed));

        var detail = await OpenAsync(study);
        Assert.Equal(("P-7", 1), (detail.PatientNumber, detail.Images.Count));
        // Another study's film stays where it is.
        Assert.Equal(known, Assert.IsType<ImportStudyResult.Doubted>(await AddAsync(study, TestClinic.Film(15))).StudyId);
        Assert.Equal(1, await _clinic.CountAsync<StudyImage>());
    }
}
