using CovidCxr.Clinic.References;
using CovidCxr.Clinic.Tests.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.References;

public sealed class SelectTrainingTruthTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    [Fact]
    public async Task RunAsync_OfADepartment_TakesReferencesAndBlindReadingsAlone()
    {
        var department = await ReadDepartment.FillAsync(_clinic, Cancellation);
        var studies = department.Readings.GroupBy(r => r.Study).ToDictionary(g => g.Key, g => g.ToList());
        var byReference = studies.Where(s => s.Value[0].Truth is not null).ToDictionary(s => s.Key, s => s.Value[0].Truth!.Value);
        var byReadings = studies.Where(s => s.Value[0].State == ReferenceState.Missing)
            .Select(s => (s.Key, Blind: s.Value.Where(r => r.Blind is not null).ToList()))
            .Where(s =>
                s.Blind.Count > 0 && s.Blind.All(r => r.BlindCall is not null) && s.Blind.Select(r => r.BlindCall).Distinct().Count() == 1)
            .ToDictionary(s => s.Key, s => s.Blind[0].BlindCall!.Value);

        var selected = await _clinic.Get<SelectTrainingTruth>().RunAsync(TestClinic.Admin, Cancellation);

        Assert.Equal(
            byReference,
            selected.Studies.Where(s => s.Label.Source == TrainingSource.Reference).ToDictionary(s => s.StudyId, s => s.Label.IsPositive));
        Assert.Equal(byReadings, selected.Studies.Where(s => s.Label.Source == TrainingSource.BlindReadings).ToDictionary(
            s => s.StudyId, s => s.Label.IsPositive));
        Assert.Equal(
            studies.Count(s => s.Value[0].State == ReferenceState.Missing && s.Value.All(r => r.Blind is null)), selected.OnlyWithModel);
        Assert.Equal(ReadDepartment.Studies, selected.Studies.Count + selected.OnlyWithModel + selected.Unclear);
        Assert.True(byReference.Count > 50 && byReadings.Count > 10 && selected is { OnlyWithModel: > 0, Unclear: > 0 });
    }

    [Fact]
    public async Task RunAsync_OfARadiologist_IsRefused() =>
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<SelectTrainingTruth>().RunAsync(TestClinic.Reader, Cancellation));
}
