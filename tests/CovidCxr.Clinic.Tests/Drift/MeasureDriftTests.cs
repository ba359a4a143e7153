using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Drift;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Statistics.Drift;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Drift;

/// <summary>What arrives in a period against the month before and the training; it is 2 March 2026.</summary>
public sealed class MeasureDriftTests : IAsyncLifetime
{
    static readonly DateOnly January = new(2026, 1, 15), February = new(2026, 2, 15);

    readonly TestClinic _clinic = new();
    readonly Arrivals _arrivals;

    public MeasureDriftTests() => _arrivals = new(_clinic);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => new(_arrivals.RegisterAsync());

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<DriftReport> MeasureAsync(AgreementFilter? filter = null) =>
        _clinic.Get<MeasureDrift>().RunAsync(filter ?? new(From: new(2026, 2, 1), To: new(2026, 2, 28)), TestClinic.Lead, Cancellation);

    static DriftMeasure Of(DriftReport report, DriftQuantity quantity) => report.Measures.Single(m => m.Quantity == quantity);

    static double Even(int i) => (i % 100) / 100.0;

    [Fact]
    public async Task RunAsync_OfScoresThatStay_FindsThemStable()
    {
        await _arrivals.AddAsync(January, 100, Even);
        await _arrivals.AddAsync(February, 200, Even);

        var report = await MeasureAsync();

        Assert.Equal(
            (new(new(2026, 2, 1), new(2026, 2, 28)), new Period(new(2026, 1, 1), new(2026, 1, 31))), (report.Current, report.Previous));
        var score = Of(report, DriftQuantity.Score);
        Assert.Equal((200, 100, DriftVerdict.Stable), (score.Cases, score.Previous.Cases, score.Previous.Verdict));
        Assert.Equal(0, score.Previous.Index!.Value!.Value, 1e-12);
        Assert.Equal((0, 1), (score.Previous.Test!.Distance, score.Previous.Test.PValue));
    }

    [Fact]
    public async Task RunAsync_OfFilmsWithoutAReference_ExpectsWhatTheirReferencesLaterMeasure()
    {
        await using var db = _clinic.Context();
        var version = Arrivals.Old;
        var random = new Random(5);
        // Scores of the ill lie higher; a fifth of each lies on the wrong side.
        IEnumerable<double> Scores(int count, bool isIll) => Enumerable.Range(0, count).Select(i =>
            (i % 5 == 0) != isIll ? 0.5 + (0.45 * random.NextDouble()) : 0.5 * random.NextDouble());
        async Task AddAsync(int count, bool isIll, DateOnly day)
        {
            var added = await ReferencedFilms.AddAsync(db, version, isIll, Scores(count, isIll));
            var at = new DateTimeOffset(day, new(9, 0), TimeSpan.Zero);
            await db.Studies.Where(s => added.Contains(s.Id)).ExecuteUpdateAsync(s => s.SetProperty(x => x.ReceivedAt, at), Cancellation);
        }

        await AddAsync(100, isIll: true, February);
        await AddAsync(150, isIll: false, February);
        var few = (await MeasureAsync()).Expected!;
        Assert.StartsWith("references of other times say too little", few.WhyNot, StringComparison.Ordinal);
        Assert.Equal((0.8, 0.8), (few.MeasuredSensitivity.Value!.Value, few.MeasuredSpecificity.Value!.Value));

        await AddAsync(200, isIll: true, January);
        await AddAsync(300, isIll: false, January);
        var expected = (await MeasureAsync()).Expected!;

        Assert.Equal((250, 500, 250), (expected.Films, expected.Known, expected.Referenced));
        Assert.Equal(0.8, expected.Sensitivity.Value!.Value, 0.06);
        Assert.Equal(0.8, expected.Specificity.Value!.Value, 0.06);
        Assert.InRange(expected.Sensitivity.Upper!.Value - expected.Sensitivity.Lower!.Value, 0.03, 0.2);
    }

    [Fact]
    public async Task RunAsync_OfAYearOfDecisions_MarksThemInOrder()
    {
        await using var db = _clinic.Context();
        DateTimeOffset On(int month, int day) => new(2026, month, day, 8, 0, 0, TimeSpan.Zero);
        db.ModelPeriods.AddRange(
            new() { Number = 1, ModelVersionId = Arrivals.Old, From = On(1, 2), Until = On(2, 3) },
            new() { Number = 2, ModelVersionId = Arrivals.New, From = On(2, 3), Until = On(2, 20) },
            new() { Number = 3, ModelVersionId = Arrivals.Old, From = On(2, 20), IsRollBack = true });
        db.LocalAcceptances.Add(new()
        {
            ModelVersionId = Arrivals.New,
            Threshold = 0.4,
            Evidence = "{}",
            EvidenceHash = "",
            Reason = "",
            AcceptedByName = "lead",
            AcceptedAt = On(2, 5),
        });
        db.PolicyChanges.AddRange(
            new() { Policy = ReadingPolicy.Concurrent, ChangedByName = "lead", ChangedAt = On(2, 10), HoldsFrom = new(2026, 2, 12) },
            new() { Policy = ReadingPolicy.BlindedFirst, ChangedByName = "lead", ChangedAt = On(2, 11), HoldsFrom = new(2027, 2, 12) });
        await db.SaveChangesAsync(Cancellation);

        var changes = (await MeasureAsync()).Changes;

        Assert.Equal(
            [
                new(new(2026, 2, 3), DepartmentChangeKind.Version, 2, null), new(new(2026, 2, 5), DepartmentChangeKind.Accepted, 2, null),
                new(new(2026, 2, 12), DepartmentChangeKind.Policy, null, ReadingPolicy.Concurrent),
                new DepartmentChange(new(2026, 2, 20), DepartmentChangeKind.RollBack, 1, null),
            ],
            changes);
    }

    [Fact]
    public async Task RunAsync_OfStudiesThatAreWithheldNow_CountsNoOlderAnswer()
    {
        await _arrivals.AddAsync(February, 200, Even);
        await using var db = _clinic.Context();
        await db.Studies.Where(s => db.Predictions.Any(p => p.StudyId == s.Id && p.PredictedIndex == 0))
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.Status, StudyStatus.Withheld), Cancellation);

        Assert.Equal(100, Of(await MeasureAsync(), DriftQuantity.Score).Cases);

        await db.Studies.Where(s => s.Status != StudyStatus.Withheld)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.Status, StudyStatus.Ready), Cancellation);
        await db.Studies.OrderBy(s => s.PixelHash).Take(150)
            .ExecuteUpdateAsync(s => s.SetProperty(x => x.StatusReason, "The film is a lateral view."), Cancellation);
        var held = await db.Studies.CountAsync(s => s.Status == StudyStatus.Ready && s.StatusReason != null, Cancellation);
        var withheld = (await MeasureAsync()).Withheld;
        Assert.Equal((200, 100, held), (withheld.Films, withheld.Withheld, withheld.OnDemand));
        Assert.Equal([new("The film is a lateral view.", 150)], withheld.Reasons);
        Assert.Equal(0, (await MeasureAsync()).WithheldBefore.Films);
    }

    [Fact]
    public async Task RunAsync_OfScoresThatMove_MeasuresIndexAndDistanceOfTheTwoMonths()
    {
        await _arrivals.AddAsync(January, 100, Even);
        await _arrivals.AddAsync(February, 100, i => Math.Sqrt(Even(i)));

        var previous = Of(await MeasureAsync(), DriftQuantity.Score).Previous;

        var (before, now) =
            (Enumerable.Range(0, 100).Select(Even).ToArray(), Enumerable.Range(0, 100).Select(i => Math.Sqrt(Even(i))).ToArray());
        // Tenths of January hold ten each; of February as many as the squares of a tenth's ends lie apart.
        var shares = Enumerable.Range(0, 10)
            .Select(bin => now.Count(
                v =>
                    v >= StabilityIndex.Edges(before).Prepend(-1).ElementAt(bin)
                        && v < StabilityIndex.Edges(before).Append(2).ElementAt(bin)) / 100.0)
            .ToList();
        Assert.Equal(shares.Sum(q => (Math.Max(q, 1e-4) - 0.1) * Math.Log(Math.Max(q, 1e-4) / 0.1)), previous.Index!.Value!.Value, 1e-9);
        Assert.Equal(0.25, previous.Test!.Distance!.Value, 1e-9);
        Assert.Equal(DriftVerdict.Large, previous.Verdict);
    }

    [Fact]
    public async Task RunAsync_OfAVersionThatKeepsItsTraining_ComparesWithItAndOtherwiseSaysWhyNot()
    {
        await _arrivals.AddAsync(February, 100, Even, Arrivals.New, mean: 0.3);

        var kept = await MeasureAsync();

        Assert.Equal(Arrivals.New, kept.Version!.Id);
        Assert.Contains("200 validation images and 80 training images", kept.Trained, StringComparison.Ordinal);
        Assert.Equal(
            (DriftVerdict.Stable, 200), (Of(kept, DriftQuantity.Score).Trained.Verdict, Of(kept, DriftQuantity.Score).Trained.Cases));
        Assert.Equal(DriftVerdict.Large, Of(kept, DriftQuantity.MeanIntensity).Trained.Verdict);
        Assert.Equal(DriftVerdict.Stable, Of(kept, DriftQuantity.Width).Trained.Verdict);
        Assert.Equal("training data do not say it", Of(kept, DriftQuantity.View).Trained.WhyNot);
        Assert.Equal("too few: 0 of at least 30 studies in the month before", Of(kept, DriftQuantity.Score).Previous.WhyNot);

        await _arrivals.AddAsync(February, 150, Even, Arrivals.Old);
        var most = await MeasureAsync();
        Assert.Equal((Arrivals.Old, 150), (most.Version!.Id, Of(most, DriftQuantity.Score).Cases));
        Assert.Contains("keeps no distribution of its training", most.Trained, StringComparison.Ordinal);
        Assert.Equal("not known for this version", Of(most, DriftQuantity.Score).Trained.WhyNot);
        Assert.Equal(100, Of(await MeasureAsync(new(From: new(2026, 2, 1), ModelVersionId: Arrivals.New)), DriftQuantity.Score).Cases);
    }

    [Fact]
    public async Task RunAsync_OfAStudyAnsweredAgain_CountsEachVersionsNewestAnswer()
    {
        await _arrivals.AddAsync(February, 40, _ => 0.1);
        await using (var db = _clinic.Context())
        {
            foreach (var study in await db.Studies.ToListAsync(Cancellation))
            {
                // The same version again, and then another, whose answer stands with the study.
                foreach (var (version, score) in new[] { (Arrivals.Old, 0.6), (Arrivals.New, 0.8) })
                {
                    var again = new Prediction
                    {
                        StudyId = study.Id,
                        ModelVersionId = version,
                        CreatedAt = study.ReceivedAt.AddDays(1),
                        Classes = ["Other", "COVID-19"],
                        Probabilities = [1 - score, score],
                        PositiveIndex = 1,
                        PredictedIndex = 1,
                        Threshold = 0.5,
                        Device = "cpu",
                        HeatMaps = [],
                    };
                    db.Predictions.Add(again);
                    (study.PredictionId, study.Probability) = (again.Id, score);
                }
            }

            await db.SaveChangesAsync(Cancellation);
        }

        foreach (var (version, bin) in new[] { (Arrivals.Old, 12), (Arrivals.New, 16) })
        {
            var score = Of(await MeasureAsync(new(From: new(2026, 2, 1), ModelVersionId: version)), DriftQuantity.Score);
            Assert.Equal((40, 1.0), (score.Cases, score.Bins[bin].Current));
        }
    }

    [Fact]
    public async Task RunAsync_OfOldStudiesAndOtherViews_CountsWhatIsMissingAndLeavesOut()
    {
        await _arrivals.AddAsync(January, 40, Even);
        await _arrivals.AddAsync(February, 40, Even, mean: null);
        await _arrivals.AddAsync(February, 35, Even, view: ViewPosition.AP);

        var report = await MeasureAsync();

        var mean = Of(report, DriftQuantity.MeanIntensity);
        Assert.Equal((35, 40, 40), (mean.Cases, mean.Missing, mean.Previous.Cases));
        var view = Of(report, DriftQuantity.View);
        Assert.Equal([40 / 75.0, 35 / 75.0], view.Bins.Where(b => b.Current > 0).Select(b => b.Current!.Value));
        Assert.Equal((DriftVerdict.Large, (KolmogorovSmirnov?)null), (view.Previous.Verdict, view.Previous.Test));
        Assert.Equal(35, Of(await MeasureAsync(new(From: new(2026, 2, 1), View: ViewPosition.AP)), DriftQuantity.Score).Cases);
    }

    [Fact]
    public async Task Months_OfAVersion_AreComparedEachWithTheOneBefore()
    {
        await _arrivals.AddAsync(new(2025, 3, 31), 40, Even);
        await _arrivals.AddAsync(new(2025, 12, 31), 40, Even, Arrivals.New);
        await _arrivals.AddAsync(new(2026, 1, 1), 40, Even, Arrivals.New);
        await _arrivals.AddAsync(new(2026, 2, 28), 40, _ => 0.95, Arrivals.New);

        var months = (await MeasureAsync(new(ModelVersionId: Arrivals.New))).Months;

        // March has begun, and the other version's are not counted.
        Assert.Equal(
            [
                (new DateOnly(2025, 12, 1), 40), (new DateOnly(2026, 1, 1), 40), (new DateOnly(2026, 2, 1), 40),
                (new DateOnly(2026, 3, 1), 0)],
            months.Select(m => (m.First, m.Cases)));
        Assert.Equal([DriftVerdict.NotJudged, DriftVerdict.Stable, DriftVerdict.Large, DriftVerdict.NotJudged], months.Select(m =>
            m.Previous.Verdict));
        Assert.Equal(DriftVerdict.Large, months[2].Trained!.Verdict);
        Assert.Empty((await MeasureAsync(new(To: new(2025, 3, 30), From: new(2025, 3, 1), ModelVersionId: Arrivals.Old))).Months);
        Assert.Equal(
            new(2025, 3, 1),
            (await MeasureAsync(new(To: new(2025, 4, 30), From: new(2025, 4, 1), ModelVersionId: Arrivals.Old))).Months[0].First);
    }

    [Fact]
    public async Task RunAsync_OfNothing_SaysSoAndHasNoNumber()
    {
        var report = await MeasureAsync(new());

        // The last thirty days, of which today is the last.
        Assert.Equal(new(new(2026, 2, 1), new(2026, 3, 2)), report.Current);
        Assert.Null(report.Version);
        Assert.All(report.Measures, m =>
            Assert.Equal((0, DriftVerdict.NotJudged, DriftVerdict.NotJudged), (m.Cases, m.Trained.Verdict, m.Previous.Verdict)));
        Assert.Null(report.Agreement.Centre);
        Assert.Empty(report.Agreement.Weeks);
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<MeasureDrift>().RunAsync(new(), TestClinic.Reader, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<MeasureDrift>().RunAsync(new(), TestClinic.Admin, Cancellation));
    }

    [Fact]
    public async Task Agreement_ByWeek_CountsReadingsByTheirDayAndNamesWhatIsBeyondALimit()
    {
        // Mondays: 5 January to 23 February; that of the 2 March goes on.
        for (var week = 0; week < 9; week++)
        {
            var monday = new DateOnly(2026, 1, 5).AddDays(7 * week);
            await _arrivals.AddAsync(monday, 40, Even);
            await _arrivals.ReadAsync(monday, week == 8 ? monday : monday.AddDays(6), agreeing: week == 5 ? 14 : 34);
        }

        var chart = (await MeasureAsync(new())).Agreement;

        Assert.Equal([.. Enumerable.Repeat(34, 5), 14, 34, 34, 34], chart.Weeks.Select(w => w.Agreeing));
        Assert.Equal(((8 * 34) + 14) / 360.0, chart.Centre!.Value, 1e-12);
        Assert.Equal([new DateOnly(2026, 2, 9)], chart.Weeks.Where(w => w.Point.Outside).Select(w => w.Monday));
        Assert.Equal([new DateOnly(2026, 3, 2)], chart.Weeks.Where(w => !w.IsOver).Select(w => w.Monday));
        Assert.Empty((await MeasureAsync(new(View: ViewPosition.AP))).Agreement.Weeks);
    }
}
