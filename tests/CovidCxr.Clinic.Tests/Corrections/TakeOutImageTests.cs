using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Corrections;

/// <summary>An image of a visit that becomes a study of its own, and goes back.</summary>
public sealed class TakeOutImageTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    Guid _study, _image;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        foreach (var (seed, view) in new[] { (1, "PA"), (2, "AP") })
        {
            var film = DicomFilm.Write(
                PhantomDrawer.Draw(PhantomKind.Clear, seed, size: 64, bits: 16),
                (0x0008_0018, "UI", $"2.25.9{seed}"), (0x0010_0020, "LO", "P-7"), (0x0018_5101, "CS", view), (0x0020_000D, "UI", "2.25.1"),
                (0x0020_000E, "UI", "2.25.2"));
            _study = Assert.IsType<ImportStudyResult.Imported>(await _clinic.Get<ImportStudy>().RunAsync(
                film, new(), TestClinic.Reader, Cancellation, HeaderAnswer.File)).StudyId;
        }

        _image = Assert.Single((await OpenAsync(_study)).Images).Id;
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<StudyDetail> OpenAsync(Guid study, Actor? actor = null) =>
        (await _clinic.Get<GetStudy>().RunAsync(study, isView: false, actor ?? TestClinic.Lead, Cancellation))!;

    Task<ChangeStudyResult> TakeOutAsync(Actor? actor = null, string? reason = "To have the repeat scored", long seen = 0) =>
        _clinic.Get<TakeOutImage>().RunAsync(new(_study, _image, reason, seen), actor ?? TestClinic.Lead, Cancellation);

    async Task<ChangeStudyResult> UndoAsync() => await _clinic.Get<UndoChange>().RunAsync(
        new(_study, (await OpenAsync(_study)).Changes[0].Id, "It was right"), TestClinic.Lead, Cancellation);

    static string Refused(ChangeStudyResult result) => Assert.IsType<ChangeStudyResult.Refused>(result).Message;

    [Fact]
    public async Task TakeOut_MakesAStudyOfThePatientThatIsAnalysed_AndUndoPutsTheImageBack()
    {
        await using (var db = _clinic.Context())
        {
            db.ReceivedObjects.Add(
                new() { CallingAe = "CR1", Host = "h", InstanceUid = "2.25.92", State = ReceivedState.Filed, StudyId = _study });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.IsType<ChangeStudyResult.Changed>(await TakeOutAsync());

        var (from, own) = (await OpenAsync(_study), await OpenAsync(_image));
        Assert.Empty(from.Images);
        Assert.Equal(
            ("P-7", ViewPosition.AP, StudyStatus.Queued, StudyChangeKind.TakeOut),
            (own.PatientNumber, own.View, own.Status, Assert.Single(from.Changes).Kind));
        Assert.Equal(2, await _clinic.CountAsync<Job>());
        Assert.Equal(_image, await ReceivedAsync());
        var trail = (await _clinic.AuditAsync(AuditAction.StudyChange)).ToList();
        Assert.Equal([_study, _image], trail.Select(a => a.StudyId));
        Assert.All(trail, a => Assert.Equal(($"an image of {_study}", $"a study of its own, {_image}"), (a.Before, a.After)));
        Assert.IsType<ImportStudyResult.Imported>(await _clinic.Get<ImportStudy>().RunAsync(
            TestClinic.Film(9), new("P-7"), TestClinic.Reader, Cancellation));

        // Scored meanwhile, and nothing said of it.
        await _clinic.PredictAsync(_image);
        Assert.IsType<ChangeStudyResult.Changed>(await UndoAsync());

        Assert.Equal(_image, Assert.Single((await OpenAsync(_study)).Images).Id);
        Assert.Null(await _clinic.Get<GetStudy>().RunAsync(_image, isView: false, TestClinic.Lead, Cancellation));
        Assert.Equal(_study, await ReceivedAsync());
        await using var after = _clinic.Context();
        Assert.Equal(1, await after.StudyAppearances.CountAsync(a => a.StudyId == _study && a.ImageId == _image, Cancellation));
        Assert.Equal(
            [StudyChangeKind.Undo, StudyChangeKind.TakeOut], (await OpenAsync(_study)).Changes.Select(c => c.Kind));

        // And out again.
        Assert.IsType<ChangeStudyResult.Changed>(await TakeOutAsync(seen: (await OpenAsync(_study)).Changes[0].Id));
        Assert.Equal("P-7", (await OpenAsync(_image)).PatientNumber);
    }

    async Task<Guid?> ReceivedAsync()
    {
        await using var db = _clinic.Context();
        return await db.ReceivedObjects.Select(r => r.StudyId).SingleAsync(Cancellation);
    }

    [Fact]
    public async Task TakeOut_OfAReadStudy_IsTheLeads_AndItsReaderReadsItNotBlind()
    {
        Assert.Equal(0, await _clinic.CountAsync<Disclosure>());
        Assert.IsType<RecordReadingResult.Recorded>(await _clinic.ReadAsync(_study, ReadingStage.Blind));

        Assert.Contains("The department lead takes", Refused(await TakeOutAsync(TestClinic.Reader)), StringComparison.Ordinal);
        Assert.IsType<ChangeStudyResult.Changed>(await TakeOutAsync());

        Assert.Equal(ReadingStage.Concurrent, (await OpenAsync(_image, TestClinic.Reader)).NextStage);
        Assert.Equal(ReadingStage.Blind, (await OpenAsync(_image, TestClinic.OtherReader)).NextStage);
    }

    [Fact]
    public async Task Undo_OnceSomebodyHasBegunWithIt_IsRefused()
    {
        Assert.IsType<ChangeStudyResult.Changed>(await TakeOutAsync());
        await _clinic.Get<Drafts>().KeepAsync(_image, Opinion.Normal, null, null, null, null, TestClinic.Reader, Cancellation);

        Assert.Contains("stays a study of its own", Refused(await UndoAsync()), StringComparison.Ordinal);
        Assert.Empty((await OpenAsync(_study)).Images);
    }

    [Fact]
    public async Task TakeOut_WithoutAReasonOrOfAStalePageOrByAStranger_IsRefused()
    {
        Assert.Contains("Say why", Refused(await TakeOutAsync(reason: " ")), StringComparison.Ordinal);
        Assert.Contains("The department lead", Refused(await TakeOutAsync(TestClinic.OtherReader)), StringComparison.Ordinal);
        await Assert.ThrowsAsync<AccessRefusedException>(() => TakeOutAsync(TestClinic.Admin));
        var now = await OpenAsync(_study);
        Assert.IsType<ChangeStudyResult.Changed>(await _clinic.Get<ChangeStudy>().RunAsync(
            new(_study, now.Particulars with { AgeYears = 61 }, "Typed wrong", 0), TestClinic.Lead, Cancellation));
        Assert.Contains("meanwhile", Refused(await TakeOutAsync()), StringComparison.Ordinal);
        Assert.Single((await OpenAsync(_study)).Images);
    }
}
