using CovidCxr.Clinic.Studies;
using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Worklist;

/// <summary>Three radiologists, one of them a lead, a lead who does not read, and films of an hour apart.</summary>
public abstract class ReadingRoom : IAsyncLifetime
{
    protected TestClinic Clinic { get; } = new();

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await Clinic.PrepareAccountsAsync(isDemo: false);
        await using var db = Clinic.Context();
        var role = await db.Roles.SingleAsync(r => r.Name == Role.Radiologist, Cancellation);
        db.UserRoles.AddRange(new[] { TestClinic.Reader, TestClinic.OtherReader, TestClinic.ReadingLead }.Select(
            a => new IdentityUserRole<Guid> { UserId = a.UserId, RoleId = role.Id }));
        await db.SaveChangesAsync(Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await Clinic.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>The oldest first.</summary>
    protected async Task<List<Guid>> AddFilmsAsync(int count)
    {
        List<Guid> films = [];
        for (var i = 1; i <= count; i++)
        {
            films.Add(await Clinic.UploadAsync(i, $"P-{i}"));
            Clinic.Time.Advance(TimeSpan.FromHours(1));
        }

        return films;
    }

    protected Task<WorklistChange> MarkAsync(
        Guid film, UrgencyReason? reason = UrgencyReason.EmergencyDepartment, Actor? by = null) =>
        Clinic.Get<MarkUrgent>().RunAsync([film], reason, by ?? TestClinic.Reader, Cancellation);

    protected Task<WorklistChange> AssignAsync(Guid film, Actor? to, Actor? by = null) =>
        Clinic.Get<AssignStudies>().RunAsync([film], to?.UserId, by ?? TestClinic.Lead, Cancellation);

    protected async Task<IReadOnlyList<WorklistItem>> ListAsync(WorklistQuery? query = null, Actor? actor = null) =>
        (await Clinic.Get<ListStudies>().RunAsync(query ?? new(), actor ?? TestClinic.Reader, Cancellation)).Items;

    protected async Task<List<Guid>> IdsAsync(WorklistQuery? query = null, Actor? actor = null) =>
        [.. (await ListAsync(query, actor)).Select(i => i.Id)];

    /// <summary>What the trail says of one action: outcome, film, as it was, as it is.</summary>
    protected async Task<List<(AuditOutcome Outcome, Guid? Film, string? Before, string? After)>> TrailAsync(AuditAction action) =>
        [.. (await Clinic.AuditAsync(action)).Select(a => (a.Outcome, a.StudyId, a.Before, a.After))];

    protected async Task WithdrawAsync(Guid film)
    {
        await using var db = Clinic.Context();
        await db.Studies.Where(s => s.Id == film).ExecuteUpdateAsync(s => s.SetProperty(x => x.IsWithdrawn, true), Cancellation);
    }
}
