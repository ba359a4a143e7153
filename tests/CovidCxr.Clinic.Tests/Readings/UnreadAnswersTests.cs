using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using CovidCxr.Clinic.Drift;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Statistics.Agreement;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Readings;

/// <summary>
/// Two departments that differ only in what the model said of studies that somebody has not read, while the policy hides it from that
/// person: whatever the person asks, the answers are the same, byte for byte. A row, a count, an order, an average, a chart, an alert and
/// a refusal alike.
/// </summary>
[Trait("Speed", "Slow")]
public sealed partial class UnreadAnswersTests
{
    static readonly JsonSerializerOptions Json = new()
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new TableConverter() },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { WithoutSome } },
    };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Questions_AreOfEveryUseCaseThatTakesAnActor()
    {
        var useCases = typeof(ListAlerts).Assembly.GetExportedTypes().SelectMany(t => t.GetMethods())
            .Where(m => m.GetParameters().Any(p => p.ParameterType == typeof(Actor)))
            // Records of the wings' own data, such as a request that names the actor, ask nothing.
            .Where(m => typeof(Task).IsAssignableFrom(m.ReturnType)).Select(m => $"{m.DeclaringType!.Name}.{m.Name}").Distinct();
        Guid[] studies = [Guid.Empty];

        var questions = EveryQuestion.Looking(studies).Concat(EveryQuestion.Changing(studies, [1])).Select(q => q.Name).Distinct();

        Assert.Equal(useCases.Order(), questions.Order());
    }

    [Theory]
    [InlineData(1, ReadingPolicy.BlindedFirst)]
    [InlineData(2, ReadingPolicy.BlindedFirst)]
    [InlineData(3, ReadingPolicy.Concurrent)]
    [InlineData(4, ReadingPolicy.RandomisedByDay)]
    [InlineData(5, ReadingPolicy.RandomisedByDay)]
    public async Task ReadingLead_CannotTellTheDepartmentsApart(int seed, ReadingPolicy policy) =>
        await CannotTellApartAsync(seed, policy, TestClinic.ReadingLead);

    [Theory]
    [InlineData(6, ReadingPolicy.BlindedFirst)]
    [InlineData(7, ReadingPolicy.Concurrent)]
    public async Task Reader_CannotTellTheDepartmentsApart(int seed, ReadingPolicy policy) =>
        await CannotTellApartAsync(seed, policy, TestClinic.Reader);

    /// <summary>The same questions do tell the departments apart for a lead who does not read: the theories above could fail.</summary>
    [Fact]
    public async Task Lead_WhoDoesNotRead_IsToldByEveryUseCaseThatShowsAnswers()
    {
        await using var one = new TestClinic();
        await using var other = new TestClinic(hasPeople: false);
        var (studies, _) = await FillAsync(8, ReadingPolicy.BlindedFirst, TestClinic.ReadingLead, one, other);

        HashSet<string> different = [];
        foreach (var question in EveryQuestion.Looking(studies, withWithdrawn: true))
        {
            if (await AskAsync(question, one, TestClinic.Lead, []) != await AskAsync(question, other, TestClinic.Lead, []))
            {
                different.Add(question.Name);
            }
        }

        Assert.Equal(
            [
                "ComparePolicies.RunAsync", "CompareReaders.RunAsync", "CompareShadow.RunAsync", "DescribePeriod.RunAsync",
                "ExportCases.RunAsync", "ExportRegistry.RunAsync", "GetAcceptance.RunAsync", "GetHeatMap.RunAsync", "GetPatient.RunAsync",
                "GetSeverityCourse.RunAsync", "GetStudy.RunAsync", "GetStudyThumbnail.RunAsync", "ListAlerts.RunAsync",
                "ListArrivals.RunAsync", "ListCases.RunAsync", "ListDiscordances.RunAsync", "ListStudies.RunAsync",
                "MeasureDrift.RunAsync"],
            // As many alerts in both, of other values.
            different.Except(["ListAlerts.CountAsync"]).Order(StringComparer.Ordinal));
    }

    static async Task CannotTellApartAsync(int seed, ReadingPolicy policy, Actor actor)
    {
        await using var one = new TestClinic();
        await using var other = new TestClinic(hasPeople: false);
        var (studies, alerts) = await FillAsync(seed, policy, actor, one, other);
        var known = await KnownAsync(one);

        foreach (var question in EveryQuestion.Looking(studies, withWithdrawn: true).Concat(EveryQuestion.Changing(studies, alerts)))
        {
            Assert.Equal(
                $"{question.Name}: {await AskAsync(question, one, actor, known)}",
                $"{question.Name}: {await AskAsync(question, other, actor, known)}");
        }
    }

    static async Task<(List<Guid> Studies, List<long> Alerts)> FillAsync(
        int seed, ReadingPolicy policy, Actor actor, TestClinic one, TestClinic other)
    {
        var department = new AnsweredDepartment(seed, policy);
        await department.FillAsync(one);
        var hidden = await AnsweredDepartment.HiddenFromAsync(one, actor);
        Assert.True(hidden.Count is > 0, "Nothing is hidden: the test shows nothing.");
        await department.CopyAsync(one, other, hidden);
        List<long> alerts = [];
        foreach (var clinic in new[] { one, other })
        {
            await clinic.Get<CheckAlerts>().RunAsync(actor: null, Cancellation);
            await using var db = clinic.Context();
            alerts.AddRange(await db.QualityAlerts.Select(a => a.Id).ToListAsync(Cancellation));
        }

        await using var filled = one.Context();
        return (await filled.AllStudies.OrderBy(s => s.Id).Select(s => s.Id).ToListAsync(Cancellation), [.. alerts.Distinct()]);
    }

    internal static async Task<HashSet<string>> KnownAsync(TestClinic clinic)
    {
        await using var db = clinic.Context();
        return [.. (await db.Studies.Select(s => s.Id).Concat(db.Readings.Select(r => r.Id)).Concat(db.Predictions.Select(p => p.Id))
            .ToListAsync(Cancellation)).Select(id => id.ToString())];
    }

    /// <summary>The answer as text; ids that the question itself has made are all alike.</summary>
    internal static async Task<string> AskAsync(Question question, TestClinic clinic, Actor actor, HashSet<string> known)
    {
        try
        {
            var answer = await question.Ask(clinic, actor);
            var text = answer is null ? "null" : JsonSerializer.Serialize(answer, answer.GetType(), Json);
            return known.Count == 0 ? text : Ids().Replace(text, id => known.Contains(id.Value) ? id.Value : "an id");
        }
        catch (AccessRefusedException e)
        {
            return e.Message;
        }
    }

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Ids();

    static void WithoutSome(JsonTypeInfo type)
    {
        foreach (var property in type.Properties.Where(p =>
            // A month before a month has one before it too.
            p.PropertyType == type.Type
                // Numbers of rows: they never leave the server, and those of alerts that a person may not know lie between them.
                || (type.Type == typeof(QualityAlert) && p.Name == nameof(QualityAlert.Id))).ToList())
        {
            type.Properties.Remove(property);
        }
    }

    sealed class TableConverter : JsonConverter<PairTable>
    {
        public override PairTable Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, PairTable value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value.Counts.ToArray(), options);
    }
}
