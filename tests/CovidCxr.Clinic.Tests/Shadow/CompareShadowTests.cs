using CovidCxr.Clinic.Shadow;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Shadow;

/// <summary>Version 1 is active and version 2 in the shadow, on films with a reference.</summary>
public sealed class CompareShadowTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    readonly ModelVersion _active = ReferencedFilms.Version(1, isActive: true), _shadow = ReferencedFilms.Version(2);
    ShadowPeriod _period = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await using var db = _clinic.Context();
        db.ModelVersions.AddRange(_active, _shadow);
        _period = new()
        {
            ModelVersionId = _shadow.Id,
            IsOpen = true,
            From = _clinic.Time.GetUtcNow(),
            Reason = "To see.",
            StartedByName = "admin",
        };
        db.ShadowPeriods.Add(_period);
        await db.SaveChangesAsync(Cancellation);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    /// <param name="shadow">What the shadow says where the active version says the first.</param>
    /// <param name="stage">Of a reading of each; null for none.</param>
    async Task FilmsAsync(
        int count, bool isIll, double first, double last, Func<double, double> shadow, ReadingStage? stage = ReadingStage.Blind)
    {
        await using var db = _clinic.Context();
        List<double> scores = [.. ReferencedFilms.Even(count, first, last)];
        foreach (var (i, id) in (await ReferencedFilms.AddAsync(db, _active.Id, isIll, scores)).Index())
        {
            db.ShadowPredictions.Add(
                new() { PeriodId = _period.Id, StudyId = id, Score = Math.Clamp(shadow(scores[i]), 0, 1), Threshold = 0.5 });
            if (stage is { } read)
            {
                db.Readings.Add(new()
                {
                    StudyId = id,
                    ReaderId = TestClinic.Reader.UserId,
                    Stage = read,
                    Opinion = Opinion.Normal,
                    Confidence = 3,
                    SubmissionId = Guid.NewGuid(),
                });
            }
        }

        await db.SaveChangesAsync(Cancellation);
    }

    async Task<ShadowComparison> CompareAsync(Actor? actor = null) =>
        (await _clinic.Get<CompareShadow>().RunAsync(_period.Id, actor ?? TestClinic.Lead, Cancellation))!;

    [Fact]
    public async Task Compare_OfAVersionThatTellsMore_IsBetter()
    {
        await FilmsAsync(80, isIll: true, 0.2, 0.8, s => s + 0.4);
        await FilmsAsync(80, isIll: false, 0.2, 0.8, s => s - 0.4);

        var comparison = await CompareAsync();

        Assert.Equal((VerdictKind.Better, 160, 160, 80), (
            comparison.Verdict, comparison.Scored, comparison.Films, comparison.Ill));
        Assert.Equal("Better: version 2 is surely better than version 1.", comparison.Words);
        Assert.Equal(
            ["area under the ROC curve", "sensitivity", "specificity"], comparison.Figures.Select(f => f.Name));
        Assert.All(comparison.Figures, f => Assert.Equal(f.Gained.Value!.Value, f.Shadow.Value!.Value - f.Active.Value!.Value, 9));
    }

    [Fact]
    public async Task Compare_OfAVersionThatMissesMore_IsWorse()
    {
        await FilmsAsync(80, isIll: true, 0.4, 0.9, s => s - 0.3);
        await FilmsAsync(80, isIll: false, 0.1, 0.6, s => s);

        Assert.StartsWith("Worse: version 2", (await CompareAsync()).Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_OfAVersionThatSaysTheSame_IsNotWorseByMoreThanTheMargin()
    {
        await FilmsAsync(80, isIll: true, 0.4, 0.9, s => s);
        await FilmsAsync(80, isIll: false, 0.1, 0.6, s => s);

        Assert.StartsWith("Not worse by more than the margin of 0.05", (await CompareAsync()).Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_OfTooWideAnInterval_SaysAboutHowManyMoreStudies()
    {
        // Every other film is moved to the other side.
        var i = 0;
        await FilmsAsync(30, isIll: true, 0.4, 0.9, s => i++ % 2 == 0 ? s : 1 - s);
        await FilmsAsync(30, isIll: false, 0.1, 0.6, s => s);

        var comparison = await CompareAsync();

        Assert.True(comparison.Verdict is VerdictKind.NotEnough or VerdictKind.Worse);
        Assert.All(comparison.Figures.Where(f => f.Verdict.Kind == VerdictKind.NotEnough), f => Assert.True(f.Verdict.More > 0));
    }

    [Fact]
    public async Task Compare_CountsOnlyFilmsThatWereReadBlind_AndSaysSoWhereTheyAreTooFew()
    {
        await FilmsAsync(40, isIll: true, 0.4, 0.9, s => s, stage: null);
        await FilmsAsync(40, isIll: false, 0.1, 0.6, s => s, stage: ReadingStage.Concurrent);
        await FilmsAsync(3, isIll: false, 0.1, 0.6, s => s);

        var comparison = await CompareAsync();

        Assert.Equal((83, 3, VerdictKind.NotEnough, null), (
            comparison.Scored, comparison.Films, comparison.Verdict, comparison.MoreStudies));
        Assert.StartsWith("Not enough yet: too few", comparison.Words, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compare_ForALeadWhoReads_CountsOnlyFilmsWhoseAnswersThePersonMayKnow()
    {
        await FilmsAsync(40, isIll: true, 0.4, 0.9, s => s);

        var comparison = await CompareAsync(TestClinic.ReadingLead);

        Assert.Equal((0, 0, true), (comparison.Scored, comparison.Films, comparison.IsSeenOnly));
    }

    [Fact]
    public async Task Everything_OfTheShadow_IsRefusedToAReader()
    {
        await Assert.ThrowsAsync<AccessRefusedException>(() => CompareAsync(TestClinic.Reader));
        await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<ListShadows>().RunAsync(TestClinic.Reader, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<StartShadow>().RunAsync(_shadow.Id, "To see.", TestClinic.Lead, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<EndShadow>().RunAsync(_period.Id, "Seen.", TestClinic.Lead, Cancellation));
    }

    [Fact]
    public async Task Compare_CountsNoCopy_AndSaysTheThresholdsOfTheCalls()
    {
        await FilmsAsync(12, isIll: true, 0.4, 0.9, s => s);
        await using (var db = _clinic.Context())
        {
            var films = await db.Studies.OrderBy(s => s.Id).Select(s => s.Id).ToListAsync(Cancellation);
            await db.Studies.Where(s => s.Id == films[3])
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.CopyOf, films[0]), Cancellation);
            await db.ShadowPredictions.Where(x => x.StudyId == films[5])
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.Threshold, 0.3), Cancellation);
        }

        var comparison = await CompareAsync();

        Assert.Equal((12, 11), (comparison.Scored, comparison.Films));
        Assert.Equal([0.3, 0.5], comparison.ShadowThresholds);
        Assert.Single(comparison.ActiveThresholds);
    }
}
