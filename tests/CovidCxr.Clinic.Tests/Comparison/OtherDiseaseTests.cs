using System.Text;
using CovidCxr.Clinic.Adjudication;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Exports;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Comparison;

/// <summary>
/// Three readings: one beside a model of COVID-19, and two beside a model of tuberculosis, which answers about something else than the
/// readers and is compared with none of them.
/// </summary>
public sealed class OtherDiseaseTests : IAsyncLifetime
{
    static readonly string[] Classes = ["Normal", "Tuberculosis"];

    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await ReadAsync(seed: 1, score: 0.9, null, Opinion.Covid19, Opinion.Covid19);
        // Where tuberculosis were COVID-19, the first two would be discordant and the first would have gone over to the model.
        await ReadAsync(seed: 2, score: 0.9, Classes, Opinion.Normal, Opinion.Covid19);
        await ReadAsync(seed: 3, score: 0.1, Classes, Opinion.Covid19, Opinion.Covid19);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task ReadAsync(int seed, double score, string[]? classes, Opinion blind, Opinion final)
    {
        var study = await _clinic.UploadAsync(seed, $"P-{seed}");
        var answer = await _clinic.PredictAsync(study, score, classes: classes);
        await _clinic.ReadAsync(study, ReadingStage.Blind, opinion: blind);
        await _clinic.ReadAsync(study, ReadingStage.Final, shown: answer, opinion: final);
    }

    [Fact]
    public async Task Comparison_CountsNoAnswerOfAnotherDiseaseAndSaysHowMany()
    {
        var figures = await _clinic.Get<CompareReaders>().RunAsync(new(), TestClinic.Lead, Cancellation);

        Assert.Equal((3, 0, 2), (figures.Counts.Readings, figures.Counts.WithoutModel, figures.Counts.OfOtherDisease));
        Assert.Equal([1, 0, 0, 0], figures[Party.Model, Party.Blind].Table.Counts);
        Assert.Equal([1, 0, 0, 0], figures[Party.Model, Party.Final].Table.Counts);
        // Opinions before and after are the reader's own, whatever stood beside them.
        Assert.Equal(3, figures[Party.Blind, Party.Final].Table.Total);
        Assert.Equal((1, 0, 0), (figures.Switches.Revealed, figures.Switches.Total, figures.Switches.ToModel));
    }

    [Fact]
    public async Task Policies_LeaveOutAnswersOfAnotherDisease()
    {
        var comparison = await _clinic.Get<ComparePolicies>().RunAsync(new(), TestClinic.Lead, Cancellation);

        Assert.Equal((1, 0, 2), (comparison[ReadingArm.Before].Readings, comparison.WithoutModel, comparison.OfOtherDisease));
    }

    [Fact]
    public async Task Discordances_AreAboutTheReadDiseaseAlone() =>
        Assert.Equal(0, (await _clinic.Get<ListDiscordances>().RunAsync(new(), isOpen: true, TestClinic.Lead, Cancellation)).Total);

    [Fact]
    public async Task Cases_NameTheModelsCallByItsOwnPositiveClass()
    {
        var page = await _clinic.Get<ListCases>().RunAsync(new(), new(), TestClinic.Lead, Cancellation);

        Assert.Equal(
            [("P-1", "COVID-19"), ("P-2", "Tuberculosis"), ("P-3", "not Tuberculosis")],
            page.Cases.Select(c => (c.PatientNumber!, c.ModelCall!)).Order());
    }

    [Fact]
    public async Task Export_NamesTheModelsCallByItsOwnPositiveClass()
    {
        var text = Encoding.UTF8.GetString(await _clinic.Get<ExportCases>().RunAsync(new(), TestClinic.Lead, Cancellation));

        Assert.Contains(",Normal,Tuberculosis,0.9,Covid19,", text, StringComparison.Ordinal);
        Assert.Contains(",Covid19,not Tuberculosis,0.1,Covid19,", text, StringComparison.Ordinal);
        Assert.Contains(",Covid19,COVID-19,0.9,Covid19,", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RegistryExport_NamesTheFindingAndComparesItWithNoReading()
    {
        using var stream = new MemoryStream();
        await _clinic.Get<ExportRegistry>().RunAsync(new(), stream, TestClinic.Lead, Cancellation);

        var lines = Encoding.UTF8.GetString(stream.ToArray()).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var names = lines[0].Split(',').ToList();
        string[][] cells = [.. lines.Skip(1).Select(l => l.Split(','))];
        Assert.Equal(
            [("COVID-19", "positive", "concordant"), ("Tuberculosis", "negative", ""), ("Tuberculosis", "positive", "")],
            cells.Select(c => (c[names.IndexOf("ai_finding")], c[names.IndexOf("ai_result")], c[names.IndexOf("concordance")])).Order());
    }
}
