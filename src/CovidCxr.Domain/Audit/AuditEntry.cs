namespace CovidCxr.Domain.Audit;

public enum AuditAction
{
    SignIn,
    SignOut,
    PasswordChange,
    AccountCreate,
    AccountChange,
    StudyUpload,
    StudyView,
    StudyAnalysis,
    ReadingRecord,
    ReadingCorrect,
    PolicyChange,
    ModelRegister,
    ModelActivate,
    AccessRefused,
    RetrainingStart,
    RetrainingControl,
    RetrainingEnd,
    ReferenceRecord,
    ReferenceImport,
    AgreementExport,
    DataSetImport,
    DataSetChange,
    TrainingExport,
    ReadRequest,
    QualitySettingsChange,
    AlertRaise,
    AlertAcknowledge,

    /// <summary>Films that are trained on were shown to an administrator; one entry for a visit, not one for a picture.</summary>
    TrainingView,

    /// <summary>A score was asked for although the guard withholds it.</summary>
    ScoreDemand,
}

public enum AuditOutcome
{
    Succeeded,
    Refused,
    Failed,
}

/// <summary>Who did what, when, to which study, and what came of it. Never a patient's data.</summary>
public sealed class AuditEntry
{
    public long Id { get; init; }

    public DateTimeOffset At { get; init; }

    public Guid? UserId { get; init; }

    public string? UserName { get; init; }

    public AuditAction Action { get; init; }

    public AuditOutcome Outcome { get; init; }

    public Guid? StudyId { get; init; }

    public string? Detail { get; init; }
}
