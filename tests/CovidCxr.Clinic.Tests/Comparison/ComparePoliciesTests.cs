using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Statistics;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Comparison;

/// <summary>The policies' arms against the same figures computed here, from what was put in, by their definitions.</summary>
public sealed class ComparePoliciesTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    ReadDepartment _department = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _department = await ReadDepartment.FillAsync(_clinic, Cancellation);

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<PolicyComparison> CompareAsync(AgreementFilter? filter = null) =>
        _clinic.Get<ComparePolicies>().RunAsync(filter ?? new(), TestClinic.Lead, Cancellation);

    async Task AddAsync(object row)
    {
        await using var db = _clinic.Context();
        db.Add(row);
        await db.SaveChangesAsync(Cancellation);
    }

    /// <summary>
    /// More concurrent readings than the department has: the other reader, of the same studies, always as the model says.
    /// </summary>
    async Task<List<PutIn>> ReadConcurrentlyAsync()
    {
        List<PutIn> added = [];
        await using var db = _clinic.Context();
        foreach (var r in _department.Readings.Where(r => r.Score is not null && _department.Readings.Count(o => o.Study == r.Study) == 1))
        {
            var reader = r.Reader == TestClinic.Reader ? TestClinic.OtherReader : TestClinic.Reader;
            var opinion = r.ModelCall == true ? Opinion.Covid19 : Opinion.Normal;
            added.Add(r with { Reader = reader, Blind = null, Final = opinion });
            db.Add(new Reading
            {
                StudyId = r.Study,
                ReaderId = reader.UserId,
                Stage = ReadingStage.Concurrent,
                Opinion = opinion,
                Confidence = 3,
                PredictionId = await db.Predictions.Where(p => p.StudyId == r.Study).Select(p => p.Id).SingleAsync(Cancellation),
                CreatedAt = new(r.Day, new(10, 0), TimeSpan.Zero),
                SubmissionId = Guid.NewGuid(),
            });
        }

        await db.SaveChangesAsync(Cancellation);
        return added;
    }

    static List<(bool Call, bool Truth, bool Model, string Patient)> Calls(IEnumerable<PutIn> readings, Func<PutIn, bool?> call) =>
        [.. readings.Where(r => call(r) is not null && r.Truth is not null).Select(
            r => (call(r)!.Value, r.Truth!.Value, r.ModelCall!.Value, r.Patient))];

    static double Sensitivity(IEnumerable<(bool Call, bool Truth, bool Model, string Patient)> calls) =>
        calls.Where(c => c.Truth).Average(c => c.Call ? 1.0 : 0);

    static double Specificity(IEnumerable<(bool Call, bool Truth, bool Model, string Patient)> calls) =>
        calls.Where(c => !c.Truth).Average(c => c.Call ? 0 : 1.0);

    static double Agreement(IEnumerable<(bool Call, bool Truth, bool Model, string Patient)> calls) =>
        calls.Average(c => c.Call == c.Truth ? 1.0 : 0);

    static void AssertIs(double expected, Estimate actual)
    {
        Assert.Equal(expected, actual.Value!.Value, 1e-12);
        Assert.True(actual.Lower <= actual.Value && actual.Value <= actual.Upper, actual.ToString());
    }

    static void AssertArms(IReadOnlyList<PutIn> blinded, IReadOnlyList<PutIn> concurrent, PolicyComparison actual)
    {
        var (before, after, model) =
            (Calls(blinded, r => r.BlindCall), Calls(blinded, r => r.FinalCall), Calls(concurrent, r => r.FinalCall));
        foreach (var (arm, of, calls) in new[]
        {
            (ReadingArm.Before, blinded, before), (ReadingArm.After, blinded, after), (ReadingArm.Concurrent, concurrent, model)
        })
        {
            var figures = actual[arm];
            Assert.Equal(
                (of.Count, of.DistinctBy(r => r.Reader).Count(), of.DistinctBy(r => r.Patient).Count()),
                (figures.Readings, figures.Readers, figures.Patients));
            AssertIs(Sensitivity(calls), figures.Sensitivity);
            AssertIs(Specificity(calls), figures.Specificity);
            AssertIs(Agreement(calls), figures.Agreement);
        }

        AssertIs(Sensitivity(model) - Sensitivity(before), actual.Differences[0].Sensitivity);
        AssertIs(Specificity(model) - Specificity(after), actual.Differences[1].Specificity);
        AssertIs(Agreement(model) - Agreement(after), actual.Differences[1].Agreement);
    }

    [Fact]
    public async Task RunAsync_WithoutALot_ComparesAllAndSaysSo()
    {
        var added = await ReadConcurrentlyAsync();
        var answered = _department.Readings.Concat(added).Where(r => r.Score is not null).ToList();

        var actual = await CompareAsync();

        Assert.Equal(
            (false, 0, 0, _department.Readings.Count(r => r.Score is null)),
            (actual.IsByLot, actual.Asked, actual.Elsewhere, actual.WithoutModel));
        AssertArms([.. answered.Where(r => r.Blind is not null)], [.. answered.Where(r => r.Blind is null)], actual);
    }

    [Fact]
    public async Task RunAsync_OfDaysByLot_LeavesOutWhatFollowsNoLot()
    {
        var added = await ReadConcurrentlyAsync();
        // In force from the fourth day on.
        var change = new ReadingPolicyChange
        {
            Policy = ReadingPolicy.RandomisedByDay,
            Seed = 11,
            ChangedByName = "lead",
            ChangedAt = new(2026, 2, 4, 0, 0, 0, TimeSpan.Zero)
        };
        await AddAsync(change);
        var answered = _department.Readings.Concat(added).Where(r => r.Score is not null).ToList();
        var byLot = answered.Where(r =>
            r.Day >= new DateOnly(2026, 2, 4)
                && change.On(r.Day) == (r.Blind is null ? ReadingPolicy.Concurrent : ReadingPolicy.BlindedFirst))
            .ToList();

        var actual = await CompareAsync();

        Assert.Equal((true, answered.Count - byLot.Count), (actual.IsByLot, actual.Elsewhere));
        foreach (var arm in actual.Arms)
        {
            var listed = await _clinic.Get<ListCases>().RunAsync(new(), new(Arm: arm.Arm), TestClinic.Lead, Cancellation, pageSize: 1000);
            Assert.Equal(
                byLot.Where(r => (r.Blind is null) == (arm.Arm == ReadingArm.Concurrent)).Select(r => (r.Study, r.Reader.UserName)).Order(),
                listed.Cases.Select(c => (c.StudyId, c.ReaderName)).Order());
            Assert.Equal(arm.Readings, listed.Total);
        }

        AssertArms([.. byLot.Where(r => r.Blind is not null)], [.. byLot.Where(r => r.Blind is null)], actual);

        // Whose answer the reader saw on an earlier day is in neither arm; the same day's sight is what concurrent means.
        var (seen, today) = (byLot.First(r => r.Blind is null), byLot.Last(r => r.Blind is null));
        await AddAsync(Seen(seen, seen.Day.AddDays(-1)));
        await AddAsync(Seen(today, today.Day));
        var blinded = byLot.First(r => r.Blind is not null);
        await AddAsync(Seen(blinded, blinded.Day));

        var without = await CompareAsync();

        Assert.Equal((2, actual.Elsewhere), (without.Disclosed, without.Elsewhere));
        AssertArms(
            [.. byLot.Where(r => r.Blind is not null && r != blinded)], [.. byLot.Where(r => r.Blind is null && r != seen)], without);

        // What has left this program was shown to everybody, and nobody's earlier opinion suffers from it.
        var left = byLot.Last(r => r.Blind is null && r != today && r != seen);
        await AddAsync(new Disclosure
        {
            ReaderId = Disclosure.Everybody,
            StudyId = left.Study,
            At = new(left.Day.AddDays(-1), new(8, 0), TimeSpan.Zero)
        });
        var tooLate = byLot.Last(r => r.Blind is not null && r != blinded);
        await AddAsync(new Disclosure
        {
            ReaderId = Disclosure.Everybody,
            StudyId = tooLate.Study,
            At = new(tooLate.Day.AddDays(1), new(8, 0), TimeSpan.Zero)
        });

        Assert.Equal(3, (await CompareAsync()).Disclosed);

        static Disclosure Seen(PutIn reading, DateOnly day) =>
            new() { ReaderId = reading.Reader.UserId, StudyId = reading.Study, At = new(day, new(8, 0), TimeSpan.Zero) };
    }

    // Whole patients, drawn by another hand, into both arms at once.
    [Fact]
    public async Task RunAsync_IntervalOfADifference_IsThatOfResampledPatients()
    {
        var added = await ReadConcurrentlyAsync();
        var answered = _department.Readings.Concat(added).Where(r => r.Score is not null).ToList();
        var random = new Random(6);
        var byPatient = answered.GroupBy(r => r.Patient).Select(g => g.ToList()).ToList();
        var differences = Enumerable.Range(0, 2000).Select(_ =>
        {
            var drawn = byPatient.SelectMany(_ => byPatient[random.Next(byPatient.Count)]).ToList();
            return Agreement(Calls(drawn.Where(r => r.Blind is null), r => r.FinalCall))
                - Agreement(Calls(drawn.Where(r => r.Blind is not null), r => r.BlindCall));
        }).Order().ToList();

        var actual = (await CompareAsync()).Differences[0].Agreement;

        Assert.Equal(differences[50], actual.Lower!.Value, 0.02);
        Assert.Equal(differences[1949], actual.Upper!.Value, 0.02);
    }

    [Fact]
    public async Task RunAsync_OfReadingsThatWereAskedFor_LeavesThemOut()
    {
        var asked = _department.Readings.First(r => r is { Score: not null, Blind: not null });
        await AddAsync(new ReadRequest
        {
            StudyId = asked.Study,
            Kind = ReadRequestKind.Adjudication,
            ReaderId = asked.Reader.UserId,
            AskedAt = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)
        });

        Assert.Equal(1, (await CompareAsync()).Asked);
    }

    [Fact]
    public async Task RunAsync_OfFewReadings_SaysSoInWords()
    {
        var actual = await CompareAsync(new(From: _department.Readings[0].Day, To: _department.Readings[0].Day));

        Assert.InRange(actual[ReadingArm.Concurrent].Readings, 0, 9);
        Assert.All(actual.Differences, d => Assert.Matches("^(too few|no cases)", d.Sensitivity.Method));
        Assert.All(actual.Differences, d => Assert.Null(d.Kappa.Value));
    }

    [Fact]
    public async Task RunAsync_OfWhoIsNotTheLead_Throws() =>
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<ComparePolicies>().RunAsync(new(), TestClinic.Reader, Cancellation));
}
