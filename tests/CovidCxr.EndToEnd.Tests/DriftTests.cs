using System.Globalization;
using System.Text;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>A department whose scores move and whose readers begin to disagree: what the lead is told, sees and prints.</summary>
[Collection(nameof(Clinic))]
public sealed class DriftTests(Clinic clinic)
{
    const string February = "from=2026-02-01&to=2026-02-28";

    static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    /// <summary>The Monday of the last week that is over.</summary>
    static DateOnly LastMonday =>
        DateOnly.FromDateTime(Now.UtcDateTime) is var today ? today.AddDays(-7 - (((int)today.DayOfWeek + 6) % 7)) : default;

    /// <summary>
    /// Forty studies of last month with scores all over, forty of this month with high ones; a week ago readers agreed with half of the
    /// former.
    /// </summary>
    static async Task DriftAsync(CovidCxrDbContext db, SeededDepartment department)
    {
        var version = await db.ModelVersions.Where(m => m.Number == 102).Select(m => m.Id).SingleAsync();
        var month = new DateTimeOffset(Now.Year, Now.Month, 1, 0, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 40; i++)
        {
            var prediction = Add($"old-{i}", month.AddDays(-3).AddSeconds(i), i / 40.0);
            Add($"new-{i}", month.AddSeconds(i), 0.9 + (i / 1000.0));
            foreach (var stage in new[] { ReadingStage.Blind, ReadingStage.Final })
            {
                db.Readings.Add(new()
                {
                    StudyId = prediction.StudyId,
                    ReaderId = department.People[1].Id,
                    Stage = stage,
                    Opinion = prediction.PredictedIndex == 1 == (i % 2 == 0) ? Opinion.Covid19 : Opinion.Normal,
                    Confidence = 3,
                    Note = SeededDepartment.Note,
                    AgreesWithPrediction = stage == ReadingStage.Final ? i % 2 == 0 : null,
                    PredictionId = stage == ReadingStage.Final ? prediction.Id : null,
                    CreatedAt = new DateTimeOffset(LastMonday.AddDays(2), new(9, 0), TimeSpan.Zero).AddSeconds(i),
                    SubmissionId = Guid.NewGuid(),
                });
            }
        }

        await db.SaveChangesAsync();

        Prediction Add(string name, DateTimeOffset at, double score)
        {
            var study = new Study
            {
                PatientNumber = $"DRIFT-{name}",
                PixelHash = name,
                ImageKey = "none",
                ReceivedAt = at,
                Width = 512,
                Height = 512,
                BitsStored = 8,
                Status = StudyStatus.Ready,
                ReadCount = 1
            };
            var prediction = new Prediction
            {
                StudyId = study.Id,
                ModelVersionId = version,
                CreatedAt = at,
                Classes = ["Other", "COVID-19"],
                Probabilities = [1 - score, score],
                PositiveIndex = 1,
                PredictedIndex = score >= SeededDepartment.Threshold ? 1 : 0,
                Threshold = SeededDepartment.Threshold,
                Device = "cpu",
                HeatMaps = [],
            };
            (study.PredictionId, study.PredictedClass, study.Probability) =
                (prediction.Id, prediction.Classes[prediction.PredictedIndex], score);
            db.AddRange(study, prediction);
            return prediction;
        }
    }

    static async Task AlertsAsync(IPage lead)
    {
        await lead.GotoAsync("/agreement");
        var alerts = lead.GetByRole(AriaRole.Region, new() { Name = "Alerts" });
        await alerts.GetByRole(AriaRole.Button, new() { Name = "Check now" }).ClickAsync();
        await Expect(alerts).ToContainTextAsync("⚠ 2 open alerts");
        await Expect(alerts).ToContainTextAsync($"the week from {LastMonday:yyyy-MM-dd}: 50.0% of 40 readings, threshold 80.0%");
        await Expect(alerts).ToContainTextAsync("Scores of Seeded 102 v102");
        await Expect(lead.GetByRole(AriaRole.Link, new() { Name = "Agreement, 2 open alerts" })).ToBeVisibleAsync();
        await lead.GetByText("Export", new() { Exact = true }).ClickAsync();
        await Expect(lead.GetByRole(AriaRole.Link, new() { Name = "Report to print" })).ToBeVisibleAsync();
        await Look.CheckAsync(lead, "agreement-alerts");
        await lead.GetByText("Export", new() { Exact = true }).ClickAsync();

        await alerts.GetByRole(AriaRole.Row).Filter(new() { HasText = "week from" }).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(lead.GetByRole(AriaRole.Link, new() { Name = "Agreement, 1 open alert" })).ToBeVisibleAsync();
        await alerts.GetByText("1 acknowledged alert").ClickAsync();
        await Expect(alerts.Locator("details")).ToContainTextAsync("lead@demo.local");
    }

    static async Task AssertDriftAsync(IPage lead, CovidCxrDbContext db)
    {
        await lead.GotoAsync($"/agreement/drift?{February}");
        await Expect(lead.Locator("#main"))
            .ToContainTextAsync("2026-02-01 to 2026-02-28 against the month before, 2026-01-01 to 2026-01-31");
        await Expect(lead.Locator("#main")).Not.ToContainTextAsync("NaN");

        // The stability index by its definition, from the rows that were put in.
        var rows = await (from p in db.Predictions
                          join s in db.Studies on p.StudyId equals s.Id
                          where s.PixelHash.StartsWith("seeded")
                          select new { s.ReceivedAt, Score = s.Probability!.Value }).ToListAsync();
        var (january, february) = (Scores(1), Scores(2));
        var edges = Enumerable.Range(1, 9).Select(i => Quantile(january, i / 10.0)).ToList();
        var index = Enumerable.Range(0, 10)
            .Sum(bin => (Share(february, bin) - Share(january, bin)) * Math.Log(Share(february, bin) / Share(january, bin)));
        var score = lead.GetByRole(AriaRole.Row).Filter(new() { HasText = "the month before" }).First;
        await Expect(score.GetByRole(AriaRole.Cell).Nth(1)).ToHaveTextAsync(index.ToString("F3", CultureInfo.InvariantCulture));
        await Expect(lead.GetByRole(AriaRole.Row).Filter(new() { Has = lead.GetByRole(AriaRole.Rowheader, new() { Name = "Score" }) }))
            .ToContainTextAsync($"{february.Count}");

        // The table of weeks, and its way to the readings.
        await lead.GetByText("Weeks as a table").ClickAsync();
        var calls = await (from r in db.Readings
                           join s in db.Studies on r.StudyId equals s.Id
                           where s.PixelHash.StartsWith("seeded") && r.Stage == ReadingStage.Blind
                           select new { r.CreatedAt, r.Opinion, Score = s.Probability!.Value }).ToListAsync();
        var week = calls.Where(c =>
            c.CreatedAt >= new DateTimeOffset(2026, 2, 2, 0, 0, 0, TimeSpan.Zero)
                && c.CreatedAt < new DateTimeOffset(2026, 2, 9, 0, 0, 0, TimeSpan.Zero))
            .ToList();
        var row = lead.GetByRole(AriaRole.Row).Filter(new() { Has = lead.GetByRole(AriaRole.Link, new() { Name = "2026-02-02" }) });
        await Expect(row.GetByRole(AriaRole.Cell).First).ToHaveTextAsync($"{week.Count}");
        await Expect(row.GetByRole(AriaRole.Cell).Nth(1))
            .ToHaveTextAsync($"{week.Count(c => (c.Opinion == Opinion.Covid19) == (c.Score >= SeededDepartment.Threshold))}");
        await Look.CheckAsync(lead, "agreement-drift");
        await lead.Locator(".charts").Last.ScrollIntoViewIfNeededAsync();
        await lead.ScreenshotAsync(new() { Path = Path.Combine(Places.Results, "agreement-drift-charts.png"), FullPage = true });
        await row.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(lead.Locator("h1")).ToHaveTextAsync("Model vs reader (blind)");
        await Expect(lead.Locator(".pager")).ToContainTextAsync($"of {week.Count:N0}");

        // The highest bin that holds a score, by its share in the table, and its studies.
        await lead.GotoAsync($"/agreement/drift?{February}");
        await lead.GetByText("Distributions as tables").ClickAsync();
        await lead.GetByRole(AriaRole.Table, new() { Name = "Score, share of studies in %" }).Locator("tbody tr").Last
            .GetByRole(AriaRole.Link).First.PressAsync("Enter");
        await Expect(lead.Locator("h1")).ToHaveTextAsync("Scores 0.90–0.95");
        await Expect(lead.Locator("#main p[role=status]"))
            .ToContainTextAsync($"{february.Count(s => s >= 0.9)} studies that arrived 2026-02-01 to 2026-02-28");
        await Look.CheckAsync(lead, "agreement-arrivals");

        List<double> Scores(int of) => [.. rows.Where(r => r.ReceivedAt.Month == of).Select(r => r.Score).Order()];

        double Share(List<double> scores, int bin) =>
            scores.Count(v => (bin == 0 || v >= edges[bin - 1]) && (bin == 9 || v < edges[bin])) / (double)scores.Count;

        static double Quantile(List<double> sorted, double p) =>
            (p * (sorted.Count - 1)) is var at && (int)at is var i
                ? sorted[i] + ((at - i) * (sorted[Math.Min(i + 1, sorted.Count - 1)] - sorted[i]))
                : 0;
    }

    static async Task AssertPaperAsync(IPage lead, SeededDepartment department)
    {
        var registry = await (await lead.APIRequest.GetAsync("/agreement/assess-ai.csv?from=2026-01-01&to=2026-02-28")).TextAsync();
        Assert.Equal(department.Readings.Count + 1, registry.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain(SeededDepartment.Note, registry, StringComparison.Ordinal);
        Assert.DoesNotContain("demo.local", registry, StringComparison.Ordinal);
        Assert.DoesNotContain(department.Readings[0].Patient, registry, StringComparison.Ordinal);

        await lead.GotoAsync("/agreement/report?from=2026-01-01&to=2026-02-28");
        await Expect(lead.Locator("h1")).ToHaveTextAsync("Agreement of readers and model");
        await Expect(lead.Locator("#main")).ToContainTextAsync($"{department.Readings.Count:N0}");
        await Expect(lead.Locator("#main")).ToContainTextAsync("Seeded 101 v101");
        await Expect(lead.Locator("#main")).Not.ToContainTextAsync("NaN");
        await Expect(lead.Locator("#main")).Not.ToContainTextAsync(SeededDepartment.Note);
        await Expect(lead.Locator("svg[role=img]")).ToHaveCountAsync(5);
        await Look.CheckAsync(lead, "agreement-report");
        var pdf = await lead.PdfAsync(
            new() { PreferCSSPageSize = true, PrintBackground = true, Path = Path.Combine(Places.Results, "agreement-report.pdf") });
        Assert.StartsWith("%PDF-", Encoding.ASCII.GetString(pdf, 0, 5), StringComparison.Ordinal);
        // A4 in points.
        Assert.Matches(@"/MediaBox \[0 0 59[45][.\d]* 84[12][.\d]*\]", Encoding.Latin1.GetString(pdf));
    }

    [Fact]
    public async Task Department_WhoseScoresAndReadersMove_IsReportedAcknowledgedAndPrinted()
    {
        Clinic.NeedBrowser();
        await using var program = await RunningProgram.StartAsync(
            "drift", new() { ["Models__StarterFile"] = clinic.ModelFile("Stand-in A", seed: 1, side: 64) });
        await using var db = program.OpenDatabase();
        var department = await SeededDepartment.FillAsync(db);
        db.ChangeTracker.Clear();
        db.ChangeTracker.AutoDetectChangesEnabled = true;
        await DriftAsync(db, department);
        var lead = await clinic.OpenAsync(program.Address);
        await Clinic.SignInAsync(lead, Role.DepartmentLead);

        await AlertsAsync(lead);
        await AssertDriftAsync(lead, db);
        await AssertPaperAsync(lead, department);

        var reader = await clinic.OpenAsync(program.Address);
        await Clinic.SignInAsync(reader, Role.Radiologist);
        await reader.GotoAsync("/agreement");
        await Expect(reader.GetByText("Your own readings alone")).ToBeVisibleAsync();
        await Expect(reader.Locator(".alerts")).ToHaveCountAsync(0);
        await Expect(reader.GetByRole(AriaRole.Link, new() { Name = "Agreement", Exact = true })).ToBeVisibleAsync();
        await reader.GotoAsync("/agreement/drift");
        await Expect(reader.GetByText("Not for your role").First).ToBeVisibleAsync();
        await Task.WhenAll(new[] { lead, reader }.Select(p => p.Context.CloseAsync()));
    }
}
