using CovidCxr.Domain.Accounts;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

/// <summary>
/// What seeing the model from the start changes: readings of blinded-first days against those of concurrent days. Where days were drawn by
/// lot, those days alone, so that nothing but the lot tells them apart; otherwise all, and whatever else changed with the policy is in the
/// difference too.
/// </summary>
public sealed class ComparePolicies(IDbContextFactory<CovidCxrDbContext> contexts, CaseCache cache, RevealedCases revealed)
{
    public async Task<PolicyComparison> RunAsync(AgreementFilter filter, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var set = await cache.GetAsync(db, cancellation);
        var choices = await CompareReaders.ChoicesAsync(db, set, cancellation);
        var rules = await ArmRules.LoadAsync(db, cancellation);
        var hidden = await revealed.HiddenFromAsync(db, actor, cancellation);
        var all = ReaderCases.Filter(set.All, filter, onlyBy: null);
        var shown = hidden.TakenFrom(all);
        var comparison = await Task.Run(() => set.Answer((filter, rules.Version, hidden.Key), () =>
        {
            var cases = rules.Of(shown);
            var (arms, differences) = ArmBootstrap.Of(cases.Compared, cancellation);
            return new PolicyComparison(
                cases.IsByLot, cases.Asked, cases.Elsewhere, cases.Disclosed, cases.WithoutModel, cases.OfOtherDisease,
                all.Count - shown.Count, new([], []), arms, differences);
        }), cancellation);
        return comparison with
        {
            Choices = choices,
            Withheld = WithheldStudies.Of(shown, await WithheldStudies.ReadAsync(db, cancellation)),
        };
    }
}
