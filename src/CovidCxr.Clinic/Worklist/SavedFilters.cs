using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Worklist;

/// <param name="Query">Of the worklist's address, without its question mark.</param>
/// <param name="IsDefault">The worklist opens with it.</param>
public sealed record SavedFilterView(long Id, string Name, string Query, bool IsDefault);

/// <summary>What a person looks at again and again; everybody finds the own ones alone.</summary>
public sealed class SavedFilters(IDbContextFactory<CovidCxrDbContext> contexts, TimeProvider time)
{
    /// <summary>Of one person.</summary>
    public const int Most = 20;

    /// <returns>In order of their names.</returns>
    public async Task<IReadOnlyList<SavedFilterView>> ListAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.SavedFilters.Where(f => f.OwnerId == actor.UserId).OrderBy(f => f.Name)
            .Select(f => new SavedFilterView(f.Id, f.Name, f.Query, f.IsDefault)).ToListAsync(cancellation);
    }

    /// <summary>
    /// Saves under a new name, or in the place of what has this name. The same query under another name is not kept twice: it is renamed.
    /// </summary>
    /// <returns>Why it cannot be, for the person; null where it is saved.</returns>
    public async Task<string?> SaveAsync(string? name, string? query, bool isDefault, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        var (called, asks) = (name?.Trim() ?? "", query ?? "");
        if (called.Length is 0 or > SavedFilter.MaxName || called.Any(char.IsControl))
        {
            return $"Give it a name of 1 to {SavedFilter.MaxName} characters.";
        }

        if (asks.Length > SavedFilter.MaxQuery || asks.Any(char.IsControl))
        {
            return "This filter is too long to be saved.";
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        // Two windows of one person: the second finds what the first has saved.
        await using var transaction = await db.Database.BeginTransactionAsync(cancellation);
        var own = await db.SavedFilters.Where(f => f.OwnerId == actor.UserId).ToListAsync(cancellation);
        var saved = own.Find(f => f.Name.Equals(called, StringComparison.OrdinalIgnoreCase)) ?? own.Find(f => f.Query == asks);
        if (saved is null && own.Count >= Most)
        {
            return $"You have {Most} saved filters: delete one first.";
        }

        if (isDefault)
        {
            await db.SavedFilters.Where(f => f.OwnerId == actor.UserId).ExecuteUpdateAsync(
                s => s.SetProperty(f => f.IsDefault, false), cancellation);
        }

        saved ??= db.SavedFilters.Add(new() { OwnerId = actor.UserId, Name = called, Query = asks }).Entity;
        (saved.Name, saved.Query, saved.SavedAt) = (called, asks, time.GetUtcNow());
        // Also of one that was the default, and that the statement above has changed behind the context's back.
        saved.IsDefault = isDefault;
        db.Entry(saved).Property(f => f.IsDefault).IsModified = db.Entry(saved).State != EntityState.Added;
        await db.SaveChangesAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return null;
    }

    /// <summary>One that is gone already, or another person's, is left as it is.</summary>
    public async Task RemoveAsync(long id, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await db.SavedFilters.Where(f => f.Id == id && f.OwnerId == actor.UserId).ExecuteDeleteAsync(cancellation);
    }
}
