using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Drift;

public enum DepartmentChangeKind
{
    /// <summary>Another version began to answer.</summary>
    Version,

    /// <summary>The version before was taken out of service, and this one answers again.</summary>
    RollBack,

    /// <summary>A version was accepted on the department's own films, with a threshold of their own.</summary>
    Accepted,

    /// <summary>That was taken back.</summary>
    AcceptanceEnded,

    /// <summary>Another reading policy began.</summary>
    Policy,
}

/// <summary>What changed in the department by somebody's decision: figures over time may jump there.</summary>
/// <param name="Day">UTC.</param>
/// <param name="Version">Its number; null where it is about none.</param>
/// <param name="Policy">The one that began; null where it is about none.</param>
public sealed record DepartmentChange(DateOnly Day, DepartmentChangeKind Kind, int? Version, ReadingPolicy? Policy)
{
    /// <summary>In order of time. The first version ever and the policy of the first day changed nothing.</summary>
    internal static async Task<List<DepartmentChange>> ReadAsync(CovidCxrDbContext db, Period period, CancellationToken cancellation)
    {
        var (from, to) = (period.Starts, period.Ends);
        var versions = await (
            from p in db.ModelPeriods
            join m in db.ModelVersions on p.ModelVersionId equals m.Id
            where p.Number > 1 && p.From >= @from && p.From < to
            select new { At = p.From, p.IsRollBack, m.Number }).ToListAsync(cancellation);
        var acceptances = await (
            from a in db.LocalAcceptances
            join m in db.ModelVersions on a.ModelVersionId equals m.Id
            where a.AcceptedAt >= @from && a.AcceptedAt < to
            select new { At = a.AcceptedAt, a.IsWithdrawal, m.Number }).ToListAsync(cancellation);
        var policies = await db.PolicyChanges.AsNoTracking().OrderBy(c => c.Id).ToListAsync(cancellation);
        IEnumerable<(DateTimeOffset At, DepartmentChangeKind Kind, int? Version, ReadingPolicy? Policy)> all =
        [
            .. versions.Select(v => (
                v.At, v.IsRollBack ? DepartmentChangeKind.RollBack : DepartmentChangeKind.Version, (int?)v.Number, (ReadingPolicy?)null)),
            .. acceptances.Select(a => (
                a.At, a.IsWithdrawal ? DepartmentChangeKind.AcceptanceEnded : DepartmentChangeKind.Accepted, (int?)a.Number,
                (ReadingPolicy?)null)),
            .. ReadingPolicyChange.Standing(policies).Where(c => c.Begins >= from && c.Begins < to)
                .Select(c => (c.Begins, DepartmentChangeKind.Policy, (int?)null, (ReadingPolicy?)c.Policy)),
        ];
        return [.. all.OrderBy(c => c.At).Select(c => new DepartmentChange(
            DateOnly.FromDateTime(c.At.UtcDateTime), c.Kind, c.Version, c.Policy))];
    }
}
