using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

/// <summary>
/// A lead who reads too is blinded like any reader: what others and the model say of a film waits for the own reading. A list that left
/// out the row alone would tell the answer by its count. So hidden studies are taken out first, before anything is selected, counted,
/// ordered or drawn.
/// </summary>
public sealed class RevealedCases(GetReadingPolicy policies)
{
    internal async Task<HiddenStudies> HiddenFromAsync(CovidCxrDbContext db, Actor actor, CancellationToken cancellation)
    {
        if (!actor.Is(Role.Radiologist))
        {
            return HiddenStudies.None;
        }

        if (ReadingRules.IsBlinded(actor, await policies.TodayAsync(db, cancellation)))
        {
            return HiddenStudies.AllBut(actor.UserId, await db.Readings.Where(r => r.ReaderId == actor.UserId).Select(r => r.StudyId)
                .Union(Disclosures.StudiesFor(db, actor.UserId)).ToHashSetAsync(cancellation));
        }

        var blinded = await OpenReadRequests.BlindedFor(db, actor.UserId).ToHashSetAsync(cancellation);
        return blinded.Count == 0 ? HiddenStudies.None : HiddenStudies.Only(actor.UserId, blinded);
    }
}

/// <summary>The studies whose answer waits for one person's own reading.</summary>
sealed class HiddenStudies
{
    readonly HashSet<Guid> _studies;
    readonly bool _areAllOthers;

    HiddenStudies(HashSet<Guid> studies, bool areAllOthers, string key) => (_studies, _areAllOthers, Key) = (studies, areAllOthers, key);

    public static HiddenStudies None { get; } = new([], areAllOthers: false, "");

    /// <summary>Equal keys over the same version of the cases hide the same; empty where nothing is hidden.</summary>
    public string Key { get; }

    public bool AreNone => Key.Length == 0;

    // What somebody has read or seen only grows.
    public static HiddenStudies AllBut(Guid reader, HashSet<Guid> seen) => new(seen, areAllOthers: true, $"{reader} but {seen.Count}");

    public static HiddenStudies Only(Guid reader, HashSet<Guid> studies) =>
        new(studies, areAllOthers: false, $"{reader} only {string.Join(' ', studies.Order())}");

    public bool Contains(Guid study) => _studies.Contains(study) != _areAllOthers;

    public List<ReaderCase> TakenFrom(List<ReaderCase> cases) => AreNone ? cases : cases.FindAll(c => !Contains(c.StudyId));
}
