using Bunit;
using Bunit.TestDoubles;
using CovidCxr.Clinic.Patients;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Patients;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using CovidCxr.Web.Tests.Shared;
using Microsoft.Extensions.Configuration;

namespace CovidCxr.Web.Tests.Features.Clinic.Patients;

/// <summary>The page of a patient on the real use cases.</summary>
public sealed class PatientPageTests : ClinicPages
{
    readonly BunitAuthorizationContext _person;

    public PatientPageTests()
    {
        _person = AddAuthorization();
        JSInterop.Mode = JSRuntimeMode.Loose;
        Services.AddCovidCxrHospital(new ConfigurationBuilder().Build());
    }

    async Task<IRenderedComponent<PatientPage>> OpenAsync(Domain.Accounts.Actor actor, string number)
    {
        _person.SetAuthorized(actor.UserName);
        _person.SetPolicies(actor.Is(Domain.Accounts.Role.DepartmentLead) ? [AccessPolicies.SetPolicy] : []);
        var page = Draw<PatientPage>(actor, p => p.Add(c => c.Number, Uri.EscapeDataString(number)));
        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.Markup.Trim()), Patience);
        return page;
    }

    [Fact]
    public async Task BlindedReader_SeesTheFilmsAndNothingOfTheModel()
    {
        await WebClinic.AddStudyAsync(Services, "A/1 ü");
        await WebClinic.AddStudyAsync(Services, "A/1 ü", day: 2);

        var page = await OpenAsync(TestClinic.Reader, "A/1 ü");

        Assert.Equal(2, page.FindAll(".film-strip li").Count);
        Assert.Equal(2, page.FindAll("td").Count(c => c.TextContent == "hidden until you have read it"));
        Secrecy.AssertKeeps(["0.88", "0.43", "0.87", "8765"], page.Markup);
        Assert.Empty(page.FindAll(".chart, .therapy table"));
        Assert.DoesNotContain(page.FindAll("button"), b => b.TextContent.Contains("Same person", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Lead_SeesScoresAndMayMerge()
    {
        await WebClinic.AddStudyAsync(Services);

        var page = await OpenAsync(TestClinic.Lead, "P-1");

        Assert.Contains(page.FindAll("td"), c => c.TextContent.StartsWith("COVID-19 0.88, at or above", StringComparison.Ordinal));
        Assert.Single(page.FindAll(".chart"));
        Assert.Single(page.FindAll("button"), b => b.TextContent.Contains("Same person", StringComparison.Ordinal));
    }

    [Fact]
    public async Task UnknownNumber_SaysSo() =>
        Assert.Contains(
            "No film has this patient number.", (await OpenAsync(TestClinic.Lead, "P-%")).Markup, StringComparison.Ordinal);

    [Theory]
    [InlineData(3, 9, "rose from 3 to 9 of 18: the bands of error do not overlap.")]
    [InlineData(9, 3, "fell from 9 to 3 of 18: the bands of error do not overlap.")]
    [InlineData(3, 4, "went from 3 to 4 of 18: within the error, so no change is shown.")]
    public void Words_OfTwoSeverities_JudgeThemByTheirError(double first, double second, string words) =>
        Assert.EndsWith(words, Assert.Single(PatientCourse.Words([Film(1, first), Film(5, second)])), StringComparison.Ordinal);

    [Fact]
    public void Words_OfOneSeverity_SayThatThereIsNoCourse() =>
        Assert.StartsWith("No course yet: 1 film", Assert.Single(PatientCourse.Words([Film(1, 3)])), StringComparison.Ordinal);

    [Fact]
    public void Series_PutAllOnOneAxisOfDays()
    {
        var film = Film(2, 9) with
        {
            Score = new("COVID-19", 0.25, 0.5, 4),
            Readings = [new("reader", true, Opinion.Covid19, 4, default)],
            References = [new(ReferenceSource.RtPcr, ReferenceResult.Negative, new(2026, 2, 3))],
        };

        var series = PatientCourse.Series([film], []).ToDictionary(s => s.Name, s => Assert.Single(s.Points));

        var day = new DateOnly(2026, 2, 2).DayNumber;
        Assert.Equal(
            [(day, 0.5), (day, 8 / 18.0), (day, 10 / 18.0), (day, 0.25), (day, 1.0), (day + 1, 0.0)],
            new[] { "Severity", "Severity, lower end", "Severity, upper end", "Score, COVID-19 by v4", "Readings", "References" }
                .Select(n => ((int)series[n].X, series[n].Y!.Value)));
    }

    [Fact]
    public void Series_OfNotes_LieAboveEachOtherWhereTheirDaysDo()
    {
        PatientNote[] notes = [Note(1, 5), Note(3, null), Note(5, 6), Note(7, 8), Note(7, 7, isStruck: true)];

        var spans = Assert.Single(PatientCourse.Series([], notes));

        Assert.True(spans is { Name: "Therapy notes", IsSpans: true });
        var first = new DateOnly(2026, 2, 1).DayNumber;
        Assert.Equal(
            [(0, 1.1), (4, 1.1), (2, 1.2), (2, 1.2), (4, 1.2), (5, 1.2), (6, 1.1), (7, 1.1)],
            spans.Points.Select(p => ((int)p.X - first, Math.Round(p.Y!.Value, 2))));
        Assert.Equal("Oxygen (2026-02-01 to 2026-02-05)", spans.Points[1].Label);
        Assert.Equal("Oxygen (2026-02-03)", spans.Points[2].Label);
    }

    [Fact]
    public void Series_OfManyNotesAtOnce_ShareFiveHeights()
    {
        var spans = Assert.Single(PatientCourse.Series([], [.. Enumerable.Range(0, 400).Select(_ => Note(1, 20))]));

        Assert.Equal(5, spans.Points.Select(p => p.Y).Distinct().Count());
        Assert.Same(spans, spans.Thinned());
    }

    [Theory]
    [InlineData("P-1", "patients/P-1")]
    [InlineData("A/1 ?#%", "patients/A%2F1%20%3F%23%25")]
    public void Address_OfANumber_IsEscaped(string number, string address) => Assert.Equal(address, PatientAddress.Of(number));

    static PatientNote Note(int from, int? until, bool isStruck = false) => new(
        Guid.NewGuid(), new(2026, 2, from), until is { } day ? new(2026, 2, day) : null, "Oxygen", "lead", default, false,
        isStruck ? new("lead", default, "wrong") : null);

    static PatientFilm Film(int day, double severity)
    {
        var on = new DateOnly(2026, 2, day);
        return new(
            Guid.NewGuid(), on, true, ViewPosition.PA, Sex.Female, null, 60, false, null,
            new CoursePoint(Guid.NewGuid(), on, [], severity, severity - 1, severity + 1), [], []);
    }
}
