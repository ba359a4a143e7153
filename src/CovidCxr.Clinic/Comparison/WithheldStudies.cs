using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Comparison;

/// <summary>Whether the model's answer to a film is held back.</summary>
public enum Withholding
{
    None,

    /// <summary>It is no film for the model, by the guard, by its file or by who uploaded it: it has no answer.</summary>
    Withheld,

    /// <summary>It was withheld, and a person had it scored all the same.</summary>
    OnDemand,
}

/// <summary>How many of the compared studies have their answer held back, as it stands now. Each study counts once.</summary>
/// <param name="OnDemand">Held back too, and scored all the same because a person asked; not among <paramref name="Withheld"/>.</param>
public sealed record WithheldStudies(int Withheld, int OnDemand)
{
    public static WithheldStudies None { get; } = new(0, 0);

    /// <summary>Of all studies that are or were held back: a handful among thousands. Those that are missing never were.</summary>
    internal static async Task<Dictionary<Guid, Withholding>> ReadAsync(CovidCxrDbContext db, CancellationToken cancellation) =>
        await db.Studies
            .Where(s => s.Status == StudyStatus.Withheld || (s.Status == StudyStatus.Ready && s.StatusReason != null))
            .ToDictionaryAsync(
                s => s.Id, s => s.Status == StudyStatus.Withheld ? Withholding.Withheld : Withholding.OnDemand, cancellation);

    internal static WithheldStudies Of(IEnumerable<ReaderCase> cases, Dictionary<Guid, Withholding> held)
    {
        var counts = cases.Select(c => c.StudyId).Distinct().CountBy(id => held.GetValueOrDefault(id)).ToDictionary();
        return new(counts.GetValueOrDefault(Withholding.Withheld), counts.GetValueOrDefault(Withholding.OnDemand));
    }
}
