using CovidCxr.Domain.Studies;

namespace CovidCxr.Clinic.Studies;

/// <summary>What people set on a film for the order of work, as the audit trail says it.</summary>
static class StudyMarks
{
    public const string NoSuchReason = "The reason for the urgency is not one of the list.";

    public static string Words(UrgencyReason? reason) => reason is null ? "not urgent" : $"urgent: {reason}";
}
