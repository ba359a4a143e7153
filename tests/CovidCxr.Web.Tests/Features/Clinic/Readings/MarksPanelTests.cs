using Bunit;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Readings;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

/// <summary>Urgency and assignment on the page of a film.</summary>
public sealed class MarksPanelTests : StudyPages
{
    Guid _study;

    protected override async Task FillAsync()
    {
        _study = await WebClinic.AddStudyAsync(Services);
        await using var db = WebClinic.Context(Services);
        var role = db.Roles.Add(new(Role.Radiologist) { Id = Guid.NewGuid(), NormalizedName = "RADIOLOGIST" }).Entity.Id;
        db.UserRoles.Add(new IdentityUserRole<Guid> { UserId = TestClinic.Reader.UserId, RoleId = role });
        await db.SaveChangesAsync(Cancellation);
    }

    static string Summary(IRenderedComponent<StudyPage> page) => string.Join(
        ' ', page.Find(".study-marks summary").TextContent.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    static Task SaysAsync(IRenderedComponent<StudyPage> page, string words) =>
        page.WaitForAssertionAsync(() => Assert.Equal(words, Summary(page)), Patience);

    [Fact]
    public async Task Marks_OfAReader_AreSetAndTakenBackOnTheFilmsPage()
    {
        var page = await OpenAsync(_study);
        await SaysAsync(page, "Urgency and assignment");

        await page.Find(".study-marks select").ChangeAsync(new() { Value = nameof(UrgencyReason.EmergencyDepartment) });
        await SaysAsync(page, "Urgency and assignment");
        await page.Find("[data-mark]").ClickAsync(new());
        await SaysAsync(page, "▲ urgent: emergency department");
        await page.Find(".study-marks button:not([data-mark])").ClickAsync(new());
        await SaysAsync(page, "▲ urgent: emergency department · for you");
        await page.Find(".study-marks select").ChangeAsync(new() { Value = "" });
        await page.Find("[data-mark]").ClickAsync(new());
        await SaysAsync(page, "for you");
        await page.Find(".study-marks button:not([data-mark])").ClickAsync(new());
        await SaysAsync(page, "Urgency and assignment");

        await using var db = WebClinic.Context(Services);
        Assert.Equal(4, await db.Audit.CountAsync(
            a => a.StudyId == _study
                && (a.Action == Domain.Audit.AuditAction.StudyUrgency || a.Action == Domain.Audit.AuditAction.StudyAssign), Cancellation));
    }

    [Fact]
    public async Task Marks_OfALeadWhoDoesNotRead_OfferNoFilmToTake()
    {
        var page = await OpenAsync(_study, TestClinic.Lead);

        await SaysAsync(page, "Urgency and assignment");
        Assert.Empty(page.FindAll(".study-marks button:not([data-mark])"));
    }
}
