using Bunit;
using CovidCxr.Domain.Models;
using CovidCxr.Learning.Gate;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Laboratory.Models;
using CovidCxr.Web.Tests.Features.Clinic.Readings;

namespace CovidCxr.Web.Tests.Features.Laboratory.Models;

/// <summary>A card is red where something speaks against the version, and says it before anything else.</summary>
public sealed class ModelCardPageTests : ClinicPages
{
    public ModelCardPageTests() => AddAuthorization().SetAuthorized("reader");

    async Task<IRenderedComponent<ModelCardPage>> OpenAsync(double? kept, GateVerdict? gate)
    {
        var version = new ModelVersion
        {
            Number = 5,
            Name = "m",
            Architecture = "resnet18",
            Sha256 = "05",
            FileKey = "5",
            HeaderJson = (TestHeader.Of() with
            {
                Metrics = kept is { } share ? [new("blacked out", ModelWarnings.KeptFigure, share, 0.01, 0.59, 60, "bootstrap")] : [],
            }).ToJson(),
            ActivatedAt = new DateTimeOffset(2026, 3, 2, 8, 0, 0, TimeSpan.Zero),
        };
        await using (var db = WebClinic.Context(Services))
        {
            db.ModelVersions.Add(version);
            if (gate is { } verdict)
            {
                db.GateResults.Add(new()
                {
                    ModelVersionId = version.Id,
                    RunId = Guid.NewGuid(),
                    Evidence = TestModels.Evidence(version.Sha256, verdict),
                });
            }

            await db.SaveChangesAsync(Cancellation);
        }

        var page = Draw<ModelCardPage>(TestClinic.Reader, p => p.Add(c => c.Id, version.Id));
        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.FindAll("h1")), Patience);
        return page;
    }

    static string[] Red(IRenderedComponent<ModelCardPage> page) =>
        [.. page.FindAll("section[aria-labelledby=warnings] .mud-alert-outlined-error .mud-alert-message")
            .Select(a => a.TextContent.Trim())];

    [Fact]
    public async Task Card_OfARefusedVersion_WhoseCallsStay_IsRedAtItsTop()
    {
        var page = await OpenAsync(0.45, GateVerdict.Refused);

        Assert.Equal(
            [
                "The gate has refused this version: border only.",
                "0.45 of its positive calls stay with the lungs blacked out (95% interval 0.01 to 0.59, 60 calls). At most 0.10 may.",
            ],
            Red(page));
        // Before the intended use, under a heading of its own, with the way to the whole.
        Assert.Equal("H1 SECTION P", string.Join(' ', page.Find("h1").ParentElement!.Children.Take(3).Select(e => e.NodeName)));
        Assert.Equal("warnings", page.Find("section h2").Id);
        Assert.EndsWith("/gate", page.Find("section[aria-labelledby=warnings] a").GetAttribute("href"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Card_OfAVersionOfWhichNothingIsKnown_IsRedToo()
    {
        var red = Red(await OpenAsync(kept: null, gate: null));

        Assert.Equal("The gate has not judged this version.", red[0]);
        Assert.StartsWith("How many of its positive calls stay with the lungs blacked out is not known.", red[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Card_OfAVersionThatNothingSpeaksAgainst_IsNot() =>
        Assert.Empty((await OpenAsync(0.05, GateVerdict.Passed)).FindAll(".mud-alert, #warnings"));
}
