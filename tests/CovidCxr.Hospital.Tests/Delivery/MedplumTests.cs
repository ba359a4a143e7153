using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using static CovidCxr.Hospital.Tests.Delivery.SendResultTests;

namespace CovidCxr.Hospital.Tests.Delivery;

/// <summary>A FHIR server that others wrote: Medplum's, in memory.</summary>
[Trait("Speed", "Slow")]
public sealed class MedplumTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnswerThatIsRead_IsThereInBothVersions_AndOnceAlthoughSentAgain() => await WithServerAsync(async client =>
    {
        await using var hospital = New(client);
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        var study = await hospital.AnswerAsync(1);
        await hospital.Clinic.ReadAsync(study, ReadingStage.Blind);
        await QueueAndSendAsync(hospital);
        await using var db = hospital.Clinic.Context();
        // As if the answer had got lost.
        await db.OutgoingResults.ExecuteUpdateAsync(s => s.SetProperty(r => r.State, DeliveryState.Waiting), Cancellation);
        hospital.Clinic.Time.Advance(SendResult.LongestWait);
        await QueueAndSendAsync(hospital);
        var shown = (await db.Studies.SingleAsync(Cancellation)).PredictionId;
        await hospital.Clinic.ReadAsync(study, ReadingStage.Final, shown: shown, opinion: Opinion.Covid19);
        await QueueAndSendAsync(hospital);

        Assert.Equal("v1 Delivered, v2 Delivered", await QueueResultsTests.StatesAsync(hospital));
        foreach (var (type, count) in new[] { ("Device", 1), ("ImagingStudy", 1), ("Observation", 2), ("Provenance", 2) })
        {
            Assert.Equal(count, (await SearchAsync(client, type)).Count);
        }

        var reports = await SearchAsync(client, "DiagnosticReport");
        Assert.Equal(["final", "preliminary"], reports.Select(r => (string)r["status"]!).Order());
        Assert.All(reports, r => Assert.Equal($"{TestHospital.Patient}-1", (string?)r["subject"]!["identifier"]!["value"]));
        var observation = await client.GetFromJsonAsync<JsonObject>((string)reports[0]["result"]![0]!["reference"]!, Cancellation);
        Assert.Equal("36554-4", (string?)reports[0]["code"]!["coding"]![0]!["code"]);
        Assert.Equal("840539006", (string?)observation!["code"]!["coding"]![0]!["code"]);
    });

    /// <summary>Its router leaves conditional references as they are.</summary>
    [Fact]
    public async Task PatientThatItDoesNotLookFor_IsNoticed() => await WithServerAsync(async client =>
    {
        await using var hospital = New(client, ("Hospital:Destinations:0:PatientSystem", FhirPeer.PatientSystem));
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        await hospital.AnswerAsync(1);
        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.StartsWith("It took the report without looking", (await FirstAsync(hospital)).Reason, StringComparison.Ordinal);
    });

    static TestHospital New(HttpClient client, params (string Key, string Value)[] more) => new(
    [
        ("Hospital:Destinations:0:Name", FhirPeer.Name), ("Hospital:Destinations:0:FhirServer", $"{client.BaseAddress}"),
        ("Hospital:Destinations:0:Send", "true"), .. more,
    ]);

    static async Task WithServerAsync(Func<HttpClient, Task> story)
    {
        var root = SharedData.Repository()!;
        var modules = Path.Combine(root, "artifacts", "medplum");
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(modules, "node_modules", "@medplum")),
            "No Medplum here: npm install --prefix artifacts/medplum --no-save @medplum/mock@5.2.13");
        var port = FreePort.Find();
        var script = Path.Combine(root, "tests", "CovidCxr.Hospital.Tests", "medplum.mjs");
        using var server = Process.Start(new ProcessStartInfo("node", [script, modules, $"{port}"]) { RedirectStandardOutput = true })!;
        try
        {
            Assert.Equal("listens", await server.StandardOutput.ReadLineAsync(Cancellation));
            using var client = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}/fhir/") };
            await story(client);
        }
        finally
        {
            server.Kill();
        }
    }

    static async Task QueueAndSendAsync(TestHospital hospital)
    {
        await hospital.Clinic.Get<QueueResults>().RunAsync(null, Cancellation);
        Assert.Equal(SendTurn.Done, await SendAsync(hospital));
        Assert.Equal(DeliveryState.Delivered, (await ListAsync(hospital))[0].Result.State);
    }

    static async Task<List<JsonNode>> SearchAsync(HttpClient client, string query) =>
        [.. ((await client.GetFromJsonAsync<JsonObject>(query, Cancellation))!["entry"]?.AsArray() ?? []).Select(e => e!["resource"]!)];
}
