using Bunit;
using Bunit.TestDoubles;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Comparison;
using CovidCxr.Web.Shared.Security;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.AspNetCore.Components;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Web.Tests.Features.Clinic.Comparison;

/// <summary>The agreement pages of three films: one is withheld by now, one was and somebody asked for its score, one never was.</summary>
public sealed class WithheldPageTests : ClinicPages
{
    const string Words = " · 1 study whose answer is withheld · 1 study withheld, and scored because a person asked";

    readonly BunitAuthorizationContext _person;

    public WithheldPageTests() => _person = AddAuthorization();

    protected override async Task FillAsync()
    {
        (StudyStatus Status, string? Reason)[] films =
            [(StudyStatus.Withheld, "A lateral view."), (StudyStatus.Ready, "A lateral view."), (StudyStatus.Ready, null)];
        for (var day = 1; day <= films.Length; day++)
        {
            var id = await WebClinic.AddStudyAsync(Services, $"P-{day}", day: day);
            await using var db = WebClinic.Context(Services);
            var study = await db.Studies.SingleAsync(s => s.Id == id, Cancellation);
            db.Readings.Add(new()
            {
                StudyId = id,
                ReaderId = TestClinic.Reader.UserId,
                Stage = ReadingStage.Concurrent,
                Opinion = Opinion.Normal,
                Confidence = 3,
                PredictionId = study.PredictionId,
                CreatedAt = new(2026, 3, day, 12, 0, 0, TimeSpan.Zero),
                SubmissionId = Guid.NewGuid(),
            });
            (study.Status, study.StatusReason) = films[day - 1];
            await db.SaveChangesAsync(Cancellation);
        }
    }

    async Task<IRenderedComponent<TPage>> OpenAsync<TPage>(Actor actor, string address)
        where TPage : IComponent
    {
        _person.SetAuthorized(actor.UserName);
        _person.SetPolicies(actor.Is(Role.DepartmentLead)
            ? [AccessPolicies.CompareReaders, AccessPolicies.EnterReferences]
            : [AccessPolicies.CompareReaders]);
        Go(address);
        var page = Draw<TPage>(actor);
        await page.WaitForAssertionAsync(() => Assert.DoesNotMatch("Comparing…|Loading…", page.Markup), Patience);
        return page;
    }

    [Fact]
    public async Task Agreement_CountsBoth_ForTheLeadAndForTheReader()
    {
        foreach (var actor in new[] { TestClinic.Lead, TestClinic.Reader })
        {
            var page = await OpenAsync<AgreementPage>(actor, "/agreement");
            Assert.EndsWith(Words, page.Find("p[role=status] .dim").TextContent, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Agreement_OfDaysWithoutSuchFilms_SaysNothingOfThem() => Assert.DoesNotContain(
        "withheld", (await OpenAsync<AgreementPage>(TestClinic.Lead, "/agreement?from=2026-03-03")).Markup, StringComparison.Ordinal);

    [Fact]
    public async Task Studies_SayInTheModelsColumn_WhatIsHeldBack() => Assert.Equal(
        ["COVID-19", "COVID-19, on demand", "COVID-19, withheld since"],
        (await OpenAsync<CasesPage>(TestClinic.Lead, "/agreement/studies")).FindAll("tbody tr").Select(
            r => r.QuerySelectorAll("td")[4].TextContent));
}
