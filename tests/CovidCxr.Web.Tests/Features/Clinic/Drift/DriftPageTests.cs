using AngleSharp.Dom;
using Bunit;
using Bunit.TestDoubles;
using CovidCxr.Clinic.Drift;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Comparison;
using CovidCxr.Web.Features.Clinic.Drift;
using CovidCxr.Web.Features.Clinic.Exports;
using CovidCxr.Web.Shared.Charts;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Features.Clinic.Drift;

/// <summary>Drift, alerts and the report with the real use cases on a real database.</summary>
public sealed class DriftPageTests : ClinicPages
{
    readonly BunitAuthorizationContext _person;

    public DriftPageTests()
    {
        _person = AddAuthorization();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    async Task<IRenderedComponent<TPage>> OpenAsync<TPage>(string address)
        where TPage : IComponent
    {
        _person.SetAuthorized(TestClinic.Lead.UserName);
        _person.SetPolicies([AccessPolicies.CompareReaders, AccessPolicies.EnterReferences]);
        Go(address);
        var page = Draw<TPage>(TestClinic.Lead);
        await page.WaitForAssertionAsync(
            () => Assert.True(page.FindAll("h1").Count == 1 && !page.Markup.Contains("…<", StringComparison.Ordinal)), Patience);
        return page;
    }

    /// <summary>Studies of a week of March 2026 that the model calls COVID-19, read before and after it.</summary>
    async Task ReadWeekAsync(int monday, int readings, int agreeing)
    {
        await using var db = WebClinic.Context(Services);
        for (var i = 0; i < readings; i++)
        {
            var at = new DateTimeOffset(2026, 3, monday, 12, 0, i, TimeSpan.Zero);
            AddReading(db, at, i < agreeing ? Opinion.Covid19 : Opinion.Normal, $"{monday}-{i}");
        }

        await db.SaveChangesAsync(Cancellation);
    }

    static void AddReading(CovidCxrDbContext db, DateTimeOffset at, Opinion blind, string name)
    {
        var study = new Study
        {
            PatientNumber = $"P-{name}",
            PixelHash = name,
            ImageKey = "k",
            ReceivedAt = at,
            Width = 900,
            Height = 800,
            BitsStored = 8,
            MeanIntensity = 0.5,
            IntensityDeviation = 0.2
        };
        var prediction = new Domain.Studies.Prediction
        {
            StudyId = study.Id,
            ModelVersionId = db.ModelVersions.Select(m => m.Id).First(),
            CreatedAt = at,
            Classes = ["Other", "COVID-19"],
            Probabilities = [0.2, 0.8],
            PositiveIndex = 1,
            PredictedIndex = 1,
            Threshold = 0.5,
            Device = "cpu",
            HeatMaps = [],
        };
        db.AddRange(study, prediction);
        foreach (var stage in new[] { ReadingStage.Blind, ReadingStage.Final })
        {
            db.Readings.Add(new()
            {
                StudyId = study.Id,
                ReaderId = TestClinic.Reader.UserId,
                Stage = stage,
                Opinion = blind,
                Confidence = 3,
                Note = "a note for colleagues",
                PredictionId = stage == ReadingStage.Final ? prediction.Id : null,
                CreatedAt = at,
                SubmissionId = Guid.NewGuid(),
            });
        }
    }

    [Fact]
    public async Task Drift_OfNothing_SaysSoInWords()
    {
        var page = await OpenAsync<DriftPage>("/agreement/drift?from=2026-03-01&to=2026-03-31");

        Assert.Equal("No study arrived in this period under these filters.", page.Find(".empty").TextContent);
        Assert.Contains("no version has answered in this period", page.Markup, StringComparison.Ordinal);
        Assert.Contains("No reading before the model and with its answer in these weeks.", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drift_OfWeeks_LeadsFromEachToItsReadingsAndNamesTheOneBeyondALimit()
    {
        foreach (var (monday, agreeing) in new[] { (2, 38), (9, 38), (16, 20), (23, 38) })
        {
            await ReadWeekAsync(monday, 40, agreeing);
        }

        var page = await OpenAsync<DriftPage>("/agreement/drift?from=2026-03-01&to=2026-03-31");

        var rows = page.FindAll("table").Single(t => t.TextContent.Contains("Week from", StringComparison.Ordinal))
            .QuerySelectorAll("tbody tr").ToList();
        Assert.Equal(
            ["2026-03-02", "2026-03-09", "2026-03-16", "2026-03-23", "2026-03-30"], rows.Select(r => r.QuerySelector("a")!.TextContent));
        Assert.Equal(
            "agreement/studies?from=2026-03-16&to=2026-03-22&first=Model&second=Blind", rows[2].QuerySelector("a")!.GetAttribute("href"));
        var month = page.FindAll("table").Single(t => t.TextContent.Contains("Month", StringComparison.Ordinal)).QuerySelector("tbody a")!;
        Assert.Equal(("2026-03", "agreement/studies?from=2026-03-01&to=2026-03-31"), (month.TextContent, month.GetAttribute("href")));
        Assert.Equal("▼ below the lower limit", rows[2].QuerySelectorAll("td")[^1].TextContent);
        Assert.Contains("no reading", rows[4].TextContent, StringComparison.Ordinal);
        Assert.All(
            page.FindAll("table")[1].QuerySelectorAll("td.dim"), c => Assert.StartsWith("– ", c.TextContent, StringComparison.Ordinal));

        // The chart is clicked beside the third week's point.
        await page.InvokeAsync(() => page.Find(".chart input[type=hidden]").Change($"{new DateOnly(2026, 3, 17).DayNumber}"));
        Assert.EndsWith(
            "agreement/studies?from=2026-03-16&to=2026-03-22&first=Model&second=Blind",
            Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drift_OfScores_LeadsFromEachBinToItsStudies()
    {
        await ReadWeekAsync(2, 40, 40);

        var page = await OpenAsync<DriftPage>("/agreement/drift?from=2026-03-01&to=2026-03-31&view=Unknown");

        var bin = page.FindAll("table").Single(t => t.TextContent.Contains("Score, share of studies", StringComparison.Ordinal))
            .QuerySelectorAll("tbody a").Single();
        var address = bin.GetAttribute("href")!;
        Assert.Equal("100.0%", bin.TextContent);
        Assert.Matches("^agreement/drift/studies[?]from=2026-03-01&to=2026-03-31&model=[-0-9a-f]{36}&view=Unknown&bin=16$", address);
        var chart = page.FindComponents<LineChart>().Single(c => c.Instance.Title == "Score");
        await page.InvokeAsync(() => chart.Find("input[type=hidden]").Change("0.825"));
        Assert.EndsWith(address, Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);

        var list = await OpenAsync<ArrivalsPage>(address);
        Assert.Equal("Scores 0.80–0.85", list.Find("h1").TextContent);
        Assert.StartsWith(
            "40 studies that arrived 2026-03-01 to 2026-03-31, by the score of secret-model v4", list.Find("p[role=status]").TextContent,
            StringComparison.Ordinal);
        Assert.Equal(40, list.FindAll("tbody a").Count(a => a.GetAttribute("href")!.StartsWith("studies/", StringComparison.Ordinal)));
        Assert.Equal(
            "No study to list.",
            (await OpenAsync<ArrivalsPage>(address.Replace("bin=16", "bin=3", StringComparison.Ordinal))).Find(".empty").TextContent);
    }

    [Fact]
    public async Task Alerts_OnTheAgreementPage_AreCheckedAcknowledgedAndKept()
    {
        var monday = AgreementChart.MondayOf(DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime)).AddDays(-7);
        await using (var db = WebClinic.Context(Services))
        {
            for (var i = 0; i < 20; i++)
            {
                AddReading(db, new(monday, new(12, 0, i), TimeSpan.Zero), i < 10 ? Opinion.Covid19 : Opinion.Normal, $"late-{i}");
            }

            await db.SaveChangesAsync(Cancellation);
        }

        var page = await OpenAsync<AgreementPage>("/agreement");
        await page.WaitForAssertionAsync(
            () => Assert.Contains("No open alert", page.Find(".alerts").TextContent, StringComparison.Ordinal), Patience);
        await Button("Check now").ClickAsync(new());

        await page.WaitForAssertionAsync(() => Assert.Equal("⚠ 1 open alert", page.Find(".alerts h2").TextContent), Patience);
        Assert.Contains(
            $"the week from {monday:yyyy-MM-dd}: 50.0% of 20 readings, threshold 80.0%", page.Find(".alerts").TextContent,
            StringComparison.Ordinal);
        Assert.Equal(
            $"agreement/studies?from={monday:yyyy-MM-dd}&to={monday.AddDays(6):yyyy-MM-dd}&first=Model&second=Blind",
            page.Find(".alerts tbody a").GetAttribute("href"));

        await Button("Acknowledge").ClickAsync(new());
        await page.WaitForAssertionAsync(() => Assert.Equal("No open alert", page.Find(".alerts h2").TextContent), Patience);
        Assert.Contains(TestClinic.Lead.UserName, page.Find(".alerts details").TextContent, StringComparison.Ordinal);

        IElement Button(string name) =>
            page.FindAll(".alerts button").Single(b => b.TextContent.StartsWith(name, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Report_OfAPeriod_SaysWhatWasReadFromWhichDataAndNoNote()
    {
        await ReadWeekAsync(2, 20, 18);
        await ReadWeekAsync(9, 20, 12);

        var page = await OpenAsync<AgreementReportPage>("/agreement/report?from=2026-03-02&to=2026-03-15");

        Assert.Equal("2026-03-02 to 2026-03-15", page.Find(".lead-line").TextContent);
        Assert.Equal(2, page.FindAll(".warning").Count);
        Assert.Contains("80 rows of readings, the last", page.Markup, StringComparison.Ordinal);
        var pair = page.FindAll("tr").First(r => r.TextContent.StartsWith("Model vs reader (blind)", StringComparison.Ordinal))
            .QuerySelectorAll("td").Select(c => c.TextContent).ToList();
        Assert.Equal(["30", "10", "0", "0", "40"], pair[..5]);
        Assert.StartsWith("0.75", pair[5], StringComparison.Ordinal);
        Assert.Contains("secret-model v4", page.Markup, StringComparison.Ordinal);
        Assert.Contains("blinded first since the installation", page.Markup, StringComparison.Ordinal);
        Assert.Contains(
            "stability index above 0.25, agreement of a week below 80.0% since the installation", page.Markup, StringComparison.Ordinal);
        Assert.Contains("No alert was raised for this period.", page.Markup, StringComparison.Ordinal);
        Assert.NotEmpty(page.FindAll("svg polyline"));
        Assert.DoesNotContain("NaN", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("a note for colleagues", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_OfAPeriodWithWithheldFilms_CountsThoseThatWereReadAndAllThatArrived()
    {
        await ReadWeekAsync(2, 20, 18);
        await using (var db = WebClinic.Context(Services))
        {
            var studies = await db.Studies.OrderBy(s => s.ReceivedAt).Take(3).ToListAsync(Cancellation);
            foreach (var (study, status) in studies.Zip([StudyStatus.Withheld, StudyStatus.Withheld, StudyStatus.Ready]))
            {
                db.Entry(study).Property(s => s.Status).CurrentValue = status;
                db.Entry(study).Property(s => s.StatusReason).CurrentValue = "A part of the lungs is cut off.";
            }

            // Nobody has read it.
            db.Studies.Add(new()
            {
                PixelHash = "unread",
                ImageKey = "0",
                Width = 1,
                Height = 1,
                BitsStored = 8,
                ReceivedAt = studies[0].ReceivedAt,
                Status = StudyStatus.Withheld,
                StatusReason = "The film is upside down.",
            });
            await db.SaveChangesAsync(Cancellation);
        }

        var page = await OpenAsync<AgreementReportPage>("/agreement/report?from=2026-03-02&to=2026-03-15");

        string Row(string name) =>
            page.FindAll("table.grid tr").Single(r => r.Children[0].TextContent == name).Children[1].TextContent.Trim();
        Assert.Equal("2", Row("Studies whose answer is withheld"));
        Assert.Equal("1", Row("Studies that were withheld and scored because a person asked"));
        Assert.Contains("Answers held back", page.FindAll("h2").Select(h => h.TextContent));
        Assert.Contains("4 films", page.Markup, StringComparison.Ordinal);
        Assert.Contains("1 × The film is upside down.", page.Markup, StringComparison.Ordinal);
        Assert.Contains("For 1 of them somebody asked for the answer all the same.", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_OfNothing_IsStillAReport()
    {
        var page = await OpenAsync<AgreementReportPage>("/agreement/report?from=2020-01-01&to=2020-01-31");

        Assert.Contains("No finished reading in this period under these filters.", page.Markup, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page.Markup, StringComparison.Ordinal);
    }
}
