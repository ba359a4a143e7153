using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;

namespace CovidCxr.Platform.Webhooks;

/// <summary>
/// What other programs are told of, and which entry of the audit trail means it. No event follows from what the model says: that an
/// analysis ended is one event, whatever came of it.
/// </summary>
public static class WebhookEvents
{
    const string Ready = "study.ready", Read = "study.read", Changed = "study.changed", Withdrawn = "study.withdrawn",
        Restored = "study.restored", Corrected = "reading.corrected", Recorded = "reference.recorded", Imported = "references.imported";

    /// <summary>The part of a change's entry that says so (<see cref="StudyParticulars.Differences"/>).</summary>
    const string OfWithdrawal = "withdrawn";

    public static IReadOnlyList<(string Name, string Meaning)> All { get; } =
    [
        (Ready, "The analysis of a film has ended: with an answer, without one, or in a failure."),
        (Read, "Somebody has finished reading a study."),
        (Changed, "What is known of a study, such as whose it is, was changed."),
        (Withdrawn, "A study was withdrawn."),
        (Restored, "A study that was withdrawn was brought back."),
        (Corrected, "Somebody has corrected a finished reading."),
        (Recorded, "A reference of a study was recorded or replaced."),
        (Imported, "References were imported, of any number of studies."),
    ];

    internal static IReadOnlyList<AuditAction> Actions { get; } =
    [
        AuditAction.StudyAnalysis, AuditAction.ReadingRecord, AuditAction.ReadingCorrect, AuditAction.StudyChange,
        AuditAction.ReferenceRecord, AuditAction.ReferenceImport,
    ];

    internal static bool IsOne(string name) => All.Any(e => e.Name == name);

    /// <summary>Whether it has to be known if the study is withdrawn now: an undo does not say which way it went.</summary>
    internal static bool IsUndoneWithdrawal(AuditEntry entry) => entry.Action == AuditAction.StudyChange
        && Begins(entry, StudyChangeKind.Undo) && entry.Detail!.Contains(OfWithdrawal, StringComparison.Ordinal);

    /// <returns>Null where nobody is told.</returns>
    internal static string? Of(AuditEntry entry, bool isWithdrawn) => (entry.Action, entry.Outcome, entry.StudyId) switch
    {
        (AuditAction.StudyAnalysis, _, not null) => Ready,
        (_, not AuditOutcome.Succeeded, _) => null,
        // A blinded opinion is half of a reading.
        (AuditAction.ReadingRecord, _, not null) => entry.Detail == nameof(ReadingStage.Blind) ? null : Read,
        (AuditAction.ReadingCorrect, _, not null) => Corrected,
        (AuditAction.StudyChange, _, not null) => entry switch
        {
            _ when Begins(entry, StudyChangeKind.Withdraw) => Withdrawn,
            _ when Begins(entry, StudyChangeKind.BringBack) => Restored,
            _ when IsUndoneWithdrawal(entry) => isWithdrawn ? Withdrawn : Restored,
            _ => Changed,
        },
        (AuditAction.ReferenceRecord, _, not null) => Recorded,
        (AuditAction.ReferenceImport, _, null) => Imported,
        _ => null,
    };

    static bool Begins(AuditEntry entry, StudyChangeKind kind) =>
        entry.Detail?.StartsWith($"{kind}: ", StringComparison.Ordinal) == true;
}
