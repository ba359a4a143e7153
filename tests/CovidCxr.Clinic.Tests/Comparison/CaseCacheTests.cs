using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Comparison;

/// <summary>Figures are computed once for a version of the data, and never for one that is past.</summary>
public sealed class CaseCacheTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    ReadDepartment _department = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _department = await ReadDepartment.FillAsync(_clinic, Cancellation);

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<AgreementFigures> CompareAsync(AgreementFilter? filter = null) =>
        _clinic.Get<CompareReaders>().RunAsync(filter ?? new(), TestClinic.Lead, Cancellation);

    async Task AddAsync(object row)
    {
        await using var db = _clinic.Context();
        db.Add(row);
        await db.SaveChangesAsync(Cancellation);
    }

    [Fact]
    public async Task RunAsync_OfTheSameDataTwice_ComputesOnce()
    {
        var first = await CompareAsync();

        Assert.Same(first.Pairs, (await CompareAsync()).Pairs);
        Assert.NotSame(first.Pairs, (await CompareAsync(new(Reference: ReferencePolicy.RtPcr))).Pairs);
    }

    [Fact]
    public async Task RunAsync_AfterACorrection_CountsTheCorrectedReading()
    {
        var before = await CompareAsync();
        await using var db = _clinic.Context();
        var old = await db.Readings.FirstAsync(r => r.Stage == ReadingStage.Final && r.Opinion == Opinion.Covid19
            && db.Readings.Any(b =>
                b.StudyId == r.StudyId && b.ReaderId == r.ReaderId && b.Stage == ReadingStage.Blind && b.Opinion != Opinion.Indeterminate)
            && !db.Readings.Any(o => o.SupersedesId == r.Id), Cancellation);

        await AddAsync(new Reading
        {
            StudyId = old.StudyId,
            ReaderId = old.ReaderId,
            Stage = old.Stage,
            Opinion = Opinion.Indeterminate,
            Confidence = 1,
            PredictionId = old.PredictionId,
            SupersedesId = old.Id,
            CreatedAt = old.CreatedAt,
            SubmissionId = Guid.NewGuid(),
        });

        var after = await CompareAsync();
        Assert.Equal(
            (before.Counts.Readings, before.Counts.IndeterminateReadings), (after.Counts.Readings, after.Counts.IndeterminateReadings - 1));
    }

    [Fact]
    public async Task RunAsync_AfterAReference_CountsIt()
    {
        var before = (await CompareAsync()).Counts;
        var study = _department.Readings.First(r => r.State == ReferenceState.Missing).Study;

        await AddAsync(new ReferenceFinding
        {
            StudyId = study,
            Source = ReferenceSource.FollowUp,
            Result = ReferenceResult.Negative,
            FoundOn = new(2026, 2, 2),
            EnteredByName = "lead"
        });

        Assert.Equal(
            (before.Settled + 1, before.WithoutReference - 1),
            (await CompareAsync()).Counts is var after ? (after.Settled, after.WithoutReference) : default);
    }

    [Fact]
    public async Task RunAsync_OfALeadAndAReader_DoesNotMixThem()
    {
        await CompareAsync();

        var own = await _clinic.Get<CompareReaders>().RunAsync(new(), TestClinic.Reader, Cancellation);

        Assert.Equal(_department.Readings.Count(r => r.Reader == TestClinic.Reader), own.Counts.Readings);
    }

    static string Digest(AgreementFigures c) => string.Join('\n', [
        c.Counts.ToString(), c.Shift.ToString(), c.Between.ToString(), $"{c.Switches}",
        .. c.Pairs.Select(p => $"{p.Pair} {string.Join(' ', p.Table.Counts.ToArray())} {p.Kappa} {p.Against?.Sensitivity} {p.Patients}"),
        .. c.Readers.Select(r => r.ToString()), .. c.Scores.Bins.Select(b => b.ToString()), $"{c.Scores.Area}"]);

    // What came since is added to what is kept; a cache that knows nothing reads everything.
    async Task AssertAsIfLoadedAnewAsync()
    {
        var contexts = _clinic.Get<IDbContextFactory<Storage.CovidCxrDbContext>>();
        using var cache = new CaseCache(contexts);
        var anew = await new CompareReaders(contexts, cache, _clinic.Get<RevealedCases>()).RunAsync(new(), TestClinic.Lead, Cancellation);
        Assert.Equal(Digest(anew), Digest(await CompareAsync()));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task RunAsync_AfterEachOfManyChanges_IsAsIfLoadedAnew()
    {
        var before = Digest(await CompareAsync());
        Guid study = _department.Readings.First(r => r is { State: ReferenceState.Missing, Score: not null }).Study, prediction;
        await using (var db = _clinic.Context())
        {
            prediction = await db.Predictions.Where(p => p.StudyId == study).Select(p => p.Id).SingleAsync(Cancellation);
        }

        // Somebody new reads an old study and a new one, blind, then after the model, and corrects it twice at once.
        var film = new Domain.Studies.Study { PatientNumber = "p-3", PixelHash = "newer", ImageKey = "newer" };
        await AddAsync(film);
        await AddAsync(Finding(film.Id, ReferenceSource.RtPcr, ReferenceResult.Positive));
        await AddAsync(Said(study, ReadingStage.Blind, Opinion.Covid19));
        await AssertAsIfLoadedAnewAsync();
        await AddAsync(Said(film.Id, ReadingStage.Blind, Opinion.Normal));
        var first = Said(study, ReadingStage.Final, Opinion.Normal, prediction);
        await AddAsync(first);
        await AssertAsIfLoadedAnewAsync();
        var second = Said(study, ReadingStage.Final, Opinion.Covid19, prediction, first.Id);
        await AddAsync(second);
        await AddAsync(Said(study, ReadingStage.Final, Opinion.OtherPneumonia, prediction, second.Id));
        await AddAsync(Said(film.Id, ReadingStage.Final, Opinion.Covid19));
        await AssertAsIfLoadedAnewAsync();

        // A reference, its successor, and another that contradicts it.
        var found = Finding(study, ReferenceSource.FollowUp, ReferenceResult.Negative);
        await AddAsync(found);
        await AddAsync(Finding(study, ReferenceSource.FollowUp, ReferenceResult.Positive, found.Id));
        await AssertAsIfLoadedAnewAsync();
        await AddAsync(Finding(film.Id, ReferenceSource.Consensus, ReferenceResult.Negative));
        await AssertAsIfLoadedAnewAsync();

        // One that was made earlier than what is known, and written later.
        await AddAsync(Said(
            _department.Readings[^1].Study, ReadingStage.Concurrent, Opinion.Covid19,
            id: Guid.CreateVersion7(new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero))));
        await AssertAsIfLoadedAnewAsync();
        Assert.NotEqual(before, Digest(await CompareAsync()));

        static Reading Said(
            Guid study, ReadingStage stage, Opinion opinion, Guid? prediction = null, Guid? supersedes = null, Guid? id = null) => new()
            {
                Id = id ?? Guid.CreateVersion7(),
                StudyId = study,
                ReaderId = TestClinic.Lead.UserId,
                Stage = stage,
                Opinion = opinion,
                Confidence = 4,
                PredictionId = prediction,
                SupersedesId = supersedes,
                CreatedAt = new(2026, 2, 10, 8, 0, 0, TimeSpan.Zero),
                SubmissionId = Guid.NewGuid(),
            };

        static ReferenceFinding Finding(Guid study, ReferenceSource source, ReferenceResult result, Guid? supersedes = null) =>
            new()
            {
                StudyId = study,
                Source = source,
                Result = result,
                FoundOn = new(2026, 2, 2),
                EnteredByName = "lead",
                SupersedesId = supersedes
            };
    }
}
