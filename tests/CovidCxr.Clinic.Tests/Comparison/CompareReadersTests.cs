using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Exports;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Statistics;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Comparison;

/// <summary>The comparison against the same figures computed here, from what was put in, by their definitions.</summary>
public sealed class CompareReadersTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    ReadDepartment _department = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _department = await ReadDepartment.FillAsync(_clinic, Cancellation);

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<AgreementFigures> CompareAsync(AgreementFilter? filter = null, Domain.Accounts.Actor? actor = null) =>
        _clinic.Get<CompareReaders>().RunAsync(filter ?? new(), actor ?? TestClinic.Lead, Cancellation);

    static bool? Call(PutIn reading, Party party) => party switch
    {
        Party.Blind => reading.BlindCall,
        Party.Final => reading.FinalCall,
        Party.Model => reading.ModelCall,
        _ => reading.Truth,
    };

    // The model against the reference counts once per study; all other pairs once per reading.
    static List<(bool First, bool Second, string Patient)> Calls(IEnumerable<PutIn> readings, PartyPair pair) =>
        [.. (pair.First == Party.Model && pair.Second == Party.Reference ? readings.DistinctBy(r => r.Study) : readings)
            .Where(r => Call(r, pair.First) is not null && Call(r, pair.Second) is not null)
            .Select(r => (Call(r, pair.First)!.Value, Call(r, pair.Second)!.Value, r.Patient))];

    static double Kappa(IReadOnlyCollection<(bool First, bool Second, string Patient)> calls)
    {
        double n = calls.Count, po = calls.Count(c => c.First == c.Second) / n, a = calls.Count(c => c.First) / n,
        b = calls.Count(c => c.Second) / n;
        var pe = (a * b) + ((1 - a) * (1 - b));
        return (po - pe) / (1 - pe);
    }

    static double Ac1(IReadOnlyCollection<(bool First, bool Second, string Patient)> calls)
    {
        double n = calls.Count, po = calls.Count(c => c.First == c.Second) / n,
        share = (calls.Count(c => c.First) + calls.Count(c => c.Second)) / (2 * n);
        var pe = 2 * share * (1 - share);
        return (po - pe) / (1 - pe);
    }

    static double Share(
        IEnumerable<(bool First, bool Second, string Patient)> of, Func<(bool First, bool Second, string Patient), bool> isRight) =>
        of.Average(c => isRight(c) ? 1.0 : 0.0);

    static void AssertFigure(double expected, Estimate actual)
    {
        Assert.NotNull(actual.Value);
        Assert.Equal(expected, actual.Value.Value, 1e-12);
        Assert.True(actual.Lower <= actual.Value && actual.Value <= actual.Upper && actual.Lower < actual.Upper, actual.ToString());
    }

    static void AssertSame(IEnumerable<PutIn> readings, AgreementFigures actual)
    {
        foreach (var figures in actual.Pairs)
        {
            var calls = Calls(readings, figures.Pair);
            Assert.Equal(
                [
                    calls.Count(c => c is (true, true, _)), calls.Count(c => c is (true, false, _)),
                    calls.Count(c => c is (false, true, _)), calls.Count(c => c is (false, false, _))],
                figures.Table.Counts.ToArray());
            Assert.Equal(calls.DistinctBy(c => c.Patient).Count(), figures.Patients);
            AssertFigure(Share(calls, c => c.First == c.Second), figures.Observed);
            AssertFigure(Kappa(calls), figures.Kappa);
            AssertFigure(Ac1(calls), figures.Ac1);
            if (figures.Pair.Second == Party.Reference)
            {
                AssertFigure(Share(calls.Where(c => c.Second), c => c.First), figures.Against!.Sensitivity);
                AssertFigure(Share(calls.Where(c => !c.Second), c => !c.First), figures.Against.Specificity);
                AssertFigure(Share(calls.Where(c => c.First), c => c.Second), figures.Against.PositivePredictiveValue);
                AssertFigure(Share(calls.Where(c => !c.First), c => !c.Second), figures.Against.NegativePredictiveValue);
            }
        }
    }

    [Fact]
    public async Task RunAsync_OfAll_EqualsTheDefinitions()
    {
        var actual = await CompareAsync();

        AssertSame(_department.Readings, actual);
        Assert.Equal(6, actual.Pairs.Count);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task RunAsync_OfMovedAndWithdrawnStudiesAndBack_EqualsTheDefinitions()
    {
        await CompareAsync();
        // Every second patient of fifty turns out to be one and the same, and every third study to be another's.
        var moved = _department.Readings.Where(r => r.Study.ToString() != r.Patient).Select(r => r.Patient).Distinct().Order().Take(50)
            .Where((_, i) => i % 2 == 0).ToHashSet();
        var withdrawn = _department.Readings.Select(r => r.Study).Distinct().Where((_, i) => i % 3 == 0).ToHashSet();
        foreach (var number in moved)
        {
            await ChangedAsync(_clinic.Get<MergePatients>().RunAsync(
                new(number, "P-one", "one patient", await CountAsync(number), IsConfirmed: true), TestClinic.Lead, Cancellation));
        }

        foreach (var study in withdrawn)
        {
            await ChangedAsync(ChangeAsync(study, p => p with { IsWithdrawn = true }));
        }

        AssertSame(
            _department.Readings.Where(r => !withdrawn.Contains(r.Study))
                .Select(r => moved.Contains(r.Patient) ? r with { Patient = "P-one" } : r),
            await CompareAsync());
        foreach (var study in withdrawn)
        {
            await ChangedAsync(ChangeAsync(study, p => p with { IsWithdrawn = false }));
        }

        AssertSame(_department.Readings.Select(r => moved.Contains(r.Patient) ? r with { Patient = "P-one" } : r), await CompareAsync());
    }

    static async Task ChangedAsync(Task<ChangeStudyResult> change) => Assert.IsType<ChangeStudyResult.Changed>(await change);

    async Task<ChangeStudyResult> ChangeAsync(Guid id, Func<StudyParticulars, StudyParticulars> to)
    {
        var study = (await _clinic.Get<GetStudy>().RunAsync(id, isView: false, TestClinic.Lead, Cancellation))!;
        return await _clinic.Get<ChangeStudy>().RunAsync(
            new(id, to(study.Particulars), "another's film", study.Changes.Select(c => c.Id).FirstOrDefault(), IsConfirmed: true),
            TestClinic.Lead, Cancellation);
    }

    async Task<int> CountAsync(string number)
    {
        await using var db = _clinic.Context();
        return await db.Studies.CountAsync(s => s.PatientNumber == number, Cancellation);
    }

    [Fact]
    public async Task RunAsync_OfAll_CountsWhatIsLeftOut()
    {
        var studies = _department.Readings.DistinctBy(r => r.Study).ToList();

        var counts = (await CompareAsync()).Counts;

        Assert.Equal(
            new(
                ReadDepartment.Studies, _department.Readings.DistinctBy(r => r.Patient).Count(), _department.Readings.Count,
                studies.Count(s => s.Truth is not null),
                studies.Count(s => s.State == ReferenceState.Contradictory), studies.Count(s => s.State == ReferenceState.Indeterminate),
                studies.Count(s => s.State == ReferenceState.Missing),
                _department.Readings.Count(r => r.Blind is null),
                _department.Readings.Count(r => r.Blind == Opinion.Indeterminate || r.Final == Opinion.Indeterminate),
                _department.Readings.Count(r => r.Score is null), OfOtherDisease: 0),
            counts);
    }

    // The same resampling by another hand: whole patients, case by case, from another generator.
    [Theory]
    [InlineData(Party.Model, Party.Blind)]
    [InlineData(Party.Final, Party.Reference)]
    public async Task RunAsync_Intervals_AreThoseOfResampledPatients(Party first, Party second)
    {
        var random = new Random(5);
        var byPatient = Calls(_department.Readings, new(first, second)).GroupBy(c => c.Patient).Select(g => g.ToList()).ToList();
        var kappas = Enumerable.Range(0, 2000).Select(_ => Kappa([.. byPatient.SelectMany(_ => byPatient[random.Next(byPatient.Count)])]))
            .Order().ToList();

        var kappa = (await CompareAsync())[first, second].Kappa;

        Assert.Equal(kappas[50], kappa.Lower!.Value, 0.02);
        Assert.Equal(kappas[1949], kappa.Upper!.Value, 0.02);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task RunAsync_OfPatientsWithManyFilms_DoesNotTakeThemForManyPatients()
    {
        var at = new DateTimeOffset(2026, 1, 15, 9, 0, 0, TimeSpan.Zero);
        await using (var db = _clinic.Context())
        {
            // Thirty patients of eight films each, all eight agreed upon or none; the number's case is no other patient.
            for (var i = 0; i < 240; i++)
            {
                var (patient, round) = (i % 30, i / 30);
                var study = new Study
                {
                    PatientNumber = $"{(round % 2 == 0 ? 'q' : 'Q')}-{patient}",
                    PixelHash = $"many{i}",
                    ImageKey = "k",
                    ReceivedAt = at
                };
                db.Add(study);
                db.AddRange(
                    new[]
                    {
                        (ReadingStage.Blind, patient % 10 < 7 ? Opinion.Covid19 : Opinion.Normal), (ReadingStage.Final, Opinion.Covid19)
                    }.Select(r => new Reading
                    {
                        StudyId = study.Id,
                        ReaderId = TestClinic.Reader.UserId,
                        Stage = r.Item1,
                        Opinion = r.Item2,
                        Confidence = 3,
                        CreatedAt = at,
                        SubmissionId = Guid.NewGuid(),
                    }));
            }

            await db.SaveChangesAsync(Cancellation);
        }

        var figures = (await CompareAsync(new(From: new(2026, 1, 15), To: new(2026, 1, 15))))[Party.Blind, Party.Final];

        Assert.Equal((240, 30), (figures.Table.Total, figures.Patients));
        AssertFigure(0.7, figures.Observed);
        // The normal approximation for 30 independent patients; 240 independent films would give 0.12.
        Assert.Equal(2 * 1.96 * Math.Sqrt(0.7 * 0.3 / 30), (figures.Observed.Upper - figures.Observed.Lower)!.Value, 0.04);
    }

    public static TheoryData<string> Filters => new(["reader", "version", "view", "sex", "age", "period"]);

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task RunAsync_WithAFilter_ComparesWhatItLeaves(string which)
    {
        (AgreementFilter Filter, Func<PutIn, bool> Left) wanted = which switch
        {
            "reader" => (new(ReaderId: TestClinic.OtherReader.UserId), r => r.Reader == TestClinic.OtherReader),
            "version" => (new(ModelVersionId: ReadDepartment.Version(1)), r => r.Version == 1),
            "view" => (new(View: ViewPosition.AP), r => r.View == ViewPosition.AP),
            "age" => (new(Age: AgeBand.From40To59), r => r.Age is >= 40 and < 60),
            "sex" => (new(Sex: Sex.Female), r => r.Sex == Sex.Female),
            _ =>
                (new(From: new(2026, 2, 5), To: new(2026, 2, 14)), r =>
                    r.Day >= new DateOnly(2026, 2, 5) && r.Day <= new DateOnly(2026, 2, 14)),
        };

        var left = _department.Readings.Where(wanted.Left).ToList();
        Assert.InRange(left.Count, 50, _department.Readings.Count - 20);
        AssertSame(left, await CompareAsync(wanted.Filter));
    }

    [Fact]
    public async Task RunAsync_WithOneSource_TakesItsWordAlone()
    {
        var counts = (await CompareAsync(new(Reference: ReferencePolicy.Consensus))).Counts;

        var contradicted = _department.Readings.DistinctBy(r => r.Study).Count(r => r.State == ReferenceState.Contradictory);
        Assert.Equal(
            (contradicted, 0, ReadDepartment.Studies - contradicted), (counts.Settled, counts.Contradictory, counts.WithoutReference));
    }

    [Fact]
    public async Task RunAsync_OfAll_TellsWhoWasCorrectedAndWhoMisled()
    {
        var actual = await CompareAsync();

        Assert.Equal([TestClinic.OtherReader.UserName, TestClinic.Reader.UserName], actual.Readers.Select(r => r.Name));
        foreach (var (readings, switches) in actual.Readers
            .Select(r => (_department.Readings.Where(p => p.Reader.UserId == r.ReaderId), r.Switches))
            .Append((_department.Readings, actual.Switches)))
        {
            var changed = readings.Where(r => r is { Score: not null, BlindCall: { } before, FinalCall: { } after } && before != after)
                .ToList();
            int corrected = changed.Count(r => r.Truth == r.FinalCall), misled = changed.Count(r => r.Truth == r.BlindCall);
            Assert.Equal(
                (corrected, misled, changed.Count(r => r.Truth is null)), (switches.Corrected, switches.Misled, switches.Unsettled));
            Assert.Equal(changed.Count(r => r.FinalCall == r.ModelCall), switches.ToModel);
            Assert.Equal((misled, corrected), (switches.Test.OnlyFirst, switches.Test.OnlySecond));
            Assert.True(corrected > 0 && misled > 0 && switches.Unsettled > 0);
        }
    }

    [Fact]
    public async Task RunAsync_AtAnotherPrevalence_WeighsSensitivityAndSpecificityByIt()
    {
        var actual = (await CompareAsync(new(Prevalence: 0.05)))[Party.Blind, Party.Reference].Against!;

        double se = actual.Sensitivity.Value!.Value, sp = actual.Specificity.Value!.Value;
        AssertFigure(se * 0.05 / ((se * 0.05) + ((1 - sp) * 0.95)), actual.Elsewhere!.Positive);
        AssertFigure(sp * 0.95 / ((sp * 0.95) + ((1 - se) * 0.05)), actual.Elsewhere.Negative);
        Assert.Null((await CompareAsync())[Party.Blind, Party.Reference].Against!.Elsewhere);
    }

    [Fact]
    public async Task RunAsync_OfBeforeAndAfter_WeighsTheStepsBetweenThem()
    {
        var steps = _department.Readings.Where(r => r is { BlindCall: not null, FinalCall: not null })
            .Select(r => (
                Before: r.BlindCall == true ? 4 + r.BlindConfidence : 5 - r.BlindConfidence,
                After: r.FinalCall == true ? 4 + r.FinalConfidence : 5 - r.FinalConfidence))
            .ToList();
        double observed = steps.Average(s => Math.Pow(s.Before - s.After, 2)), expected = steps.Average(
            a => steps.Average(b => Math.Pow(a.Before - b.After, 2)));

        var shift = (await CompareAsync()).Shift;

        Assert.Equal(steps.Count, shift.Readings);
        AssertFigure(1 - (observed / expected), shift.QuadraticKappa);
    }

    [Fact]
    public async Task RunAsync_OfReadersWithEachOther_CountsPairsOfCallsOfOneStudy()
    {
        var studies = _department.Readings.Where(r => r.BlindCall is not null).GroupBy(r => r.Study).Where(g => g.Count() == 2)
            .Select(g => g.Select(r => r.BlindCall == true).ToList()).ToList();
        double agree =
            studies.Count(s => s[0] == s[1]) / (double)studies.Count, share =
                studies.Average(s => s.Average(c => c ? 1.0 : 0)), n = 2 * studies.Count;
        var (fleiss, alpha) = ((share * share) + ((1 - share) * (1 - share)), 2 * share * (1 - share) * n / (n - 1));

        var between = (await CompareAsync()).Between;

        Assert.Equal((studies.Count, 2), (between.Studies, between.Readers));
        AssertFigure(agree, between.Calls.Observed);
        AssertFigure((agree - fleiss) / (1 - fleiss), between.Calls.Fleiss);
        AssertFigure(1 - ((1 - agree) / alpha), between.Calls.Alpha);
        AssertFigure(between.Suspicion.Value!.Value, between.Suspicion);
    }

    [Fact]
    public async Task RunAsync_Scores_CountEachPredictionOnce()
    {
        var scored = _department.Readings.DistinctBy(r => r.Study).Where(r => r is { Score: not null, Truth: not null }).ToList();
        var (sick, well) = (scored.Where(s => s.Truth == true).ToList(), scored.Where(s => s.Truth == false).ToList());
        var area = sick.Average(s => well.Average(w => s.Score > w.Score ? 1 : s.Score == w.Score ? 0.5 : 0));

        var scores = (await CompareAsync()).Scores;

        Assert.Equal(scored.Count, scores.Predictions);
        AssertFigure(area, scores.Area);
        AssertFigure(scored.Average(s => Math.Pow(s.Score!.Value - (s.Truth == true ? 1 : 0), 2)), scores.BrierScore);
        Assert.Equal(scored.Count, scores.Bins.Sum(b => b.Count));
    }

    [Fact]
    public async Task RunAsync_OfARadiologist_IsTheOwnReadingsAlone()
    {
        var own = await CompareAsync(actor: TestClinic.Reader);

        Assert.True(own.IsOwnOnly);
        Assert.Empty(own.Choices.Readers);
        Assert.Equal(TestClinic.Reader.UserName, Assert.Single(own.Readers).Name);
        AssertSame(_department.Readings.Where(r => r.Reader == TestClinic.Reader), own);
        Assert.Equal(0, (await CompareAsync(new(ReaderId: TestClinic.OtherReader.UserId), TestClinic.Reader)).Counts.Readings);
    }

    [Fact]
    public async Task RunAsync_OfTheAdministrator_IsRefused()
    {
        await Assert.ThrowsAsync<AccessRefusedException>(() => CompareAsync(actor: TestClinic.Admin));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<ListCases>().RunAsync(new(), new(), TestClinic.Admin, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<ExportCases>().RunAsync(new(), TestClinic.Admin, Cancellation));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task RunAsync_OfFewOrNone_SaysSoInWords(int daysAgo)
    {
        var day = daysAgo == 1 ? new DateOnly(2026, 3, 1) : new DateOnly(2026, 2, 3);

        var actual = await CompareAsync(new(From: day, To: day, ReaderId: TestClinic.Reader.UserId));

        Assert.True(actual.Counts.Readings < PairLimit);
        var figures = actual.Pairs.SelectMany(p => new[] { p.Observed, p.Kappa, p.Ac1, p.Against?.Sensitivity, p.Against?.Specificity })
            .OfType<Estimate>()
            .Concat([
                actual.Scores.Area, actual.Shift.LinearKappa, actual.Between.Calls.Alpha, actual.Between.Suspicion,
                actual.Scores.BrierScore, actual.Scores.CalibrationError,
                .. actual.Readers.SelectMany(r => new[] { r.Blind.Sensitivity, r.Final.Specificity })]);
        Assert.All(figures, f => Assert.True(
            f is { Value: null, Lower: null, Upper: null }
                && (f.Method == "no cases" || f.Method.StartsWith("too few", StringComparison.Ordinal)),
            f.ToString()));
        Assert.Empty(actual.Scores.Roc);
    }

    const int PairLimit = 10;
}
