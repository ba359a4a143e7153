using System.Globalization;
using System.Text.RegularExpressions;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>The department's own program, for both stories.</summary>
public sealed class DepartmentProgram(Clinic clinic) : IAsyncLifetime
{
    RunningProgram? _program;
    SeededDepartment? _department;

    internal RunningProgram Program => _program!;

    internal SeededDepartment Department => _department!;

    public async ValueTask InitializeAsync()
    {
        if (!File.Exists(Places.Chromium))
        {
            return;
        }

        _program = await RunningProgram.StartAsync(
            "department", new() { ["Models__StarterFile"] = clinic.ModelFile("Stand-in A", seed: 1, side: 64) });
        await using var db = Program.OpenDatabase();
        _department = await SeededDepartment.FillAsync(db);
    }

    public async ValueTask DisposeAsync() => await (_program?.DisposeAsync() ?? ValueTask.CompletedTask);
}

/// <summary>A department of known truth: what the lead sees is what was put in, computed here by its definition.</summary>
[Collection(nameof(Clinic))]
public sealed partial class DepartmentTests(Clinic clinic, DepartmentProgram started) : IClassFixture<DepartmentProgram>
{
    const string Password = "lantern-fjord-cobalt-42";

    /// <summary>The adjudicated study is read today; what was put in, before.</summary>
    const string Period = "to=2026-06-30";

    readonly SeededDepartment _department = started.Department;

    RunningProgram Program => started.Program;

    async Task<IPage> OpenAsync(string user, string password)
    {
        var page = await clinic.OpenAsync(Program.Address);
        await Clinic.SignInAsync(page, user, password);
        return page;
    }

    Task<IPage> OpenAsync(string role) =>
        CovidCxr.Platform.Accounts.SeedDemoAccounts.All.Single(a => a.Role == role) is var account
            ? OpenAsync(account.UserName, account.Password)
            : throw new InvalidOperationException();

    static async Task AssertPageAsync(IPage lead, IReadOnlyCollection<Put> readings)
    {
        await Expect(lead.Locator("#main")).ToContainTextAsync($"{readings.Count:N0} readings");
        await AssertCellsAsync("Model vs reader (blind)", readings, r => r.Model, r => r.Blind);
        await AssertCellsAsync("Reader (blind) vs reference", readings, r => r.Blind, r => r.Truth);
        await AssertCellsAsync("Model vs reference", [.. readings.DistinctBy(r => r.Study)], r => r.Model, r => r.Truth);
        await AssertCellsAsync("Reader (final) vs reference", readings, r => r.Final, r => r.Truth);

        async Task AssertCellsAsync(string pair, IReadOnlyCollection<Put> of, Func<Put, bool?> first, Func<Put, bool?> second)
        {
            var calls = of.Where(r => first(r) is not null && second(r) is not null)
                .Select(r => (First: first(r)!.Value, Second: second(r)!.Value)).ToList();
            double[] cells = [
                calls.Count(c => c is (true, true)), calls.Count(c => c is (true, false)), calls.Count(c => c is (false, true)),
                calls.Count(c => c is (false, false))];
            var card = lead.GetByRole(AriaRole.Region, new() { Name = pair, Exact = true });
            Assert.Equal(cells.Select(c => c.ToString(CultureInfo.InvariantCulture)), await card.Locator("td a").AllTextContentsAsync());
            double n = calls.Count, po = (cells[0] + cells[3]) / n, pe = (((cells[0] + cells[1]) * (cells[0] + cells[2])) + ((
                cells[2] + cells[3]) * (cells[1] + cells[3])))
                / (n * n);
            await AssertFigureAsync(card, "Cohen's kappa", (po - pe) / (1 - pe));
            if (pair.EndsWith("reference", StringComparison.Ordinal))
            {
                await AssertFigureAsync(card, "Sensitivity", cells[0] / (cells[0] + cells[2]));
                await AssertFigureAsync(card, "Specificity", cells[3] / (cells[1] + cells[3]));
                await AssertFigureAsync(card, "PPV", cells[0] / (cells[0] + cells[1]));
            }
        }
    }

    static async Task AssertFigureAsync(ILocator card, string name, double expected)
    {
        var text = await card.Locator("div").Filter(new() { Has = card.Page.GetByText(name, new() { Exact = true }) }).Locator("dd").First
            .InnerTextAsync();
        Assert.StartsWith(expected.ToString("F2", CultureInfo.InvariantCulture), text, StringComparison.Ordinal);
        // The interval under it holds the value.
        var numbers = Numbers().Matches(text).Select(m => double.Parse(m.Value, CultureInfo.InvariantCulture)).ToList();
        Assert.True(numbers.Count == 3 && numbers[1] <= numbers[0] && numbers[0] <= numbers[2], $"{name}: {text}");
    }

    [GeneratedRegex(@"\d\.\d\d")]
    private static partial Regex Numbers();

    static async Task GoAsync(IPage page, string address)
    {
        await page.GotoAsync(address);
        await Expect(page.Locator("#main")).Not.ToContainTextAsync("Comparing…");
        await Expect(page.Locator("#main")).Not.ToContainTextAsync("NaN");
    }

    [Fact]
    public async Task Lead_OfASeededDepartment_SeesWhatWasPutIn()
    {
        Clinic.NeedBrowser();
        var lead = await OpenAsync(Role.DepartmentLead);
        await GoAsync(lead, $"/agreement?{Period}");
        await AssertPageAsync(lead, _department.Readings);
        await Expect(lead.Locator("#main")).ToContainTextAsync($"{_department.Contradictory} studies with contradictory references");
        await Expect(lead.Locator("#main")).ToContainTextAsync("Without any finished reading: reader7@demo.local");
        await Expect(lead.GetByText("Krippendorff's alpha", new() { Exact = true })).ToBeVisibleAsync();
        await Look.CheckAsync(lead, "agreement-department");

        // A filter changes the numbers, and the address keeps it.
        await lead.GetByLabel("Reader", new() { Exact = true }).SelectOptionAsync(_department.People[2].Name);
        await AssertPageAsync(lead, [.. _department.Readings.Where(r => r.Reader == 2)]);
        await lead.GetByLabel("Reader", new() { Exact = true }).SelectOptionAsync("All readers");
        await lead.GetByLabel("Age", new() { Exact = true }).SelectOptionAsync("60–79 y");
        await AssertPageAsync(lead, [.. _department.Readings.Where(r => r.Age is >= 60 and < 80)]);
        await lead.GetByLabel("Prevalence, %").FillAsync("5");
        await lead.GetByLabel("Prevalence, %").PressAsync("Tab");
        await Expect(lead.GetByText("PPV at 5%").First).ToBeVisibleAsync();

        // A number opens its studies.
        await GoAsync(lead, $"/agreement?{Period}");
        var alarms = _department.Readings.Count(r => r is { Blind: true, Truth: false });
        await lead.GetByRole(AriaRole.Region, new() { Name = "Reader (blind) vs reference", Exact = true }).Locator("td a").Nth(1)
            .ClickAsync();
        await Expect(lead.Locator(".pager")).ToContainTextAsync($"of {alarms:N0}");

        await GoAsync(lead, $"/agreement?reader={_department.People[6].Id}");
        await Expect(lead.Locator(".empty")).ToHaveTextAsync("reader7@demo.local has not finished a reading yet.");
        await using (var db = Program.OpenDatabase())
        {
            await GoAsync(lead, $"/agreement?model={(await db.ModelVersions.SingleAsync(m => m.Number == 102)).Id}");
        }

        await Expect(lead.Locator(".empty")).ToHaveTextAsync("No reading was finished with Seeded 102 v102 in sight.");
        var csv = await (await lead.APIRequest.GetAsync($"/agreement/export.csv?{Period}")).TextAsync();
        Assert.Equal(_department.Readings.Count + 2, csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);

        // A radiologist sees own figures alone, the administrator none, and no note.
        var reader = await OpenAsync(Role.Radiologist);
        await GoAsync(reader, $"/agreement?{Period}");
        await Expect(reader.GetByText("Your own readings alone")).ToBeVisibleAsync();
        await AssertPageAsync(reader, [.. _department.Readings.Where(r => r.Reader == 0)]);
        await reader.GotoAsync("/agreement/discordant");
        await Expect(reader.Locator("#main")).Not.ToContainTextAsync("Discordant studies");
        var admin = await OpenAsync(Role.Admin);
        foreach (var address in new[] { "/agreement", "/admin/audit", "/admin/system", $"/studies/{_department.Readings[0].Study}" })
        {
            await admin.GotoAsync(address);
            Assert.DoesNotContain(SeededDepartment.Note, await admin.ContentAsync(), StringComparison.Ordinal);
        }

        Assert.Equal(403, (
            await admin.APIRequest.GetAsync(
                "/agreement/export.csv", new() { Headers = new Dictionary<string, string> { ["Accept"] = "text/csv" } })).Status);
        await Task.WhenAll(new[] { lead, reader, admin }.Select(p => p.Context.CloseAsync()));
    }

    [Fact]
    public async Task Policies_OfDaysByLot_AreComparedAsTheyWerePutIn()
    {
        Clinic.NeedBrowser();
        var lead = await OpenAsync(Role.DepartmentLead);
        await GoAsync(lead, "/agreement/policies");
        await AssertAsync(_department.Trial);
        await Expect(lead.GetByText("Only days drawn by lot are compared")).ToBeVisibleAsync();
        await Look.CheckAsync(lead, "agreement-policies");
        await lead.GetByLabel("Sex", new() { Exact = true }).SelectOptionAsync("Female");
        await AssertAsync([.. _department.Trial.Where(d => d.Sex == Domain.Studies.Sex.Female)]);
        await lead.GetByRole(AriaRole.Row)
            .Filter(new() { Has = lead.GetByRole(AriaRole.Rowheader, new() { Name = "Readings", Exact = true }) })
            .GetByRole(AriaRole.Link).Last.PressAsync("Enter");
        await Expect(lead.Locator("h1")).ToHaveTextAsync("Policies compared: concurrent readings");
        await Expect(lead.Locator(".pager"))
            .ToContainTextAsync($"of {_department.Trial.Count(d => d.Sex == Domain.Studies.Sex.Female && d.Before is null):N0}");
        await lead.Context.CloseAsync();

        async Task AssertAsync(List<Drawn> drawn)
        {
            var (blinded, concurrent) = (drawn.Where(d => d.Before is not null).ToList(), drawn.Where(d => d.Before is null).ToList());
            await Expect(lead.Locator("#main"))
                .ToContainTextAsync($"{blinded.Count} readings blinded first, {concurrent.Count} concurrent");
            var (before, after, model) =
                (Sensitivity(blinded, d => d.Before!.Value), Sensitivity(blinded, d => d.Final), Sensitivity(concurrent, d => d.Final));
            var cells = await lead.GetByRole(AriaRole.Row)
                .Filter(new() { Has = lead.GetByRole(AriaRole.Rowheader, new() { Name = "Sensitivity", Exact = true }) }).Locator("td")
                .AllInnerTextsAsync();
            Assert.Equal(
                new[] { before, after, model }.Select(s => s.ToString("F2", CultureInfo.InvariantCulture)).Concat(
                    new[] { model - before, model - after }.Select(d => d.ToString("+0.00;−0.00;0.00", CultureInfo.InvariantCulture))),
                cells.Select(c => c.Split('\n', StringSplitOptions.RemoveEmptyEntries)[0].Trim()));
        }

        static double Sensitivity(List<Drawn> of, Func<Drawn, bool> call) => of.Where(d => d.Truth == true).Average(d => call(d) ? 1.0 : 0);
    }

    [Fact]
    public async Task Film_WithdrawnMovedMergedAndPutBack_ChangesTheStatisticsAsComputedHere()
    {
        Clinic.NeedBrowser();
        var lead = await OpenAsync(Role.DepartmentLead);
        var film = _department.Readings.First(r => r is { Truth: true, Blind: false, Model: true });
        var other = _department.Readings.First(r => r.Patient != film.Patient && r.Truth is not null);
        var (of, under) = (await CountAsync(film.Patient), await CountAsync(other.Patient));
        await AssertStatisticsAsync(_department.Readings);

        await ChangeAsync("Withdraw…", "Withdraw", "Withdrawn.");
        await AssertStatisticsAsync([.. _department.Readings.Where(r => r.Study != film.Study)]);
        Assert.Equal(of - 1, await CountAsync(film.Patient));
        await ChangeAsync("Bring back…", "Bring back", "Brought back.");
        await AssertStatisticsAsync(_department.Readings);

        // What a test found of one person is no truth of another's film.
        await ChangeAsync("Correct or move…", "Save", "Changed.", other.Patient);
        await AssertStatisticsAsync([.. _department.Readings.Select(r => r.Study == film.Study ? r with { Truth = null } : r)]);
        Assert.Equal((of - 1, under + 1), (await CountAsync(film.Patient), await CountAsync(other.Patient)));
        await ChangeAsync("Undo last change…", "Undo", "Taken back.");
        await AssertStatisticsAsync(_department.Readings);

        // One person had two numbers: all that is known stays known.
        await lead.GotoAsync($"/patients/{film.Patient}");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Same person as another number…" }).ClickAsync();
        await lead.GetByLabel("The number that they belong to").FillAsync(other.Patient);
        await lead.GetByLabel("Reason").FillAsync("two numbers of one person");
        await lead.GetByRole(AriaRole.Button, new() { Name = "Move", Exact = true }).ClickAsync();
        await lead.GetByRole(AriaRole.Button, new() { Name = "Move all the same" }).ClickAsync();
        await Expect(lead.GetByRole(AriaRole.Heading, new() { Name = $"Patient {other.Patient}" })).ToBeVisibleAsync();
        await AssertStatisticsAsync(_department.Readings);
        Assert.Equal((0, of + under), (await CountAsync(film.Patient), await CountAsync(other.Patient)));
        await ChangeAsync("Undo last change…", "Undo", "Taken back.");
        await AssertStatisticsAsync(_department.Readings);
        Assert.Equal((of, under), (await CountAsync(film.Patient), await CountAsync(other.Patient)));
        await lead.Context.CloseAsync();

        async Task AssertStatisticsAsync(IReadOnlyCollection<Put> readings)
        {
            await GoAsync(lead, $"/agreement?{Period}");
            await AssertPageAsync(lead, readings);
        }

        async Task<int> CountAsync(string patient)
        {
            await using var db = Program.OpenDatabase();
            return await db.Studies.CountAsync(s => s.PatientNumber == patient);
        }

        async Task ChangeAsync(string open, string save, string said, string? number = null)
        {
            await lead.GotoAsync($"/studies/{film.Study}");
            await lead.GetByRole(AriaRole.Button, new() { Name = open }).ClickAsync();
            var dialog = lead.GetByRole(AriaRole.Dialog);
            if (number is not null)
            {
                await dialog.GetByLabel("Patient number").FillAsync(number);
            }

            await dialog.GetByLabel("Reason").FillAsync("of another person");
            await dialog.GetByRole(AriaRole.Button, new() { Name = save, Exact = true }).ClickAsync();
            if (number is not null)
            {
                await Expect(dialog).ToContainTextAsync("once this is saved it counts no more");
                await dialog.GetByRole(AriaRole.Button, new() { Name = "Save all the same" }).ClickAsync();
            }

            await Expect(lead.Locator(".study-corrections > .study-said")).ToHaveTextAsync(said);
        }
    }

    [Fact]
    public async Task Disagreement_AssignedToTwoBlindedReaders_BecomesTheConsensus()
    {
        Clinic.NeedBrowser();
        var uploader = await OpenAsync(Role.Radiologist);
        await uploader.GotoAsync("/");
        var study = await Clinic.UploadAsync(uploader, Films.Png("adjudicate.png", Films.Phantom(5201)), "E2E-ADJ");
        await WaitAndDisagreeAsync(study);

        var lead = await OpenAsync(Role.DepartmentLead);
        await GoAsync(lead, $"/agreement/discordant?from={TimeProvider.System.GetUtcNow():yyyy-MM-dd}");
        await Expect(lead.Locator(".discordant li")).ToHaveCountAsync(1);
        await Expect(lead.Locator(".discordant img")).ToHaveJSPropertyAsync("complete", true);
        Assert.True(await lead.Locator(".discordant img").EvaluateAsync<int>("i => i.naturalWidth") > 50);
        await Look.CheckAsync(lead, "agreement-discordant");
        await lead.GetByLabel("First reader").SelectOptionAsync(_department.People[3].Name);
        await lead.GetByLabel("Second reader").SelectOptionAsync(_department.People[4].Name);
        await lead.Locator("h1").ClickAsync();
        await lead.Keyboard.PressAsync("ArrowDown");
        await lead.Keyboard.PressAsync("Space");
        await Expect(lead.GetByText("1 chosen")).ToBeVisibleAsync();
        await lead.Keyboard.PressAsync("a");
        await Expect(lead.GetByText("No reader and model disagree on a study")).ToBeVisibleAsync();

        foreach (var person in new[] { 3, 4 })
        {
            var reader = await OpenAsync(_department.People[person].Name, Password);
            await reader.GotoAsync("/");
            await reader.GetByRole(AriaRole.Link, new() { Name = "Asked of you (1)" }).ClickAsync();
            await Expect(reader.Locator("a.row")).ToHaveCountAsync(1);
            await Expect(reader.Locator(".worklist tbody")).ToContainTextAsync("locked until you have read it");
            await reader.Locator("a.row").ClickAsync();
            await Expect(reader.Locator(".study")).ToHaveAttributeAsync("data-stage", "Blind");
            await Expect(reader.Locator("#viewer[data-state=ready]")).ToBeVisibleAsync();
            await reader.Keyboard.PressAsync("1");
            await reader.Keyboard.PressAsync("Shift+4");
            await reader.Keyboard.PressAsync("Enter");
            await Expect(reader.Locator(".study")).ToHaveAttributeAsync("data-stage", "Final");
            await reader.Context.CloseAsync();
        }

        await lead.GotoAsync("/agreement/adjudication");
        await Expect(lead.Locator("table tbody")).ToContainTextAsync("● settled");
        await Expect(lead.Locator("table tbody")).ToContainTextAsync("reader4@demo.local: COVID-19");
        await Look.CheckAsync(lead, "agreement-adjudication");
        await using var db = Program.OpenDatabase();
        var consensus = await db.ReferenceFindings.SingleAsync(f => f.StudyId == study);
        Assert.Equal((ReferenceSource.Consensus, ReferenceResult.Positive), (consensus.Source, consensus.Result));
        Assert.Equal("adjudication, blinded: reader4@demo.local Covid19, reader5@demo.local Covid19", consensus.Basis);
        await Task.WhenAll(new[] { lead, uploader }.Select(p => p.Context.CloseAsync()));
    }

    // Once the model has answered, reader 2 has said the opposite of it.
    async Task WaitAndDisagreeAsync(Guid study)
    {
        await using var db = Program.OpenDatabase();
        for (var i = 0; i < 600 && !await db.Predictions.AnyAsync(p => p.StudyId == study); i++)
        {
            await Task.Delay(200);
        }

        var prediction = await db.Predictions.SingleAsync(p => p.StudyId == study);
        var opposite = prediction.PredictedIndex == prediction.PositiveIndex ? Opinion.Normal : Opinion.Covid19;
        foreach (var stage in new[] { ReadingStage.Blind, ReadingStage.Final })
        {
            db.Readings.Add(new()
            {
                StudyId = study,
                ReaderId = _department.People[1].Id,
                Stage = stage,
                Opinion = opposite,
                Confidence = 5,
                AgreesWithPrediction = stage == ReadingStage.Final ? false : null,
                PredictionId = stage == ReadingStage.Final ? prediction.Id : null,
                CreatedAt = TimeProvider.System.GetUtcNow(),
                SubmissionId = Guid.NewGuid(),
            });
        }

        await db.SaveChangesAsync();
    }
}
