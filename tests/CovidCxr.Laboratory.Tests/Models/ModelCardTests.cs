using CovidCxr.Domain.Models;
using CovidCxr.Laboratory.Evaluation;
using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Gate;
using CovidCxr.Statistics;
using CovidCxr.Testing;

namespace CovidCxr.Laboratory.Tests.Models;

/// <summary>What a card says against its version.</summary>
public sealed class ModelCardTests : IAsyncDisposable
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    [Fact]
    public async Task Card_OfAVersion_HasTheWarningsOfItsOwnResultsAlone()
    {
        ModelVersion[] versions = [Version(1), Version(2)];
        await using (var db = _clinic.Context())
        {
            db.ModelVersions.AddRange(versions);
            db.GateResults.Add(new()
            {
                ModelVersionId = versions[0].Id,
                RunId = Guid.NewGuid(),
                Evidence = TestModels.Evidence(versions[0].Sha256, GateVerdict.Refused),
            });
            await db.SaveChangesAsync(Cancellation);
        }

        async Task<string> GateAsync(ModelVersion version) =>
            (await _clinic.Get<GetModelCard>().RunAsync(version.Id, TestClinic.Lead, Cancellation))!.Warnings.Gate!.Words;

        Assert.Equal("The gate has refused this version: border only.", await GateAsync(versions[0]));
        Assert.Equal("The gate has not judged this version.", await GateAsync(versions[1]));
    }

    [Fact]
    public void Card_OfAnEvaluation_HasTheFigureThatIsWarnedOf()
    {
        var set = new FigureSet("films", 60, 34, 30, []);
        var report = new EvaluationReport(
            new("m", "tiny", "0", ["COVID-19", "Other"], "COVID-19", 0.5), "films", "test", [], [], set, [], new([], []),
            new([], Estimate.Undefined(0, "none")), new(null, null, []), [], "",
            new(set, set, "") { PositivesKept = new(0.45, 0.29, 0.59, 60, "bootstrap") }, [], default);

        var figure = Assert.Single(FigureList.OnCard(report), f => f.Name == ModelWarnings.KeptFigure);
        Assert.Equal((0.45, 0.29, 60), (figure.Value, figure.Lower, figure.Count));
    }

    static ModelVersion Version(int number) => new()
    {
        Number = number,
        Name = "m",
        Architecture = "resnet18",
        Sha256 = $"{number}",
        FileKey = $"{number}",
        HeaderJson = TestHeader.Of().ToJson(),
    };
}
