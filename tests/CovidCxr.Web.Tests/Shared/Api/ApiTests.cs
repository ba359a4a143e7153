using System.Net;
using System.Text.Json;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Platform.ApiClients;
using CovidCxr.Testing;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using CovidCxr.Web.Tests.Shared.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Shared.Api;

/// <summary>The API as another program uses it, of the whole program.</summary>
public sealed class ApiTests : IAsyncLifetime
{
    static readonly (string Path, string Scope)[] Reads =
    [
        ("/studies", ApiScope.ReadStudies), ("/studies/{id}", ApiScope.ReadStudies), ("/studies/{id}/prediction", ApiScope.ReadPredictions),
        ("/studies/{id}/readings", ApiScope.ReadReadings), ("/models", ApiScope.ReadModels),
    ];

    Installation _installation = null!;
    Guid _study;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _installation = await Installation.StartAsync(settings: [("Limits:ApiRequestsPerMinute", "60"), ("Limits:UploadsPerMinute", "8")]);
        _study = await WebClinic.AddStudyAsync(_installation.Services);
        await using var db = WebClinic.Context(_installation.Services);
        await db.ModelVersions.ExecuteUpdateAsync(s => s.SetProperty(m => m.HeaderJson, TestHeader.Of().ToJson()), Cancellation);
    }

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    Task<ApiVisitor> ClientAsync(params string[] scopes) => ApiVisitor.OfAsync(_installation, scopes);

    string Concrete(string path) => path.Replace("{id}", _study.ToString(), StringComparison.Ordinal);

    async Task ReadAsync(Actor reader) => Assert.IsType<RecordReadingResult.Recorded>(
        await _installation.Services.GetRequiredService<RecordReading>().RunAsync(
            new(Guid.NewGuid(), _study, ReadingStage.Blind, Opinion.Normal, 3, null, null, null, null), reader, Cancellation));

    async Task<List<AuditEntry>> AuditAsync(AuditAction action)
    {
        await using var db = WebClinic.Context(_installation.Services);
        return await db.Audit.Where(a => a.Action == action).OrderBy(a => a.Id).ToListAsync(Cancellation);
    }

    [Fact]
    public async Task EveryRoute_IsOpenToItsScopeAlone()
    {
        await ReadAsync(TestClinic.Reader);
        using var nobody = new ApiVisitor(_installation.Address, null);
        foreach (var (path, scope) in Reads)
        {
            using var right = await ClientAsync(scope);
            await right.GetAsync(Concrete(path));
            using var wrong = await ClientAsync([.. ApiScope.All.Except([scope])]);
            await wrong.GetAsync(Concrete(path), HttpStatusCode.Forbidden);
            await nobody.GetAsync(Concrete(path), HttpStatusCode.Unauthorized);
        }

        using var reading = await ClientAsync([.. ApiScope.All.Except([ApiScope.WriteStudies, ApiScope.WriteReferences])]);
        await reading.UploadAsync(TestClinic.Film(1), HttpStatusCode.Forbidden);
        await reading.PostJsonAsync("/references", "[]", HttpStatusCode.Forbidden);
        await nobody.UploadAsync(TestClinic.Film(1), HttpStatusCode.Unauthorized);
        Assert.Equal(
            7, (await AuditAsync(AuditAction.AccessRefused)).Count(a => a.UserName!.StartsWith("API client", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Cookie_OpensNoRoute_AndKeyOpensNoPage()
    {
        using var lead = await _installation.VisitAsync(TestClinic.Lead);
        Assert.Equal(HttpStatusCode.Unauthorized, (await lead.GetAsync("/api/v1/studies", "application/json")).StatusCode);

        using var client = await ClientAsync([.. ApiScope.All]);
        using var browser = _installation.Visit(("Authorization", $"Bearer {client.Key}"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await browser.GetAsync($"/studies/{_study}/pixels", "application/json")).StatusCode);
        Assert.Equal(HttpStatusCode.Redirect, (await browser.GetAsync("/admin/accounts")).StatusCode);
    }

    [Fact]
    public async Task WrongExpiredAndRevokedKeys_AreRefusedAlike()
    {
        using var right = await ClientAsync(ApiScope.ReadStudies);
        await right.GetAsync("/studies");
        List<string> answers = [];
        using (var wrong = new ApiVisitor(_installation.Address, right.Key![..^2] + "AA"))
        {
            answers.Add((await wrong.GetAsync("/studies", HttpStatusCode.Unauthorized)).ToString());
        }

        using (var strange = new ApiVisitor(_installation.Address, "nothing"))
        {
            answers.Add((await strange.GetAsync("/studies", HttpStatusCode.Unauthorized)).ToString());
        }

        var clients = _installation.Services.GetRequiredService<ListApiClients>();
        var id = Assert.Single(await clients.RunAsync(TestClinic.Admin, Cancellation)).Id;
        await _installation.Services.GetRequiredService<RevokeApiClient>().RunAsync(id, TestClinic.Admin, Cancellation);
        answers.Add((await right.GetAsync("/studies", HttpStatusCode.Unauthorized)).ToString());

        Assert.Single(answers.Select(WithoutTrace).Distinct());
        var (response, _) = await right.SendAsync(HttpMethod.Get, "/studies");
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        Assert.False(response.Headers.Contains("Set-Cookie"));

        static string WithoutTrace(string answer) =>
            JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(answer)!.Where(p => p.Key != "traceId")
                .Aggregate("", (all, p) => $"{all} {p.Key}={p.Value}");
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Prediction_IsHeldBackUntilTheLock_AndThenIsNoSecret()
    {
        using var client = await ClientAsync(ApiScope.ReadPredictions, ApiScope.ReadReadings, ApiScope.ReadStudies);
        foreach (var path in new[] { "/studies/{id}/prediction", "/studies/{id}/readings" })
        {
            var held = await client.GetAsync(Concrete(path), HttpStatusCode.Conflict);
            Assert.Equal("urn:covidcxr:held-back", held.GetProperty("type").GetString());
        }

        foreach (var path in new[] { "/studies", "/studies/{id}" })
        {
            var told = (await client.GetAsync(Concrete(path))).ToString();
            Secrecy.AssertKeeps(["8765", "covid"], told);
        }

        await ReadAsync(TestClinic.Reader);

        var prediction = await client.GetAsync(Concrete("/studies/{id}/prediction"));
        Assert.Equal("notRead", prediction.GetProperty("assessment").GetString());
        Assert.Equal(0.8765, prediction.GetProperty("probabilities")[1].GetDouble(), 1e-9);
        var readings = (await client.GetAsync(Concrete("/studies/{id}/readings"))).GetProperty("readings");
        Assert.Equal("blind", readings[0].GetProperty("stage").GetString());
        await using var db = WebClinic.Context(_installation.Services);
        Assert.Equal(Disclosure.Everybody, (await db.Disclosures.SingleAsync(Cancellation)).ReaderId);
        Assert.Equal(
            [_study, _study, _study], (await AuditAsync(AuditAction.StudyView)).Select(a => a.StudyId!.Value));
    }

    [Fact]
    public async Task Study_OfTwoImages_NamesBoth()
    {
        await _installation.Services.GetRequiredService<AddStudyImage>().RunAsync(
            _study, TestClinic.Film(seed: 77), ViewPosition.Lateral, TestClinic.Lead, Cancellation);
        using var client = await ClientAsync(ApiScope.ReadStudies);

        var further = Assert.Single((await client.GetAsync(Concrete("/studies/{id}"))).GetProperty("furtherImages").EnumerateArray());
        Assert.Equal("lateral", further.GetProperty("view").GetString());
        var listed = (await client.GetAsync("/studies")).GetProperty("studies")[0];
        Assert.Equal(2, listed.GetProperty("imageCount").GetInt32());
    }

    [Fact]
    public async Task Studies_ComeInPages_UnderAFilter()
    {
        for (var day = 2; day <= 5; day++)
        {
            await WebClinic.AddStudyAsync(_installation.Services, $"P-{day}", day: day);
        }

        using var client = await ClientAsync(ApiScope.ReadStudies);
        var page = await client.GetAsync("/studies?page=2&pageSize=2");
        Assert.Equal((5, 2), (page.GetProperty("total").GetInt32(), page.GetProperty("studies").GetArrayLength()));
        Assert.Equal("P-3", page.GetProperty("studies")[0].GetProperty("patientNumber").GetString());
        var found = await client.GetAsync("/studies?text=p-4&status=ready&receivedFrom=2026-03-04T00:00:00Z");
        Assert.Equal("P-4", Assert.Single(found.GetProperty("studies").EnumerateArray()).GetProperty("patientNumber").GetString());
        foreach (var wrong in new[] { "page=0", "pageSize=201", "page=x", "status=sideways" })
        {
            await client.GetAsync("/studies?" + wrong, HttpStatusCode.BadRequest);
        }

        await client.GetAsync($"/studies/{Guid.NewGuid()}", HttpStatusCode.NotFound);
        await client.GetAsync("/nowhere", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Film_IsTakenOnce_AndTheSameRequestIsAnsweredAlike()
    {
        using var client = await ClientAsync(ApiScope.WriteStudies);
        (string, string)[] fields = [("patientNumber", "P-1"), ("sex", "female")];
        var first = await client.UploadAsync(TestClinic.Film(1), HttpStatusCode.Created, "key-1", fields);
        Assert.Equal("imported", first.GetProperty("outcome").GetString());
        var again = await client.UploadAsync(TestClinic.Film(1), HttpStatusCode.Created, "key-1", fields);
        Assert.Equal(first.GetProperty("id").GetGuid(), again.GetProperty("id").GetGuid());
        var known = await client.UploadAsync(TestClinic.Film(1), HttpStatusCode.OK, fields: ("patientNumber", "P-1"));
        Assert.Equal("duplicate", known.GetProperty("outcome").GetString());
        await client.UploadAsync(TestClinic.Film(2), HttpStatusCode.UnprocessableEntity, "key-1");
        Assert.Contains(await AuditAsync(AuditAction.StudyUpload), a => a.UserName!.StartsWith("API client", StringComparison.Ordinal));
        await using var db = WebClinic.Context(_installation.Services);
        Assert.Equal(2, await db.Studies.CountAsync(Cancellation));
        Assert.Equal(Sex.Female, (await db.Studies.SingleAsync(s => s.Id == first.GetProperty("id").GetGuid(), Cancellation)).Sex);
    }

    [Fact]
    public async Task Questions_AreConflicts_ThatTheClientAnswers()
    {
        using var client = await ClientAsync(ApiScope.WriteStudies, ApiScope.ReadStudies);
        var film = DicomFilm.Write(
            PhantomDrawer.Draw(PhantomKind.Clear, 9, size: 64, bits: 8), (0x0008_0016, "UI", "1.2.840.10008.5.1.4.1.1.1"),
            (0x0008_0018, "UI", "1.2.826.0.1.3680043.10.999.9"), (0x0008_0060, "CS", "CR"), (0x0010_0020, "LO", "P-9"),
            (0x0018_0015, "CS", "CHEST"), (0x0020_000D, "UI", "1.2.826.0.1.3680043.10.999.1.9"),
            (0x0020_000E, "UI", "1.2.826.0.1.3680043.10.999.2.9"));

        var contradicted = await client.UploadAsync(film, HttpStatusCode.Conflict, fields: ("patientNumber", "P-8"));
        Assert.Equal("urn:covidcxr:header-contradicts", contradicted.GetProperty("type").GetString());
        Assert.Equal(1, contradicted.GetProperty("conflicts").GetArrayLength());
        await client.UploadAsync(film, HttpStatusCode.Created, null, ("patientNumber", "P-8"), ("answer", "file"));

        var doubted = await client.UploadAsync(TestClinic.Film(1), HttpStatusCode.Created, fields: ("patientNumber", "P-1"));
        var other = await client.UploadAsync(TestClinic.Film(1), HttpStatusCode.Conflict, fields: ("patientNumber", "P-2"));
        Assert.Equal("urn:covidcxr:doubted", other.GetProperty("type").GetString());
        Assert.Equal(doubted.GetProperty("id").GetGuid(), other.GetProperty("studyId").GetGuid());
        await client.UploadAsync(TestClinic.Film(1), HttpStatusCode.OK, null, ("patientNumber", "P-2"), ("confirmed", "true"));
    }

    [Fact]
    public async Task ClientThatMayNotSeeStudies_LearnsNothingOfOtherFilms()
    {
        using var client = await ClientAsync(ApiScope.WriteStudies, ApiScope.WriteReferences);
        await client.UploadAsync(TestClinic.Film(1), HttpStatusCode.Created, null, ("patientNumber", "P-77"), ("sex", "female"));

        var doubted = await client.UploadAsync(
            TestClinic.Film(1), HttpStatusCode.Conflict, null, ("patientNumber", "P-2"), ("sex", "male"));
        Assert.Equal(
            ["The same film stands under another patient number.", "The sex is another than known."],
            doubted.GetProperty("doubts").EnumerateArray().Select(d => d.GetString()));
        Assert.False(doubted.TryGetProperty("studyId", out _));
        Assert.Single(await AuditAsync(AuditAction.StudyUpload), a => (a.Outcome, a.Detail) == (AuditOutcome.Refused, "doubted"));

        using var reader = await ClientAsync(ApiScope.WriteReferences, ApiScope.ReadStudies);
        await reader.PostJsonAsync("/references", Reference("positive"), HttpStatusCode.OK);
        var seen = await reader.PostJsonAsync("/references?dryRun=true", Reference("negative"), HttpStatusCode.OK);
        Assert.Equal((_study, "Replaces Positive of 2026-03-01."), Line(seen));
        var told = await client.PostJsonAsync("/references?dryRun=true", Reference("negative"), HttpStatusCode.OK);
        Assert.Equal((null, "Replaces another finding."), Line(told));
        Assert.Equal(
            2, (await AuditAsync(AuditAction.ReferenceImport)).Count(a => a.Detail == "dry run: 0 new, 1 replaced, 0 known, 0 refused"));

        string Reference(string result) =>
            $$"""[{"study_id": "{{_study}}", "source": "RT-PCR", "result": "{{result}}", "found_on": "2026-03-01"}]""";

        static (Guid?, string?) Line(JsonElement answer) => answer.GetProperty("lines")[0] is var line
            && line.GetProperty("study_id") is { ValueKind: JsonValueKind.String } id
                ? (id.GetGuid(), line.GetProperty("message").GetString())
                : (null, line.GetProperty("message").GetString());
    }

    [Fact]
    public async Task WhatIsNoFilm_IsAProblem()
    {
        using var client = await ClientAsync(ApiScope.WriteStudies);
        await client.UploadAsync([1, 2, 3], HttpStatusCode.UnprocessableEntity);
        await client.UploadAsync(TestClinic.Film(1), HttpStatusCode.BadRequest, null, ("sex", "7"));
        await client.UploadAsync(TestClinic.Film(1), HttpStatusCode.BadRequest, null, ("acquiredOn", "1.3.2026"));
        await client.UploadAsync(TestClinic.Film(1), HttpStatusCode.BadRequest, new string('k', 129));
        await client.PostJsonAsync("/studies", "{}", HttpStatusCode.UnsupportedMediaType);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await client.SendAsync(HttpMethod.Delete, "/studies")).Response.StatusCode);
        await client.UploadAsync(new byte[100 * 1024 * 1024], HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task References_AreTaken_AndRefusedAsProblems()
    {
        using var client = await ClientAsync(ApiScope.WriteReferences);
        var one = $$"""[{"study_id": "{{_study}}", "source": "RT-PCR", "result": "positive", "found_on": "2026-03-01"}]""";
        Assert.Equal(1, (await client.PostJsonAsync("/references?dryRun=true", one, HttpStatusCode.OK)).GetProperty("new").GetInt32());
        Assert.Equal(1, (await client.PostJsonAsync("/references", one, HttpStatusCode.OK)).GetProperty("new").GetInt32());
        Assert.Equal(1, (await client.PostJsonAsync("/references", one, HttpStatusCode.OK)).GetProperty("known").GetInt32());
        await client.PostJsonAsync("/references", """[{"colour": "blue"}]""", HttpStatusCode.BadRequest);
        await client.PostJsonAsync("/references", "[]", HttpStatusCode.UnprocessableEntity);
        var entries = await AuditAsync(AuditAction.ReferenceImport);
        Assert.Equal(3, entries.Count);
        Assert.All(entries, a => Assert.StartsWith("API client", a.UserName, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ModelsAndHealth_AreTold()
    {
        using var client = await ClientAsync(ApiScope.ReadModels);
        var models = await client.GetAsync("/models");
        Assert.Equal("secret-model", models.GetProperty("models")[0].GetProperty("name").GetString());
        Assert.Equal("degraded", (await client.GetAsync("/health")).GetProperty("status").GetString());
        using var nobody = new ApiVisitor(_installation.Address, null);
        await nobody.GetAsync("/health", HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task ClientThatAsksTooOften_Waits_AndNobodyElse()
    {
        using var client = await ClientAsync(ApiScope.ReadStudies);
        for (var i = 0; i < 60; i++)
        {
            await client.GetAsync("/studies?pageSize=1");
        }

        await client.GetAsync("/studies", HttpStatusCode.TooManyRequests);
        Assert.NotNull((await client.SendAsync(HttpMethod.Get, "/studies")).Response.Headers.RetryAfter);
        using var other = await ClientAsync(ApiScope.ReadStudies);
        await other.GetAsync("/studies");
    }

    [Fact]
    public async Task AddressThatIsRefusedTooOften_Waits_AndIsWrittenDownNoMore()
    {
        using var client = await ClientAsync(ApiScope.ReadModels);
        using var nobody = new ApiVisitor(_installation.Address, null);
        for (var i = 0; i < 60; i++)
        {
            await client.GetAsync("/studies", HttpStatusCode.Forbidden);
            await nobody.GetAsync("/studies", HttpStatusCode.Unauthorized);
        }

        await client.GetAsync("/studies", HttpStatusCode.TooManyRequests);
        await nobody.GetAsync("/studies", HttpStatusCode.TooManyRequests);
        Assert.NotNull((await nobody.SendAsync(HttpMethod.Get, "/nowhere")).Response.Headers.RetryAfter);
        Assert.Equal(60, (await AuditAsync(AuditAction.AccessRefused)).Count);
        using var person = _installation.Visit();
        Assert.Equal(HttpStatusCode.OK, (await person.GetAsync("/health")).StatusCode);
    }

    [Fact]
    public async Task ClientThatSendsTooManyFilms_Waits()
    {
        using var client = await ClientAsync(ApiScope.WriteStudies, ApiScope.ReadStudies);
        for (var i = 0; i < 8; i++)
        {
            await client.UploadAsync([1, 2, 3], HttpStatusCode.UnprocessableEntity);
        }

        await client.UploadAsync(TestClinic.Film(1), HttpStatusCode.TooManyRequests);
        await client.GetAsync("/studies");
    }

    /// <summary>Whoever changes the API changes this file: COVIDCXR_WRITE_GOLDEN=1 writes it.</summary>
    [Fact]
    public async Task Document_IsTheOneInTheTree_AndForAdministratorsAlone()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.GetAsync("/api/openapi.json", "application/json")).StatusCode);
        using var admin = await _installation.VisitAsync(TestClinic.Admin);
        var document = (await (await admin.GetAsync("/api/openapi.json", "application/json")).Content.ReadAsStringAsync(Cancellation))
            .ReplaceLineEndings("\n").TrimEnd() + "\n";

        var path = Path.Combine(Folder(), "openapi.json");
        if (Environment.GetEnvironmentVariable("COVIDCXR_WRITE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(path, document, Cancellation);
        }

        Assert.Equal(await File.ReadAllTextAsync(path, Cancellation), document);

        static string Folder()
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Combine(folder!.FullName, "CovidCxr.Web.sln")))
            {
                folder = folder.Parent;
            }

            return Path.Combine(folder.FullName, "tests", "CovidCxr.Web.Tests", "Shared", "Api");
        }
    }
}
