namespace CovidCxr.Domain.Studies;

/// <summary>
/// Why a person wants a film read before others. A list, not free words: the audit trail keeps it, which never holds a patient's data. What
/// the model says of a film is no reason: readers who may not know it yet would learn it.
/// </summary>
public enum UrgencyReason
{
    /// <summary>The patient is getting worse, or is in intensive care.</summary>
    Deteriorating,

    EmergencyDepartment,

    /// <summary>An operation, another procedure or a transfer waits for it.</summary>
    BeforeProcedure,

    /// <summary>A bed or the isolation of the patient is decided by it.</summary>
    Isolation,

    /// <summary>Whoever sent the film asks for it.</summary>
    Requested,
}
