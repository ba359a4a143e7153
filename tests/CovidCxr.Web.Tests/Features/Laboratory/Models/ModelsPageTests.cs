using Bunit;
using Bunit.TestDoubles;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Gate;
using CovidCxr.Storage;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Laboratory.Models;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Web.Tests.Features.Laboratory.Models;

/// <summary>The versions and the way back, with the real use cases on a real database.</summary>
public sealed class ModelsPageTests : ClinicPages
{
    static readonly string Header = new ModelHeader(
        "m", "resnet18", ["COVID-19", "Normal"], 0, 0.5, PreprocessingPreset.Square(32), Training: null,
        [new("test", "sensitivity", 0.8, 0.6, 0.9, 10, "Wilson")], new("", [], [], ""), new Dictionary<string, string>()).ToJson();

    readonly BunitAuthorizationContext _person;

    public ModelsPageTests()
    {
        _person = AddAuthorization();
    }

    protected override async Task FillAsync()
    {
        await using var db = WebClinic.Context(Services);
        await db.ModelVersions.ExecuteDeleteAsync(Cancellation);
        db.ModelVersions.AddRange(
            Version(1, activatedOnDay: 1), Version(2, activatedOnDay: 2), Version(3, activatedOnDay: 3, isActive: true),
            Version(4, activatedOnDay: null));
        await db.SaveChangesAsync(Cancellation);
        var versions = await db.ModelVersions.ToDictionaryAsync(m => m.Number, Cancellation);
        db.ModelPeriods.AddRange(Enumerable.Range(1, 3).Select(n => new ModelPeriod
        {
            Number = n,
            ModelVersionId = versions[n].Id,
            From = new(2026, 3, n, 0, 0, 0, TimeSpan.Zero),
            Until = n == 3 ? null : new DateTimeOffset(2026, 3, n + 1, 0, 0, 0, TimeSpan.Zero),
            StartedByName = n == 1 ? null : "promoter",
        }));
        await AcceptAsync(db, versions[1], GateVerdict.Passed);
        await AcceptAsync(db, versions[2], GateVerdict.Passed);
        await AcceptAsync(db, versions[3], GateVerdict.Refused);
    }

    static async Task AcceptAsync(CovidCxrDbContext db, ModelVersion version, GateVerdict verdict)
    {
        var result = new GateResult
        {
            ModelVersionId = version.Id,
            RunId = Guid.NewGuid(),
            Evidence = TestModels.Evidence(version.Sha256, verdict),
        };
        db.GateResults.Add(result);
        db.ModelSignatures.Add(new()
        {
            ModelVersionId = version.Id,
            EvidenceHash = ModelEvidence.Hash(version, [result]),
            SignedBy = TestClinic.Admin.UserId,
            SignedByName = "admin",
        });
        await db.SaveChangesAsync(Cancellation);
    }

    [Fact]
    public void RollBack_GoesToTheVersionThatWasActiveBefore()
    {
        var page = Open(TestClinic.Admin);

        Assert.Equal("Roll back to version 2", page.Find(".page-head button").TextContent.Trim());
        Assert.Equal(
            ["○ candidate", "● active", "○ retired", "○ retired"],
            page.FindAll(".mud-table:not(.timeline) tbody td.state:nth-child(3)").Select(c => c.TextContent));
        Assert.Equal(
            ["? not judged", "✕ refused", "✓ passed", "✓ passed"],
            page.FindAll(".mud-table:not(.timeline) tbody td.state:nth-child(4)").Select(c => c.TextContent));
        Assert.Contains("0.800", page.Find("tbody tr").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RollBack_ToAFileThatIsGone_SaysSoAndKeepsWhatIsActive()
    {
        var page = Open(TestClinic.Admin);
        await page.Find(".page-head button").ClickAsync(new());

        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.Find("[role=alert]").TextContent), Patience);
        await using var db = WebClinic.Context(Services);
        Assert.Equal(3, (await db.ModelVersions.SingleAsync(m => m.IsActive, Cancellation)).Number);
    }

    [Fact]
    public void Page_WithARefusedActiveVersion_SaysSoPlainlyAndShowsTheTimeline()
    {
        var page = Open(TestClinic.Reader);

        Assert.Contains("The active version 3 is refused by the gate", page.Find(".mud-alert").TextContent, StringComparison.Ordinal);
        Assert.Equal(
            ["● now", "2026-03-03 00:00", "2026-03-02 00:00"],
            page.FindAll(".timeline tbody td:nth-child(2)").Select(c => c.TextContent.Trim()));
    }

    [Fact]
    public async Task Page_SaysWhichVersionsAreAcceptedHere()
    {
        await using (var db = WebClinic.Context(Services))
        {
            var second = await db.ModelVersions.SingleAsync(m => m.Number == 2, Cancellation);
            db.LocalAcceptances.Add(new()
            {
                ModelVersionId = second.Id,
                Threshold = 0.4,
                Evidence = "{}",
                EvidenceHash = LocalAcceptance.HashOf(second.Sha256, 0.4, "{}"),
                Reason = "Measured.",
                AcceptedByName = "lead",
                AcceptedAt = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero),
            });
            await db.SaveChangesAsync(Cancellation);
        }

        var page = Open(TestClinic.Reader);

        Assert.Equal(
            ["not accepted here", "✓ 2026-03-02 08:00 by lead", "not accepted here"],
            page.FindAll(".mud-table:not(.timeline) tbody td:nth-child(5)").Select(c => c.TextContent.Trim()));
        Assert.Contains(
            page.FindAll(".mud-alert"), a => a.TextContent.Contains("version 3 is not accepted here", StringComparison.Ordinal));
    }

    [Fact]
    public void Page_OfSomebodyElse_OffersNeitherActivationNorRollBackNorRegistration() =>
        Assert.Empty(Open(TestClinic.Reader).FindAll("button, input"));

    [Fact]
    public async Task Page_OfAPromotedVersion_SaysWhoTrainedAndPromotedIt()
    {
        await using (var db = WebClinic.Context(Services))
        {
            var second = await db.ModelVersions.SingleAsync(m => m.Number == 2, Cancellation);
            db.TrainingRuns.Add(new()
            {
                Number = 1,
                Name = "run",
                Architecture = "resnet18",
                Configuration = "{}",
                StartedByName = "trainer",
                ModelVersionId = second.Id
            });
            db.Audit.Add(new()
            {
                Action = AuditAction.ModelActivate,
                Detail = "version 2, tried on 4 stored X-rays",
                UserName = "promoter",
                At = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero)
            });
            await db.SaveChangesAsync(Cancellation);
        }

        var rows = Open(TestClinic.Lead).FindAll(".mud-table:not(.timeline) tbody tr");

        Assert.Equal("test", rows[2].Children[7].TextContent);
        Assert.EndsWith(" by trainer", rows[2].Children[12].TextContent.Trim(), StringComparison.Ordinal);
        Assert.Equal("2026-03-02 08:00 by promoter", rows[2].Children[13].TextContent.Trim());
        Assert.DoesNotContain("by", rows[0].Children[12].TextContent, StringComparison.Ordinal);
        Assert.Equal("never", rows[0].Children[13].TextContent.Trim());
    }

    [Fact]
    public async Task Register_OfAFileThatIsNoModel_SaysSoAndLeavesTheListAsItWas()
    {
        var page = Open(TestClinic.Admin);

        page.FindComponent<Microsoft.AspNetCore.Components.Forms.InputFile>()
            .UploadFiles(InputFileContent.CreateFromText("no model", "x.safetensors"));

        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.Find(".mud-alert-outlined-error").TextContent), Patience);
        Assert.Equal(4, page.FindAll(".mud-table:not(.timeline) tbody tr").Count);
    }

    IRenderedComponent<ModelsPage> Open(Actor actor)
    {
        _person.SetAuthorized(actor.UserName);
        _person.SetPolicies(actor.Is(Role.Admin) ? [AccessPolicies.Administer] : []);
        var page = Draw<ModelsPage>(actor);
        // The candidate may stand in the shadow: who only reads does not see it.
        var seen = actor.Is(Role.Admin) || actor.Is(Role.DepartmentLead) ? 4 : 3;
        page.WaitForAssertion(() => Assert.Equal(seen, page.FindAll(".mud-table:not(.timeline) tbody tr").Count), Patience);
        return page;
    }

    static ModelVersion Version(int number, int? activatedOnDay, bool isActive = false) => new()
    {
        Number = number,
        Name = "m",
        Architecture = "resnet18",
        Sha256 = $"{number:D64}",
        FileKey = $"{number}.safetensors",
        HeaderJson = Header,
        IsActive = isActive,
        ActivatedAt = activatedOnDay is { } day ? new DateTimeOffset(2026, 3, day, 0, 0, 0, TimeSpan.Zero) : null,
    };
}
