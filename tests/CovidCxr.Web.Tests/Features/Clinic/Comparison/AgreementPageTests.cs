using Bunit;
using Bunit.TestDoubles;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Adjudication;
using CovidCxr.Web.Features.Clinic.Comparison;
using CovidCxr.Web.Features.Clinic.References;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Features.Clinic.Comparison;

/// <summary>The agreement pages with the real use cases on a real database.</summary>
public sealed class AgreementPageTests : ClinicPages
{
    readonly BunitAuthorizationContext _person;

    public AgreementPageTests()
    {
        _person = AddAuthorization();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    async Task<IRenderedComponent<TPage>> OpenAsync<TPage>(Actor actor, string address = "/agreement")
        where TPage : IComponent
    {
        _person.SetAuthorized(actor.UserName);
        _person.SetPolicies(actor.Is(Role.DepartmentLead) ? [AccessPolicies.CompareReaders, AccessPolicies.EnterReferences] : [
            AccessPolicies.CompareReaders]);
        Go(address);
        var page = Draw<TPage>(actor);
        await page.WaitForAssertionAsync(() => Assert.DoesNotMatch("Comparing…|Loading…", page.Markup), Patience);
        return page;
    }

    [Fact]
    public async Task Discordant_NextAndSettledToo_AskAnew()
    {
        for (var day = 1; day <= 13; day++)
        {
            await ReadAsync(day, Opinion.Normal, Opinion.Normal);
        }

        var page = await OpenAsync<DiscordantPage>(TestClinic.Lead, "/agreement/discordant");
        Assert.Equal(12, page.FindAll("ul.discordant > li").Count);

        Go("/agreement/discordant?page=2");
        page.Render();
        await page.WaitForAssertionAsync(() => Assert.Single(page.FindAll("ul.discordant > li")), Patience);

        await using (var db = WebClinic.Context(Services))
        {
            var study = await db.Studies.OrderBy(s => s.ReceivedAt).FirstAsync(Cancellation);
            db.ReferenceFindings.Add(new()
            {
                StudyId = study.Id,
                Source = ReferenceSource.RtPcr,
                Result = ReferenceResult.Negative,
                FoundOn = new(2026, 3, 2),
                EnteredByName = "lead",
            });
            await db.SaveChangesAsync(Cancellation);
        }

        Go("/agreement/discordant");
        page.Render();
        await page.WaitForAssertionAsync(() => Assert.Contains("12 studies on which", page.Markup, StringComparison.Ordinal), Patience);
        Go("/agreement/discordant?all=true");
        page.Render();
        await page.WaitForAssertionAsync(() => Assert.Contains("13 studies on which", page.Markup, StringComparison.Ordinal), Patience);
    }

    /// <summary>A film that the model calls COVID-19, or the last of its classes, read by the reader before and after.</summary>
    async Task<Guid> ReadAsync(int day, Opinion blind, Opinion final, params string[] classes)
    {
        var study = await WebClinic.AddStudyAsync(Services, $"P-{day}", day: day, classes: classes.Length > 0 ? classes : null);
        await using var db = WebClinic.Context(Services);
        var prediction = await db.Predictions.Where(p => p.StudyId == study).Select(p => p.Id).SingleAsync(Cancellation);
        var at = new DateTimeOffset(2026, 3, day, 12, 0, 0, TimeSpan.Zero);
        db.Readings.Add(new()
        {
            StudyId = study,
            ReaderId = TestClinic.Reader.UserId,
            Stage = ReadingStage.Blind,
            Opinion = blind,
            Confidence = 3,
            CreatedAt = at,
            SubmissionId = Guid.NewGuid()
        });
        db.Readings.Add(new()
        {
            StudyId = study,
            ReaderId = TestClinic.Reader.UserId,
            Stage = ReadingStage.Final,
            Opinion = final,
            Confidence = 3,
            AgreesWithPrediction = true,
            PredictionId = prediction,
            CreatedAt = at,
            SubmissionId = Guid.NewGuid(),
        });
        await db.SaveChangesAsync(Cancellation);
        return study;
    }

    [Fact]
    public async Task Agreement_WithoutReadings_SaysWhatWillStandThere()
    {
        Assert.Contains(
            "No finished reading yet.", (await OpenAsync<AgreementPage>(TestClinic.Lead)).Find(".empty").TextContent,
            StringComparison.Ordinal);
        Assert.Contains(
            "You have no finished reading yet.", (await OpenAsync<AgreementPage>(TestClinic.OtherReader)).Find(".empty").TextContent,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agreement_OfTwoReadings_CountsThemAndSaysTooFew()
    {
        await ReadAsync(1, Opinion.Covid19, Opinion.Covid19);
        await ReadAsync(2, Opinion.Normal, Opinion.Covid19);

        var page = await OpenAsync<AgreementPage>(TestClinic.Lead);

        var cells = page.FindAll("section.pair")[0].QuerySelectorAll("td a").ToList();
        Assert.Equal(["1", "1", "0", "0"], cells.Select(c => c.TextContent));
        Assert.Equal("agreement/studies?first=Model&second=Blind&cell=1", cells[1].GetAttribute("href"));
        Assert.Equal(["0", "1", "2", "3"], cells.Select(c => c.GetAttribute("href")!.Split("cell=")[1]));
        Assert.Contains("too few: 2 of at least 10 cases", page.Markup, StringComparison.Ordinal);
        Assert.Contains("No study that both have called.", page.FindAll("section.pair")[1].TextContent, StringComparison.Ordinal);
        Assert.Equal(["0", "0", "1"], page.FindAll("a.switch").Select(a => a.TextContent[..1]));
        Assert.DoesNotContain("NaN", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_OfAModelOfAnotherDisease_NameItsOwnClassAndCompareItWithNobody()
    {
        await ReadAsync(1, Opinion.Covid19, Opinion.Covid19);
        await ReadAsync(2, Opinion.Normal, Opinion.Normal, "Normal", "Tuberculosis");

        var cases = await OpenAsync<CasesPage>(TestClinic.Lead, "/agreement/studies");
        Assert.Equal(["Tuberculosis", "COVID-19"], cases.FindAll("tbody tr").Select(r => r.QuerySelectorAll("td")[4].TextContent));
        var agreement = await OpenAsync<AgreementPage>(TestClinic.Lead);
        Assert.Contains("· 1 reading beside a model of another disease", agreement.Markup, StringComparison.Ordinal);
        Assert.Equal(
            ["1", "0", "0", "0"], agreement.FindAll("section.pair")[0].QuerySelectorAll("td a").Select(c => c.TextContent));
        Assert.DoesNotContain("Tuberculosis", agreement.Markup, StringComparison.Ordinal);
        // The reader said normal, which is no contradiction of tuberculosis.
        Assert.StartsWith(
            "No reader and model disagree", (await OpenAsync<DiscordantPage>(TestClinic.Lead, "/agreement/discordant")).Find(".empty")
                .TextContent.Trim(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("COVID-19")]
    [InlineData("Covid")]
    public async Task Discordant_OfAModel_NamesItsCallByItsOwnClass(string positive)
    {
        await ReadAsync(1, Opinion.Normal, Opinion.Normal, "Normal", positive);

        var page = await OpenAsync<DiscordantPage>(TestClinic.Lead, "/agreement/discordant");

        Assert.Contains(page.FindAll("ul.discordant label span"), s => s.TextContent == $"Model: {positive}, 0.88");
    }

    [Fact]
    public async Task Agreement_WithAFilterInTheAddress_AppliesIt()
    {
        await ReadAsync(1, Opinion.Covid19, Opinion.Covid19);

        var none = await OpenAsync<AgreementPage>(TestClinic.Lead, "/agreement?from=2026-03-02");
        Assert.Equal("No finished reading matches these filters.", none.Find(".empty").TextContent);
        await none.Find(".date-field input").ChangeAsync(new() { Value = "2026-03-01" });

        await none.WaitForAssertionAsync(
            () => Assert.Contains(">1 reading</a> of 1 study of", none.Markup, StringComparison.Ordinal), Patience);
        Assert.EndsWith("/agreement?from=2026-03-01", Services.GetRequiredService<NavigationManager>().Uri, StringComparison.Ordinal);
        Assert.Equal("agreement/export.csv?from=2026-03-01", none.Find("a[download]").GetAttribute("href"));
    }

    [Fact]
    public async Task Agreement_OfContradictoryAndMissingReferences_SaysSo()
    {
        await ReadAsync(1, Opinion.Covid19, Opinion.Covid19);
        var study = await ReadAsync(2, Opinion.Normal, Opinion.Covid19);
        await using (var db = WebClinic.Context(Services))
        {
            db.ReferenceFindings.AddRange(
                new[] { (ReferenceSource.RtPcr, ReferenceResult.Positive), (ReferenceSource.FollowUp, ReferenceResult.Negative) }
                    .Select(f =>
                new ReferenceFinding
                {
                    StudyId = study,
                    Source = f.Item1,
                    Result = f.Item2,
                    FoundOn = new(2026, 3, 3),
                    EnteredByName = "lead"
                }));
            await db.SaveChangesAsync(Cancellation);
        }

        var page = await OpenAsync<AgreementPage>(TestClinic.Lead);

        var said = page.FindAll("p[role=status]")[^1].TextContent;
        Assert.Contains("0 studies with a reference", said, StringComparison.Ordinal);
        Assert.Contains("· 1 study without a reference · 1 study with contradictory references", said, StringComparison.Ordinal);
        Assert.Contains("there are 0 predictions with a reference", page.Markup, StringComparison.Ordinal);
        Assert.Contains(
            "contradictory", (await OpenAsync<CasesPage>(TestClinic.Lead, "/agreement/studies?switch=Unsettled")).Find("tbody").TextContent,
            StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agreement_OfAReaderWhoNeverReadAndAVersionWithoutReads_SaysSo()
    {
        await ReadAsync(1, Opinion.Covid19, Opinion.Covid19);
        var version = Guid.CreateVersion7();
        await using (var db = WebClinic.Context(Services))
        {
            var role = new IdentityRole<Guid>(Role.Radiologist) { Id = Guid.CreateVersion7() };
            db.Roles.Add(role);
            db.UserRoles.AddRange(new[] { TestClinic.Reader, TestClinic.OtherReader }.Select(
                r => new IdentityUserRole<Guid> { UserId = r.UserId, RoleId = role.Id }));
            db.ModelVersions.Add(new()
            {
                Id = version,
                Number = 77,
                Name = "Unseen",
                Architecture = "resnet18",
                Sha256 = "77",
                FileKey = "none",
                HeaderJson = "{}"
            });
            await db.SaveChangesAsync(Cancellation);
        }

        Assert.Contains(
            $"Without any finished reading: {TestClinic.OtherReader.UserName}.", (await OpenAsync<AgreementPage>(TestClinic.Lead)).Markup,
            StringComparison.Ordinal);
        Assert.Equal(
            $"{TestClinic.OtherReader.UserName} has not finished a reading yet.",
            (await OpenAsync<AgreementPage>(TestClinic.Lead, $"/agreement?reader={TestClinic.OtherReader.UserId}"))
                .Find(".empty").TextContent);
        Assert.Equal(
            "No reading was finished with Unseen v77 in sight.",
            (await OpenAsync<AgreementPage>(TestClinic.Lead, $"/agreement?model={version}")).Find(".empty").TextContent);
        Assert.StartsWith(
            "Blinded first alone, 1 reading: there is nothing to compare with.",
            (await OpenAsync<PoliciesPage>(TestClinic.Lead, "/agreement/policies")).Find(".empty").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policies_OfBothArms_LeadToTheirReadings()
    {
        await ReadAsync(1, Opinion.Covid19, Opinion.Covid19);
        var study = await ReadAsync(2, Opinion.Normal, Opinion.Covid19);
        await using (var db = WebClinic.Context(Services))
        {
            var prediction = await db.Predictions.Where(p => p.StudyId == study).Select(p => p.Id).SingleAsync(Cancellation);
            db.Readings.Add(new()
            {
                StudyId = study,
                ReaderId = TestClinic.OtherReader.UserId,
                Stage = ReadingStage.Concurrent,
                Opinion = Opinion.Covid19,
                Confidence = 3,
                AgreesWithPrediction = true,
                PredictionId = prediction,
                CreatedAt = new(2026, 3, 3, 12, 0, 0, TimeSpan.Zero),
                SubmissionId = Guid.NewGuid(),
            });
            await db.SaveChangesAsync(Cancellation);
        }

        var page = await OpenAsync<PoliciesPage>(TestClinic.Lead, "/agreement/policies?view=PA");

        var links = page.FindAll("tbody a");
        Assert.Equal(["2", "2", "1"], links.Select(a => a.TextContent));
        Assert.Equal(["Before", "After", "Concurrent"], links.Select(a =>
            a.GetAttribute("href")!.Replace("agreement/studies?view=PA&arm=", "", StringComparison.Ordinal)));
        var listed = await OpenAsync<CasesPage>(TestClinic.Lead, links[2].GetAttribute("href")!);
        Assert.Equal("Policies compared: concurrent readings", listed.Find("h1").TextContent);
        Assert.Equal($"studies/{study}", listed.FindAll("tbody a")[0].GetAttribute("href"));
        Assert.Equal("agreement/policies?view=PA", listed.Find(".page-head a").GetAttribute("href"));
        Assert.Equal(2, (await OpenAsync<CasesPage>(TestClinic.Lead, links[0].GetAttribute("href")!)).FindAll("tbody tr").Count);
    }

    [Fact]
    public async Task Agreement_OfARadiologist_OffersNoOthersAndNoReferences()
    {
        await ReadAsync(1, Opinion.Covid19, Opinion.Covid19);

        var page = await OpenAsync<AgreementPage>(TestClinic.Reader);

        Assert.Empty(page.FindAll("select[aria-label=Reader]"));
        Assert.Empty(page.FindAll("a[href='agreement/references']"));
        Assert.Contains("Your own readings alone", page.Markup, StringComparison.Ordinal);
        Assert.Contains(
            "You have no finished reading", (await OpenAsync<AgreementPage>(TestClinic.OtherReader)).Markup, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cases_OfACell_LinkTheStudies()
    {
        await ReadAsync(1, Opinion.Covid19, Opinion.Covid19);
        var study = await ReadAsync(2, Opinion.Normal, Opinion.Covid19);

        var page = await OpenAsync<CasesPage>(TestClinic.Lead, "/agreement/studies?first=Model&second=Blind&cell=1");

        Assert.Equal("Model vs reader (blind): model COVID-19, reader (blind) not", page.Find("h1").TextContent);
        Assert.Equal(
            [$"studies/{study}", $"agreement/references?study={study}"], page.FindAll("tbody a").Select(a => a.GetAttribute("href")));
    }

    // Addresses that somebody may have kept.
    [Theory]
    [InlineData("0", ": both COVID-19")]
    [InlineData("1", ": model COVID-19, reader (blind) not")]
    [InlineData("2", ": model not, reader (blind) COVID-19")]
    [InlineData("3", ": neither COVID-19")]
    [InlineData("4", "")]
    [InlineData("Both", "")]
    public async Task Cases_OfAKeptAddress_AreThoseOfItsCell(string cell, string words) =>
        Assert.Equal(
            $"Model vs reader (blind){words}",
            (await OpenAsync<CasesPage>(TestClinic.Lead, $"/agreement/studies?first=Model&second=Blind&cell={cell}"))
                .Find("h1").TextContent);

    [Fact]
    public async Task Addresses_TypedByHand_AreReadAsFarAsTheyMakeSense()
    {
        await ReadAsync(1, Opinion.Covid19, Opinion.Covid19);

        Assert.NotEmpty(
            (await OpenAsync<CasesPage>(TestClinic.Lead, "/agreement/studies?first=Model&second=Blind&page=x")).FindAll("tbody a"));
        Assert.NotEmpty((await OpenAsync<DiscordantPage>(TestClinic.Lead, "/agreement/discordant?page=x&all=x")).FindAll("h1"));
    }

    [Fact]
    public async Task References_ASecondFinding_IsRecordedOnlyWhenSaidSo()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var page = await OpenAsync<ReferencesPage>(TestClinic.Lead, $"/agreement/references?study={study}");
        await RecordAsync("Negative");
        Assert.Contains("Recorded.", page.Markup, StringComparison.Ordinal);

        await page.Find("input[type=text]").ChangeAsync(new() { Value = study.ToString() });
        await RecordAsync("Positive");
        Assert.Contains("already says", page.Find(".notice").TextContent, StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync());
        await page.Find(".notice button").ClickAsync(new());

        Assert.Equal(2, await CountAsync());

        async Task RecordAsync(string result)
        {
            await page.FindAll("select")[1].ChangeAsync(new() { Value = result });
            await page.FindAll(".date-field input")[1].ChangeAsync(new() { Value = "2026-03-01" });
            await page.Find("form").SubmitAsync();
        }

        async Task<int> CountAsync()
        {
            await using var db = WebClinic.Context(Services);
            return await db.ReferenceFindings.CountAsync(Cancellation);
        }
    }

    [Fact]
    public async Task Import_OfAFile_ShowsTheReportBeforeItDoesAnything()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var page = await OpenAsync<ReferencesPage>(TestClinic.Lead, "/agreement/references");

        page.FindComponent<Microsoft.AspNetCore.Components.Forms.InputFile>().UploadFiles(InputFileContent.CreateFromText(
            $"study_id,source,result,found_on\n{study},rt-pcr,positive,2026-03-01\nx,rt-pcr,positive,2026-03-01\n", "r.csv"));

        await page.WaitForAssertionAsync(
            () => Assert.Contains("1 new · 0 replace what stands · 0 known · 1 refused", page.Markup, StringComparison.Ordinal), Patience);
        await using var db = WebClinic.Context(Services);
        Assert.Equal(0, await db.ReferenceFindings.CountAsync(Cancellation));
        await page.Find(".run-form p[role=status] button").ClickAsync(new());
        await page.WaitForAssertionAsync(() => Assert.Contains("Imported.", page.Markup, StringComparison.Ordinal), Patience);
        Assert.Equal(1, await db.ReferenceFindings.CountAsync(Cancellation));
    }
}
