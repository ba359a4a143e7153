using CovidCxr.Application.Agreement;
using CovidCxr.Domain.Readings;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Application.Tests.Agreement;

/// <summary>Figures are computed once for a version of the data, and never for one that is past.</summary>
public sealed class CaseCacheTests : IAsyncLifetime
{
    readonly Clinic clinic = new();
    ReadDepartment department = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => department = await ReadDepartment.FillAsync(clinic, Cancellation);

    public ValueTask DisposeAsync() => clinic.DisposeAsync();

    Task<Comparison> CompareAsync(AgreementFilter? filter = null) => clinic.Get<CompareReaders>().RunAsync(filter ?? new(), Clinic.Lead, Cancellation);

    async Task AddAsync(object row)
    {
        await using var db = clinic.Context();
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
        await using var db = clinic.Context();
        var old = await db.Readings.FirstAsync(r => r.Stage == ReadingStage.Final && r.Opinion == Opinion.Covid19
            && db.Readings.Any(b => b.StudyId == r.StudyId && b.ReaderId == r.ReaderId && b.Stage == ReadingStage.Blind && b.Opinion != Opinion.Indeterminate) && !db.Readings.Any(o => o.SupersedesId == r.Id), Cancellation);

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
        Assert.Equal((before.Counts.Readings, before.Counts.IndeterminateReadings), (after.Counts.Readings, after.Counts.IndeterminateReadings - 1));
    }

    [Fact]
    public async Task RunAsync_AfterAReference_CountsIt()
    {
        var before = (await CompareAsync()).Counts;
        var study = department.Readings.First(r => r.State == ReferenceState.Missing).Study;

        await AddAsync(new ReferenceFinding { StudyId = study, Source = ReferenceSource.FollowUp, Result = ReferenceResult.Negative, FoundOn = new(2026, 2, 2), EnteredByName = "lead" });

        Assert.Equal((before.Settled + 1, before.WithoutReference - 1), (await CompareAsync()).Counts is var after ? (after.Settled, after.WithoutReference) : default);
    }

    [Fact]
    public async Task RunAsync_OfALeadAndAReader_DoesNotMixThem()
    {
        await CompareAsync();

        var own = await clinic.Get<CompareReaders>().RunAsync(new(), Clinic.Reader, Cancellation);

        Assert.Equal(department.Readings.Count(r => r.Reader == Clinic.Reader), own.Counts.Readings);
    }
}
