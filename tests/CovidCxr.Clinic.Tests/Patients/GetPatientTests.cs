using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Patients;
using CovidCxr.Clinic.References;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Patients;

/// <summary>The visits of one patient, and what of them each person may know.</summary>
public sealed class GetPatientTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    Guid _first, _second;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _second = await AddAsync(seed: 2, new(2026, 2, 24), severity: 1.5);
        _first = await AddAsync(seed: 1, new(2026, 2, 20), severity: 0.5);
        await _clinic.UploadAsync(seed: 3, patient: "P-2");
        await _clinic.Get<RecordReference>().RunAsync(
            new(new(_first, null, null), ReferenceSource.RtPcr, ReferenceResult.Positive, new(2026, 2, 21)), TestClinic.Lead, Cancellation);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<Guid> AddAsync(int seed, DateOnly on, double severity)
    {
        var id = ((ImportStudyResult.Imported)await _clinic.Get<ImportStudy>().RunAsync(
            TestClinic.Film(seed), new("P-1", AcquiredOn: on), TestClinic.Reader, Cancellation)).StudyId;
        await _clinic.PredictAsync(id, probability: 0.7);
        await using var db = _clinic.Context();
        var row = db.Entry(await db.Predictions.SingleAsync(p => p.StudyId == id, Cancellation));
        row.Property(p => p.SeverityZones).CurrentValue = [severity, severity, severity, severity, severity, severity];
        row.Property(p => p.SeverityLower).CurrentValue = (6 * severity) - 1;
        row.Property(p => p.SeverityUpper).CurrentValue = (6 * severity) + 1;
        await db.SaveChangesAsync(Cancellation);
        return id;
    }

    async Task<Patient> OpenAsync(Actor actor) =>
        (await _clinic.Get<GetPatient>().RunAsync(" p-1 ", isView: true, actor, Cancellation))!;

    [Fact]
    public async Task RunAsync_ForTheLead_IsTheWholeCourseOldestFirst()
    {
        var patient = await OpenAsync(TestClinic.Lead);

        Assert.Equal(("P-1", 2), (patient.Number, patient.Total));
        Assert.Equal([_first, _second], patient.Films.Select(f => f.StudyId));
        Assert.Equal([3.0, 9.0], patient.Films.Select(f => f.Severity!.Sum));
        Assert.Equal(new(2026, 2, 20), patient.Films[0].Severity!.On);
        Assert.Equal(new("COVID-19", 0.7, 0.5, 1), patient.Films[1].Score);
        Assert.Equal(new(ReferenceSource.RtPcr, ReferenceResult.Positive, new(2026, 2, 21)), Assert.Single(patient.Films[0].References));
        Assert.Equal(
            [_first, _second],
            (await _clinic.AuditAsync(AuditAction.StudyView)).Where(a => a.Detail == "patient page").Select(a => a.StudyId!.Value)
                .OrderBy(id => id == _second));
    }

    [Fact]
    public async Task RunAsync_TellsTheViewsOfAVisit()
    {
        await _clinic.Get<AddStudyImage>().RunAsync(
            _first, TestClinic.Film(seed: 9), ViewPosition.Lateral, TestClinic.Reader, Cancellation);

        Assert.Equal([[ViewPosition.Lateral], []], (await OpenAsync(TestClinic.Reader)).Films.Select(f => f.FurtherViews));
    }

    [Fact]
    public async Task RunAsync_ForABlindedReader_TellsOfEachFilmOnlyOnceItIsRead()
    {
        Assert.All((await OpenAsync(TestClinic.Reader)).Films, f => Assert.True(
            f is { IsHidden: true, Score: null, Severity: null, Readings: [], References: [] }));

        await _clinic.ReadAsync(_first, ReadingStage.Blind, opinion: Opinion.Covid19);
        var locked = (await OpenAsync(TestClinic.Reader)).Films[0];
        Assert.True(locked is { IsHidden: false, Score: not null, Severity: not null, References: [] }, "The truth waits for the end.");

        await using var db = _clinic.Context();
        var shown = await db.Predictions.Where(p => p.StudyId == _first).Select(p => p.Id).SingleAsync(Cancellation);
        await _clinic.ReadAsync(_first, ReadingStage.Final, opinion: Opinion.Covid19, shown: shown);
        await _clinic.ReadAsync(_first, ReadingStage.Blind, TestClinic.OtherReader);
        var films = (await OpenAsync(TestClinic.Reader)).Films;
        var reading = Assert.Single(films[0].Readings);
        Assert.Equal(("reader", true, Opinion.Covid19), (reading.ReaderName, reading.IsOwn, reading.Opinion));
        Assert.Single(films[0].References);
        Assert.True(films[1].IsHidden);
        // Nobody else's, and nothing of the locked one.
        Assert.Empty((await OpenAsync(TestClinic.OtherReader)).Films[0].Readings);
        Assert.Empty(await DisclosedAsync());
    }

    [Fact]
    public async Task RunAsync_OnAConcurrentDay_NotesWhatWasShown()
    {
        await _clinic.SetPolicyAsync(ReadingPolicy.Concurrent);

        Assert.All((await OpenAsync(TestClinic.Reader)).Films, f => Assert.NotNull(f.Score));

        Assert.Equal(2, (await DisclosedAsync()).Count);
    }

    [Fact]
    public async Task RunAsync_OfWithdrawnAndUnknown_ListsThemApart()
    {
        await _clinic.Get<ChangeStudy>().RunAsync(
            new(_first, new("P-1", Sex.Unknown, null, null, ViewPosition.Unknown, new(2026, 2, 20), IsWithdrawn: true), "useless", 0),
            TestClinic.Lead, Cancellation);

        var patient = await OpenAsync(TestClinic.Lead);

        Assert.Equal((_second, _first), (Assert.Single(patient.Films).StudyId, Assert.Single(patient.Withdrawn).StudyId));
        Assert.Null(await _clinic.Get<GetPatient>().RunAsync("P-%", isView: true, TestClinic.Lead, Cancellation));
        Assert.Null(await _clinic.Get<GetPatient>().RunAsync(" ", isView: true, TestClinic.Lead, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => OpenAsync(TestClinic.Admin));
    }

    async Task<List<Disclosure>> DisclosedAsync()
    {
        await using var db = _clinic.Context();
        return await db.Disclosures.ToListAsync(Cancellation);
    }
}
