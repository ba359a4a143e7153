using System.Text.Json;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Learning.Gate;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Studies;

/// <summary>What speaks against the version stands beside its answer, and nowhere before the answer may be seen.</summary>
public sealed class VersionWarningTests : IAsyncLifetime
{
    static readonly Guid Version = TestClinic.Numbered(0xCC);

    readonly TestClinic _clinic = new();
    Guid _study;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await using (var db = _clinic.Context())
        {
            db.ModelVersions.Add(new()
            {
                Id = Version,
                Number = 1,
                Name = "m",
                Architecture = "resnet18",
                Sha256 = "0",
                FileKey = "m",
                HeaderJson = (TestHeader.Of() with
                {
                    Metrics = [new("blacked out", ModelWarnings.KeptFigure, 0.45, 0.29, 0.59, 60, "bootstrap")],
                }).ToJson(),
            });
            db.GateResults.AddRange(new[] { GateVerdict.Refused, GateVerdict.Passed }.Select(verdict => new Domain.Models.GateResult
            {
                ModelVersionId = Version,
                RunId = Guid.NewGuid(),
                Evidence = TestModels.Evidence("0", verdict),
            }));
            await db.SaveChangesAsync(Cancellation);
        }

        _study = await _clinic.UploadAsync();
        await _clinic.PredictAsync(_study);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<StudyDetail> OpenAsync(Actor actor) =>
        (await _clinic.Get<GetStudy>().RunAsync(_study, isView: false, actor, Cancellation))!;

    [Fact]
    public async Task Detail_OfWhoMaySeeTheAnswer_HasWhatTheGateAndTheCardSayAgainstIt()
    {
        var warnings = (await OpenAsync(TestClinic.Lead)).Prediction!.Warnings;

        Assert.Equal(
            "The gate has refused this version, and 0.45 of its positive calls stay with the lungs blacked out.", warnings.Sentence);
        Assert.Equal("The gate has refused this version: border only.", warnings.Gate!.Words);
    }

    [Fact]
    public async Task Detail_OfABlindedReader_HasNoneOfIt_UntilTheOwnReadingIsLocked()
    {
        foreach (var reader in new[] { TestClinic.Reader, TestClinic.ReadingLead })
        {
            var seen = JsonSerializer.Serialize(await OpenAsync(reader));
            Assert.All(
                ["gate", "blacked", "0.45", "refused", "warning"],
                w => Assert.DoesNotContain(w, seen, StringComparison.OrdinalIgnoreCase));
        }

        await _clinic.ReadAsync(_study, ReadingStage.Blind);

        Assert.NotNull((await OpenAsync(TestClinic.Reader)).Prediction!.Warnings.Sentence);
        Assert.Null((await OpenAsync(TestClinic.ReadingLead)).Prediction);
    }
}
