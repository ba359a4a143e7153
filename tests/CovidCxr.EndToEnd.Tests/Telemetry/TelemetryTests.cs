using System.Text.RegularExpressions;
using CovidCxr.Domain.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests.Telemetry;

/// <summary>What the program of all stories tells a collector.</summary>
[Collection(nameof(Clinic))]
public sealed partial class TelemetryTests(Clinic clinic)
{
    [Fact]
    public async Task Upload_IsOneTraceToItsPrediction_AndNoPatientIsInAnything()
    {
        Clinic.NeedBrowser();
        var trace = Convert.ToHexStringLower(Guid.NewGuid().ToByteArray());
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        await page.GetByRole(AriaRole.Button, new() { Name = "Details" }).ClickAsync();
        await page.GetByLabel("Patient number", new() { Exact = true }).FillAsync("E2E-TRACED");
        await page.RouteAsync("**/studies/upload", route => route.ContinueAsync(new()
        {
            Headers = new Dictionary<string, string>(route.Request.Headers) { ["traceparent"] = $"00-{trace}-00f067aa0ba902b7-01" },
        }));
        await page.Locator("input[type=file]").First.SetInputFilesAsync(Films.Png("traced.png", Films.Phantom(310)));
        await Expect(page.Locator(".tray .fate", new() { HasTextString = "✓ stored" })).ToHaveCountAsync(1);
        await page.GotoAsync("patients/E2E-TRACED");
        await page.GotoAsync("?search=E2E-TRACED");

        // The request, its job and what the job does.
        var id = Convert.FromHexString(trace);
        await WaitAsync(() => clinic.Collector.Count("traces", id) >= 3, "three spans of the upload");
        await WaitAsync(() => clinic.Collector.Count("traces", "job analyse-study", beside: id) > 0, "its job");
        await WaitAsync(() => clinic.Collector.Count("traces", "infer", beside: id) > 0, "the network's answer");
        await using var db = clinic.Program.OpenDatabase();
        var numbers = await db.AllStudies.Select(s => s.PatientNumber).Where(n => n != null && n.Length > 7).Distinct().ToListAsync(
            TestContext.Current.CancellationToken);
        Assert.Contains("E2E-TRACED", numbers);
        Assert.All(numbers, n => Assert.Equal(0, clinic.Collector.Count(n!)));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Dashboard_AsksForMetricsThatTheProgramSends()
    {
        Clinic.NeedBrowser();
        var dashboard = await File.ReadAllTextAsync(Places.Dashboard, TestContext.Current.CancellationToken);
        var asked = Metric().Matches(dashboard).Select(m => m.Value).ToHashSet();

        Assert.NotEmpty(asked);
        // A circuit, for the page that counts them.
        var page = await clinic.OpenAsync(Role.Radiologist);
        await page.GotoAsync("/");
        await Expect(page.Locator(".worklist tbody tr").First).ToBeVisibleAsync();
        // The phantoms were analysed before the first story; health is looked at every half minute.
        foreach (var name in asked)
        {
            await WaitAsync(() => clinic.Collector.Count("metrics", Name(name)) > 0, name);
        }

        await page.Context.CloseAsync();
    }

    // Prometheus writes dots as underscores, and adds the unit and what of a histogram it is.
    static string Name(string metric) => Suffix().Replace(metric, "").Replace('_', '.');

    static async Task WaitAsync(Func<bool> isSo, string what)
    {
        for (var tries = 0; !isSo(); tries++)
        {
            Assert.True(tries < 600, $"The collector was not told of {what} within a minute.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }

    [GeneratedRegex("(covidcxr|http_server|aspnetcore)_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("(_seconds)?(_bucket|_count|_sum)?$")]
    private static partial Regex Suffix();
}
