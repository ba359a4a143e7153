using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Hospital.Fhir;
using Microsoft.AspNetCore.Http;
using static CovidCxr.Hospital.Tests.Delivery.FhirDeliveryTests;
using static CovidCxr.Hospital.Tests.Delivery.SendResultTests;

namespace CovidCxr.Hospital.Tests.Delivery;

/// <summary>A FHIR server that answers strangely, or is none.</summary>
[Trait("Speed", "Slow")]
public sealed class HostileFhirTests
{
    const string InNoChart =
        "It took the report without looking for its patient: leave PatientSystem empty for this server, and remove the report there.";

    const string OfAnother = "It has the report under another patient number: find out why, and remove the report there.";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("half", "It ended the connection amid its answer.", SendTurn.Unreachable)]
    [InlineData("slow", "It did not answer in time.", SendTurn.Unreachable)]
    [InlineData("endless", "Its answer is longer than 16 MB.", SendTurn.Unreachable)]
    [InlineData("page", "It did not answer to the transaction as a FHIR server does.", SendTurn.Done)]
    [InlineData("part", "It did not take all of the transaction.", SendTurn.Done)]
    [InlineData("deep", "It did not answer to the transaction as a FHIR server does.", SendTurn.Done)]
    [InlineData("liar", "It says that it took the report, and does not find it.", SendTurn.Done)]
    [InlineData("lone", "It did not answer to the transaction as a FHIR server does.", SendTurn.Done)]
    [InlineData("types", "It did not answer to the transaction as a FHIR server does.", SendTurn.Done)]
    internal async Task ServerThatAnswersStrangely_IsNotBelieved(string how, string reason, SendTurn turn)
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await FhirDeliveryTests.NewAsync(peer);
        hospital.Clinic.Get<FhirClient>().AnswerTimeout = TimeSpan.FromSeconds(how == "slow" ? 1 : 30);
        InsteadOfPosts(peer, async context =>
        {
            var response = context.Response;
            response.ContentType = "application/fhir+json";
            switch (how)
            {
                case "half":
                    response.ContentLength = 1000;
                    await response.WriteAsync("{\"resourceType\":\"Bundle\",", Cancellation);
                    await response.Body.FlushAsync(Cancellation);
                    // The beginning has to be there before the end.
                    await Task.Delay(200, Cancellation);
                    context.Abort();
                    break;
                case "slow":
                    await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    break;
                case "endless":
                    for (var i = 0; i < 64 && !context.RequestAborted.IsCancellationRequested; i++)
                    {
                        await response.Body.WriteAsync(new byte[1 << 20], context.RequestAborted)
                            .AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    }

                    break;
                case "page":
                    await response.WriteAsync("<html>Sign in</html>", Cancellation);
                    break;
                case "deep":
                    await response.WriteAsync(string.Concat(Enumerable.Repeat("[", 100_000)), Cancellation);
                    break;
                case "lone":
                    await response.WriteAsync("""{"resourceType":"\ud800","type":"\udc00"}""", Cancellation);
                    break;
                case "types":
                    await response.WriteAsync("""{"resourceType":["Bundle"],"type":7,"entry":{"a":1}}""", Cancellation);
                    break;
                case "part":
                    await response.WriteAsync(Response("201", "201", "201", "422 Unprocessable", "201"), Cancellation);
                    break;
                default:
                    await response.WriteAsync(Response("201", "201", "201", "201 Created", "200"), Cancellation);
                    break;
            }
        });

        Assert.Equal(turn, await SendAsync(hospital));

        Assert.Equal((DeliveryState.Waiting, reason, true), await RowAsync(hospital));
        // A slow server may still be at work on it: the same once more could be there twice.
        Assert.Equal(
            how == "slow" ? SendResult.LongestWait : SendResult.FirstWait,
            (await FirstAsync(hospital)).NotBefore - hospital.Clinic.Time.GetUtcNow());
        await AssertDiscreetAsync(hospital);
    }

    static string Response(params string[] states) =>
        $$"""{"resourceType":"Bundle","type":"transaction-response","entry":[{{string.Join(
            ',', states.Select(s => $$$"""{"response":{"status":"{{{s}}}"}}"""))}}]}""";

    /// <summary>The token is for the configured server alone.</summary>
    [Theory]
    [InlineData(307)]
    [InlineData(308)]
    [InlineData(302)]
    public async Task Redirection_IsNotFollowed(int status)
    {
        await using var other = await FhirPeer.StartAsync();
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await FhirDeliveryTests.NewAsync(peer, 1, ("Token", Token));
        InsteadOfPosts(peer, context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = other.Address;
            return Task.CompletedTask;
        });

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Empty(other.Requests);
        Assert.Contains($"(status {status}), which is not followed", (await RowAsync(hospital)).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5.0.0", "It speaks FHIR 5.0.0, and not 4.0 (R4).")]
    [InlineData("4.3.0", "It speaks FHIR 4.3.0, and not 4.0 (R4).")]
    [InlineData("4.01 <b>P-4711-SECRET</b>", "It speaks FHIR of a strange version, and not 4.0 (R4).")]
    public async Task ServerOfAnotherVersion_GetsNothing(string version, string reason)
    {
        await using var peer = await FhirPeer.StartAsync();
        peer.Version = version;
        await using var hospital = await FhirDeliveryTests.NewAsync(peer);

        Assert.Equal(SendTurn.Unreachable, await SendAsync(hospital));

        Assert.Equal((DeliveryState.Waiting, reason, false), await RowAsync(hospital));
        Assert.DoesNotContain(peer.Requests, r => r.Method == "POST");
        Assert.Equal(0, await hospital.Clinic.CountAsync<Disclosure>());
    }

    [Fact]
    public async Task Refusal_SaysItsCodesAlone_AndWaitsForAPersonAfterFive()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await FhirDeliveryTests.NewAsync(peer);
        InsteadOfPosts(peer, context => FhirPeer.WriteAsync(
            context, (422, FhirPeer.Outcome("business-rule", $"HAPI-0939: {TestHospital.Patient} is Jane Roe's, born 1960"))));
        for (var attempt = 1; attempt <= SendResult.MostRefusals; attempt++)
        {
            Assert.Equal(SendTurn.Done, await SendAsync(hospital));
            hospital.Clinic.Time.Advance(SendResult.LongestWait);
        }

        Assert.Equal(
            (
                DeliveryState.Failed,
                "It refused the report (status 422: business-rule at Bundle.entry[2].resource HAPI-0939).", false),
            await RowAsync(hospital));
        await AssertDiscreetAsync(hospital, "Jane", "Roe", "1960");
    }

    [Theory]
    [InlineData(403, false, SendTurn.Unreachable, false)]
    [InlineData(404, false, SendTurn.Unreachable, false)]
    [InlineData(405, false, SendTurn.Unreachable, false)]
    [InlineData(403, true, SendTurn.Done, false)]
    [InlineData(404, true, SendTurn.Done, false)]
    [InlineData(405, true, SendTurn.Done, false)]
    [InlineData(409, true, SendTurn.Done, true)]
    [InlineData(412, false, SendTurn.Done, true)]
    [InlineData(413, false, SendTurn.Done, false)]
    internal async Task Refusal_IsTheServersOwn_OrOfWhatIsInBetween(int status, bool hasOutcome, SendTurn turn, bool mayBeThere)
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await FhirDeliveryTests.NewAsync(peer);
        InsteadOfPosts(peer, context => FhirPeer.WriteAsync(
            context, (status, hasOutcome ? FhirPeer.Outcome("forbidden", "no") : new() { ["error"] = "no" })));

        Assert.Equal(turn, await SendAsync(hospital));

        var row = await FirstAsync(hospital);
        Assert.Equal(
            (DeliveryState.Waiting, turn == SendTurn.Done ? 1 : 0, mayBeThere), (row.State, row.Refusals, row.SentAfterChange is not null));
        Assert.Contains($"status {status}", row.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_OfNoUnicode_IsReadAsFarAsItGoes()
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await FhirDeliveryTests.NewAsync(peer);
        InsteadOfPosts(peer, async context =>
        {
            context.Response.StatusCode = 422;
            await context.Response.WriteAsync(
                """
                {"resourceType":"OperationOutcome","issue":[
                {"code":"\ud800","diagnostics":"\udc00","expression":["\ud800","Bundle.entry[1]"]},{"code":"invalid "}]}
                """,
                Cancellation);
        });

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal(
            (DeliveryState.Waiting, "It refused the report (status 422: at Bundle.entry[1]; invalid).", false), await RowAsync(hospital));
    }

    /// <summary>In nobody's chart, or in another's.</summary>
    [Theory]
    [InlineData(true, """{"reference":"Patient/1"}""", null)]
    [InlineData(true, """{"reference":"https://ehr.example/fhir/Patient/a.b-1/_history/2","identifier":{"value":"NUMBER "}}""", null)]
    [InlineData(true, """{"reference":"Patient?identifier=x|1","identifier":{"value":"NUMBER"}}""", InNoChart)]
    [InlineData(true, """{"reference":"Patient","identifier":{"value":"NUMBER"}}""", InNoChart)]
    [InlineData(true, """{"reference":"\ud800","identifier":{"value":"NUMBER"}}""", InNoChart)]
    [InlineData(true, """{"identifier":{"value":"NUMBER"}}""", InNoChart)]
    [InlineData(true, "7", InNoChart)]
    [InlineData(true, """{"reference":"Patient/1","identifier":{"value":"P-OTHER"}}""", OfAnother)]
    [InlineData(true, """{"reference":"Patient/1","identifier":{"value":"\ud800"}}""", OfAnother)]
    [InlineData(false, """{"identifier":{"value":"NUMBER"}}""", null)]
    [InlineData(false, """{"identifier":{"value":"P-OTHER"}}""", OfAnother)]
    [InlineData(false, """{"reference":"Patient?identifier=x|1"}""", InNoChart)]
    public async Task ReportOfAnotherSubject_IsNotDelivered(bool hasPatients, string subject, string? reason)
    {
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = await FhirDeliveryTests.NewAsync(
            peer, 1, ("PatientSystem", hasPatients ? FhirPeer.PatientSystem : ""));
        peer.Patients.Add($"{TestHospital.Patient}-1");
        peer.Instead = async context =>
        {
            if (context.Request.Path != "/fhir/DiagnosticReport")
            {
                return false;
            }

            var (_, body) = await peer.ServeAsync(context.Request);
            body["entry"]![0]!["resource"]!["subject"] = "SUBJECT";
            await context.Response.WriteAsync(
                body.ToJsonString().Replace("\"SUBJECT\"", subject, StringComparison.Ordinal)
                    .Replace("NUMBER", $"{TestHospital.Patient}-1", StringComparison.Ordinal),
                Cancellation);
            return true;
        };

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal((reason is null ? DeliveryState.Delivered : DeliveryState.Waiting, reason, true), await RowAsync(hospital));
        await AssertDiscreetAsync(hospital);
    }

    /// <summary>Its reports would stand in nobody's chart.</summary>
    [Fact]
    public async Task ServerThatDoesNotLookForThePatient_IsNotBelieved()
    {
        await using var peer = await FhirPeer.StartAsync();
        peer.LooksForPatients = false;
        await using var hospital = await FhirDeliveryTests.NewAsync(peer, 1, ("PatientSystem", FhirPeer.PatientSystem));

        Assert.Equal(SendTurn.Done, await SendAsync(hospital));

        Assert.Equal((DeliveryState.Waiting, InNoChart, true), await RowAsync(hospital));
    }
}
