using System.Net;
using System.Text.Json;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using CovidCxr.Web.Tests.Shared.Security;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Web.Tests.Features.Clinic.References;

/// <summary>References as another program sends them, to the whole program.</summary>
public sealed class ReferenceEndpointTests : IAsyncLifetime
{
    const string Path = "/api/references";

    Installation _installation = null!;
    Visitor _lead = null!;
    Guid _study;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _installation = await Installation.StartAsync();
        _study = await WebClinic.AddStudyAsync(_installation.Services);
        _lead = await _installation.VisitAsync(TestClinic.Lead);
    }

    public async ValueTask DisposeAsync()
    {
        _lead.Dispose();
        await _installation.DisposeAsync();
    }

    async Task<(HttpStatusCode Status, JsonElement Answer)> SendAsync(
        string json, string path = Path, bool hasToken = true, string type = "application/json", Visitor? visitor = null)
    {
        var answer = await (visitor ?? _lead).SendJsonAsync(path, json, hasToken, type);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);
        return (answer.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    async Task<int> StoredAsync()
    {
        await using var db = WebClinic.Context(_installation.Services);
        return await db.ReferenceFindings.CountAsync(Cancellation);
    }

    string Two => $$"""
        [{"study_id": "{{_study}}", "source": "RT-PCR", "result": "positive", "found_on": "2026-03-01"},
         {"patient_number": "P-404", "study_date": "2026-03-01", "source": "rt-pcr", "result": "negative", "found_on": "2026-03-01"}]
        """;

    [Fact]
    public async Task Post_OfADryRun_ReportsAndChangesNothing()
    {
        var (status, answer) = await SendAsync(Two, Path + "?dryRun=true");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            (true, 1, 0, 0, 1), (answer.GetProperty("dry_run").GetBoolean(), Of("new"), Of("replaced"), Of("known"), Of("refused")));
        var line = answer.GetProperty("lines")[0];
        Assert.Equal((1, _study, "rt-pcr", "positive", "2026-03-01", "new"), (
            line.GetProperty("number").GetInt32(), line.GetProperty("study_id").GetGuid(), line.GetProperty("source").GetString(),
            line.GetProperty("result").GetString(), line.GetProperty("found_on").GetString(), line.GetProperty("fate").GetString()));
        Assert.Equal(("refused", "This patient has no study of this date."), (
            answer.GetProperty("lines")[1].GetProperty("fate").GetString(),
            answer.GetProperty("lines")[1].GetProperty("message").GetString()));
        Assert.Equal(0, await StoredAsync());

        int Of(string name) => answer.GetProperty(name).GetInt32();
    }

    [Fact]
    public async Task Post_OfReferences_RecordsThemOnceAndIsAudited()
    {
        Assert.Equal(1, (await SendAsync(Two)).Answer.GetProperty("new").GetInt32());
        Assert.Equal(1, (await SendAsync(Two)).Answer.GetProperty("known").GetInt32());

        Assert.Equal(1, await StoredAsync());
        await using var db = WebClinic.Context(_installation.Services);
        var finding = await db.ReferenceFindings.SingleAsync(Cancellation);
        Assert.Equal(
            (_study, ReferenceResult.Positive, TestClinic.Lead.UserId, true),
            (finding.StudyId, finding.Result, finding.EnteredBy, finding.IsImported));
        Assert.Equal(
            ["1 new, 0 replaced, 0 known, 1 refused", "0 new, 0 replaced, 1 known, 1 refused"],
            await db.Audit.Where(a => a.Action == AuditAction.ReferenceImport).OrderBy(a => a.Id).Select(a => a.Detail)
                .ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Post_OfWhatIsNoListOfReferences_IsRefusedAsAWhole()
    {
        string[] bodies =
        [
            "{}", "not json", """[{"study": "x"}]""", """[{"study_id": 7}]""", """[{"result": "positive", "result": "negative"}]""",
        ];

        await Assert.AllAsync(bodies, async json =>
        {
            var (status, answer) = await SendAsync(json);
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.Contains("JSON array of objects with study_id", answer.GetProperty("error").GetString(), StringComparison.Ordinal);
        });
        Assert.Equal(0, await StoredAsync());
    }

    [Fact]
    public async Task Post_OfNothingOrInAnotherForm_IsRefused()
    {
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync("[]")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(Two, Path + "?dryRun=perhaps")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(Two, type: "text/plain")).Status);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync("[null]")).Status);
        Assert.Equal(0, await StoredAsync());
    }

    [Fact]
    public async Task Post_WithoutTheTokenOrByWhoMayNot_IsRefused()
    {
        using var reader = await _installation.VisitAsync(TestClinic.Reader);
        using var anonymous = _installation.Visit();

        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(Two, hasToken: false)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await SendAsync(Two, visitor: reader)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(Two, hasToken: false, visitor: anonymous)).Status);
        Assert.Equal(0, await StoredAsync());
    }
}
