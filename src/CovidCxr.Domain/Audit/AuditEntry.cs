using System.Text.Json.Serialization;

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

    /// <summary>Somebody vouches for a version of a model, asked again who they are.</summary>
    ModelSign,

    /// <summary>A reader has taken note that the active version changed.</summary>
    ModelNotice,

    /// <summary>An administrator has taken the trail as it stands for the whole one, after a restore or an alarm.</summary>
    TrailAccept,

    /// <summary>Whose film a study is, or how it was taken, was corrected; or the film was withdrawn or brought back.</summary>
    StudyChange,

    /// <summary>A received object went into quarantine, or a person answered for it.</summary>
    ReceivedObject,

    /// <summary>A peer in the hospital's network was asked whether it answers.</summary>
    PeerEcho,

    /// <summary>An object of a study's answer was delivered to the hospital's network, or given up.</summary>
    ResultDelivery,

    /// <summary>A person stopped or started a destination, or tried again or cancelled a delivery.</summary>
    ResultControl,

    /// <summary>A person set a second factor up, or it was taken away.</summary>
    SecondFactor,

    /// <summary>Somebody accepted a version on the department's own studies, asked again who they are, or took that back.</summary>
    LocalAcceptance,

    /// <summary>A version went into the shadow, or came out of it.</summary>
    ShadowControl,

    /// <summary>An administrator took everything about one study's answer out of the program.</summary>
    IncidentPack,

    /// <summary>Another program was given a key, or one was taken back.</summary>
    ApiClientChange,

    /// <summary>The active model failed on the golden films: it was loaded anew, or another one answers, or none.</summary>
    GoldenFilms,

    /// <summary>A run is off the plan that was frozen when it started.</summary>
    PlanDeparture,

    /// <summary>A person linked the account of an identity provider with their own, or took that back.</summary>
    ProviderLink,

    /// <summary>A person registered a passkey, or it was taken away.</summary>
    Passkey,

    /// <summary>Entries were lost: neither the database nor the file for such times took them.</summary>
    AuditSpill,

    /// <summary>A list that names patients or their studies was shown; one entry for a person, list and minute.</summary>
    ListView,

    /// <summary>Entries of the trail were taken out of the program, as a file.</summary>
    AuditExport,

    /// <summary>Old entries went into a sealed file, and out of the trail.</summary>
    AuditArchive,

    /// <summary>A person was asked again who they are, by a passkey or an identity provider, before what cannot be undone.</summary>
    PersonConfirm,

    /// <summary>An archive was asked for a patient's other films, or they were fetched from it.</summary>
    PriorFilms,

    /// <summary>A film was marked urgent for a reason, or is not any more.</summary>
    StudyUrgency,

    /// <summary>A film was assigned to a reader, or taken back.</summary>
    StudyAssign,

    /// <summary>A person stopped or started an address that is told of events, or tried again or cancelled a message.</summary>
    WebhookControl,

    /// <summary>A message about a patient waits for a person, or a person answered it.</summary>
    ReceivedMessage,

    /// <summary>Films left the program without names: one entry for the export, one for each study, and one as it ended.</summary>
    FilmExport,

    /// <summary>A note of a patient's therapy was written, struck out, or moved with the patient; by its id, never its words.</summary>
    TherapyNote,
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
    /// <summary>Of detail, before and after.</summary>
    public const int MaxTextLength = 500;

    /// <summary>An address of IPv6 with an embedded one of IPv4.</summary>
    public const int MaxSourceLength = 45;

    public long Id { get; init; }

    public DateTimeOffset At { get; init; }

    public Guid? UserId { get; init; }

    public string? UserName { get; init; }

    public AuditAction Action { get; init; }

    public AuditOutcome Outcome { get; init; }

    public Guid? StudyId { get; init; }

    public string? Detail { get; init; }

    /// <summary>The address that the person or program came from; null for this program itself.</summary>
    public string? Source { get; init; }

    /// <summary>What was changed, as it was.</summary>
    public string? Before { get; init; }

    /// <summary>What was changed, as it is now.</summary>
    public string? After { get; init; }

    /// <summary>The database could not be written at that time: the entry waited in a file, and stands later than its time says.</summary>
    public bool IsSpilled { get; set; }

    /// <summary>A random number and the keyed hash of it and of the content: the program wrote this. Null in older entries.</summary>
    [JsonIgnore]
    public byte[]? Stamp { get; set; }

    /// <summary>The keyed hash of this entry and of the seal before it; null until it is sealed, a moment after it was written.</summary>
    [JsonIgnore]
    public byte[]? Seal { get; set; }
}
