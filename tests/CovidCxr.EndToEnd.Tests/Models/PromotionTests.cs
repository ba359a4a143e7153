using System.Text.RegularExpressions;
using CovidCxr.Domain.Accounts;
using CovidCxr.Platform.Accounts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests.Models;

/// <summary>A model earns its place, in a program with two administrators of its own.</summary>
[Collection(nameof(Clinic))]
public sealed class PromotionTests(Clinic clinic)
{
    const string Second = "second-admin@demo.local", SecondPassword = "copper-meridian-lagoon-6", Given = "saffron-glacier-09-tin";

    // A network that really learns, on two cores beside all else.
    const int Patience = 600_000;

    [Fact]
    public async Task Candidate_RefusedMendedAndSignedByTwo_IsNoticedAndRolledBack()
    {
        Clinic.NeedBrowser();
        await using var program = await RunningProgram.StartAsync("promotion", new()
        {
            ["Models__StarterFile"] = clinic.ModelFile("Stand-in A", seed: 1, side: 64),
            ["Accounts__IdleTimeout"] = "12:00:00",
        });
        var (page, second) = (await OpenAsync(program, Role.Admin), await clinic.OpenAsync(program.Address));
        clinic.Listen(second);
        await CreateSecondAsync(page);
        await Clinic.SignInFirstAsync(second, Second, Given, SecondPassword);

        await ImportAsync(page, "Marked", BarFilms.Archive(seed: 9000, isMarked: true));
        await TrainAsync(page, "Marked", "imagenet");
        await Expect(page.GetByText("It cannot be promoted. The gate refuses this version. Refused:")).ToBeVisibleAsync();
        await page.EvaluateAsync("scrollTo(0, 0)");
        await Look.CheckAsync(page, "promotion-run-refused");
        await AssertNeverPromotedAsync(program, page);

        await ImportAsync(page, "Mended", BarFilms.Archive(seed: 20_000, isMarked: false));
        await TrainAsync(page, "Mended", "imagenet");
        await Expect(page.GetByText("It may be promoted, once it is signed.")).ToBeVisibleAsync();
        await page.EvaluateAsync("scrollTo(0, 0)");
        await Look.CheckAsync(page, "promotion-run-passed");
        await PromoteByTwoAsync(page, second, version: 3);

        var reader = await OpenAsync(program, Role.Radiologist);
        await SeeNoticeAsync(program, reader, ", not of version 1.", "promotion-notice");
        await TrainAsync(page, "Mended", "version 3");
        await PromoteByTwoAsync(page, second, version: 4);
        await SeeNoticeAsync(program, reader, ", not of version 3.", null);
        await RollBackAsync(page, second);
        await SeeNoticeAsync(program, reader, "; version 4 was withdrawn.", "promotion-notice-rolled-back");
        await ReadTrailAsync(page);
        await page.Context.CloseAsync();
        await second.Context.CloseAsync();
        await reader.Context.CloseAsync();
        Assert.Empty(clinic.Complaints);
    }

    async Task<IPage> OpenAsync(RunningProgram program, string role)
    {
        var page = await clinic.OpenAsync(program.Address);
        clinic.Listen(page);
        await Clinic.SignInAsync(page, role);
        return page;
    }

    static async Task CreateSecondAsync(IPage page)
    {
        await page.GotoAsync("/admin/accounts");
        await page.GetByLabel("User name").FillAsync(Second);
        await page.GetByLabel("First password").FillAsync(Given);
        await page.Locator("label:has-text(\"Role\") select").SelectOptionAsync(Role.Admin);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(page.Locator("tbody tr", new() { HasTextString = Second })).ToContainTextAsync("✓ active");
    }

    static async Task ImportAsync(IPage page, string name, FilePayload archive)
    {
        await page.GotoAsync("/data-sets/import");
        await Expect(page.Locator("form[data-ready]")).ToHaveCountAsync(1);
        await page.GetByLabel("Archive").SetInputFilesAsync(archive);
        await page.GetByRole(AriaRole.Button, new() { Name = "Upload" }).ClickAsync();
        await Expect(page.GetByText($"{BarFilms.Patients} of them with a patient")).ToBeVisibleAsync();
        await page.GetByLabel("Name of the data set").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Import", Exact = true }).ClickAsync();
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("● ready");
        await page.GetByLabel("Validation (%)").FillAsync("20");
        await page.GetByLabel("Test (%)").FillAsync("40");
        await page.GetByRole(AriaRole.Button, new() { Name = "Divide by patient" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Validation" })).ToBeVisibleAsync();
        await Look.CheckAsync(page, $"promotion-data-{name.ToLowerInvariant()}", "dark");
    }

    // By a plan, which is frozen at the start; until the gate, which runs by itself, has judged what came of it.
    static async Task TrainAsync(IPage page, string data, string from)
    {
        await page.GotoAsync("/training");
        await page.GetByRole(AriaRole.Button, new() { Name = "New run" }).ClickAsync();
        var form = page.GetByRole(AriaRole.Region, new() { Name = "New run" });
        await ChooseAsync(form, "Data set", data);
        await form.Locator("label:has-text(\"Network\") select").SelectOptionAsync("resnet14");
        await ChooseAsync(form, "Start from", from == "imagenet" ? "ImageNet" : from);
        await page.GetByRole(AriaRole.Spinbutton, new() { Name = "Epochs", Exact = true }).FillAsync(from == "imagenet" ? "4" : "2");
        await page.GetByLabel("Lowest rate (amin)").FillAsync("1e-4");
        await page.GetByLabel("Highest rate (amax)").FillAsync("1e-3");
        await page.GetByText("All options").ClickAsync();
        await page.GetByLabel("Image size (pixels)").FillAsync("160");
        await page.GetByLabel("Batch size").FillAsync("8");
        await page.GetByLabel("Augment (the paper's Table 1)").UncheckAsync();
        await page.GetByLabel("Train by a plan").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the run" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The plan must say what will change");
        await page.GetByLabel("What will change").FillAsync($"The network learns from the films of {data}.");
        await page.GetByLabel("Why", new() { Exact = true }).FillAsync("The version at work was trained on no film at all.");
        if (data == "Marked")
        {
            await Look.CheckAsync(page, "promotion-plan");
        }

        await page.GetByRole(AriaRole.Button, new() { Name = "Start the run" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { NameRegex = new Regex(@"^Run \d+ ") })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Plan" })).ToContainTextAsync("Frozen as");
        await Expect(page.Locator(".page-head .state")).ToHaveTextAsync("● done", new() { Timeout = Patience });
    }

    static async Task ChooseAsync(ILocator form, string label, string text)
    {
        var select = form.Locator($"label:has-text(\"{label}\") select").First;
        var option = select.Locator("option").Filter(new() { HasText = text }).First;
        await select.SelectOptionAsync(await option.GetAttributeAsync("value") ?? "");
    }

    static async Task AssertNeverPromotedAsync(RunningProgram program, IPage page)
    {
        await page.GetByRole(AriaRole.Link, new() { Name = "What the gate found" }).ClickAsync();
        var refused = page.Locator("tr.gate-refused");
        await Expect(refused.Filter(new() { HasText = "border only" })).ToContainTextAsync("✕ refused");
        await Expect(page.GetByText("It cannot be promoted. The gate refuses this version.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Promote" })).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Sign the evidence" })).ToHaveCountAsync(0);
        await Look.CheckAsync(page, "promotion-gate-refused");
        // Nor by an address: there is none that activates.
        var gate = new Uri(page.Url).AbsolutePath;
        var id = gate.Split('/')[2];
        var token = await page.Locator("meta[name=antiforgery]").GetAttributeAsync("content");
        foreach (var address in new[] { gate, $"/models/{id}", $"/models/{id}/activate", $"/api/v1/models/{id}", "/api/v1/models" })
        {
            var form = page.APIRequest.CreateFormData();
            form.Set("_handler", "promote");
            var answer = await page.APIRequest.PostAsync(
                address, new() { Form = form, Headers = new Dictionary<string, string> { ["RequestVerificationToken"] = token! } });
            Assert.True(answer.Status >= 400, $"{address} answered {answer.Status}.");
        }

        await page.GotoAsync("/models");
        await Expect(page.Locator(".mud-table:not(.timeline) tbody tr").First).ToContainTextAsync("✕ refused");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Roll back" })).ToHaveCountAsync(0);
        await Look.CheckAsync(page, "promotion-models-refused");
        Assert.Equal(1, await ActiveAsync(program));
    }

    static async Task<int> ActiveAsync(RunningProgram program)
    {
        await using var db = program.OpenDatabase();
        return await db.ModelVersions.Where(m => m.IsActive).Select(m => m.Number).SingleAsync();
    }

    static async Task PromoteByTwoAsync(IPage page, IPage second, int version)
    {
        await Expect(page.GetByText("It may be promoted, once it is signed.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign and promote it" }).ClickAsync();
        var promote = new PageGetByRoleOptions { Name = $"Promote version {version}" };
        await Expect(page.GetByText("none of 2")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, promote)).ToHaveCountAsync(0);
        await Look.CheckAsync(page, $"promotion-gate-{version}");
        await SignAsync(page, "not the password at all");
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasTextString = "The password is wrong." })).ToBeVisibleAsync();
        await SignAsync(page, SeedDemoAccounts.All.Single(a => a.Role == Role.Admin).Password);
        await Expect(page.GetByText("Another administrator has to open this page and sign too.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, promote)).ToHaveCountAsync(0);
        await Look.CheckAsync(page, $"promotion-signed-{version}", "light");

        await second.GotoAsync(new Uri(page.Url).AbsolutePath);
        await Expect(second.GetByText($"✓ {SeedDemoAccounts.All.Single(a => a.Role == Role.Admin).UserName}")).ToBeVisibleAsync();
        await SignAsync(second, SecondPassword);
        await second.GetByRole(AriaRole.Button, promote).ClickAsync();
        await Expect(second.GetByText($"Version {version} is active.")).ToBeVisibleAsync();
        await Look.CheckAsync(second, $"promotion-active-{version}");
    }

    static async Task SignAsync(IPage page, string password)
    {
        await page.GetByLabel("Your password").FillAsync(password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign the evidence" }).ClickAsync();
    }

    // Before the next reading, once, and kept when it was seen.
    static async Task SeeNoticeAsync(RunningProgram program, IPage reader, string words, string? picture)
    {
        await using var db = program.OpenDatabase();
        await Clinic.OpenStudyAsync(reader, await db.Studies.Select(s => s.Id).FirstAsync());
        await Expect(reader.Locator(".model-notice")).ToContainTextAsync(words);
        if (picture is not null)
        {
            await Look.CheckAsync(reader, picture);
        }

        await reader.GetByRole(AriaRole.Button, new() { Name = "I have seen it" }).ClickAsync();
        await Expect(reader.Locator(".model-notice")).ToHaveCountAsync(0);
        await reader.ReloadAsync();
        await Expect(reader.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
        await Expect(reader.Locator(".model-notice")).ToHaveCountAsync(0);
    }

    // To the version that was accepted last; the one that was withdrawn is offered by nothing, and its signatures are void.
    static async Task RollBackAsync(IPage page, IPage second)
    {
        await page.GotoAsync("/models");
        await page.GetByRole(AriaRole.Button, new() { Name = "Roll back to version 3" }).ClickAsync();
        await Expect(page.GetByText("Version 3 is active again.")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Roll back" })).ToHaveCountAsync(0);
        await Expect(page.Locator(".timeline tbody tr").First).ToContainTextAsync("version 3, ");
        await Look.CheckAsync(page, "promotion-rolled-back");
        await second.ReloadAsync();
        await Expect(second.GetByText("none of 2")).ToBeVisibleAsync();
        await Expect(second.GetByRole(AriaRole.Button, new() { Name = "Promote version 4" })).ToHaveCountAsync(0);
    }

    static async Task ReadTrailAsync(IPage page)
    {
        await page.GotoAsync("/admin/audit");
        foreach (var (action, rows, words) in new[]
        {
            ("RetrainingStart", 3, "plan "), ("ModelSign", 6, "evidence "), ("ModelActivate", 4, "version 3, rolled back"),
        })
        {
            await page.GetByLabel("Action").SelectOptionAsync(action);
            await Expect(page.Locator("tbody tr")).ToHaveCountAsync(rows);
            await Expect(page.Locator("tbody tr").First).ToContainTextAsync(words);
        }

        await Look.CheckAsync(page, "promotion-audit");
    }
}
