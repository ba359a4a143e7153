using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;

namespace CovidCxr.Clinic.Comparison;

/// <summary>What a filter leaves of the finished readings.</summary>
static class ReaderCases
{
    /// <summary>Whose readings this person may see: all of them, or only their own.</summary>
    public static Guid? OnlyBy(Actor actor) => actor.Is(Role.DepartmentLead) ? null : actor.UserId;

    public static List<ReaderCase> Filter(IReadOnlyList<ReaderCase> all, AgreementFilter filter, Guid? onlyBy)
    {
        var from = filter.From is { } first ? new DateTimeOffset(first, default, TimeSpan.Zero) : DateTimeOffset.MinValue;
        var to = filter.To is { } last && last < DateOnly.MaxValue
            ? new DateTimeOffset(last.AddDays(1), default, TimeSpan.Zero)
            : DateTimeOffset.MaxValue;
        List<ReaderCase> left = new(all.Count);
        foreach (var c in all)
        {
            if (
                (onlyBy is null || c.ReaderId == onlyBy) && (filter.ReaderId is null || c.ReaderId == filter.ReaderId) && c.ReadAt >= from
                && c.ReadAt < to
                && (filter.ModelVersionId is null || c.Prediction?.ModelVersionId == filter.ModelVersionId)
                && (filter.View is null || c.Study.View == filter.View) && (filter.Sex is null || c.Study.Sex == filter.Sex)
                && (filter.Age is null || AgreementFilter.Band(c.Study.AgeYears) == filter.Age))
            {
                left.Add(
                    c with { Reference = ReferenceRules.Settle(filter.Reference, c.Study.RtPcr, c.Study.Consensus, c.Study.FollowUp) });
            }
        }

        return left;
    }
}
