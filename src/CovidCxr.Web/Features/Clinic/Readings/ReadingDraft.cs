using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Readings;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>What the reader has chosen and not yet handed in.</summary>
public sealed class ReadingDraft
{
    /// <summary>Another one takes back what was said of the model's answer.</summary>
    public Opinion? Opinion
    {
        get;
        set => (field, Agrees) = (value, value == field ? Agrees : null);
    }

    /// <summary>1 to 5. None is chosen beforehand: an offered one is kept, and readers would agree with the offer.</summary>
    public int? Confidence { get; set; }

    public bool? Agrees { get; set; }

    public bool? HeatMapUseful { get; set; }

    public string? Note { get; set; }

    /// <summary>Names this draft, so that sending it twice records it once.</summary>
    public Guid SubmissionId { get; } = Guid.CreateVersion7();

    /// <summary>The agreement that follows from the opinion, so that it need not be said; null where only the reader can say it.</summary>
    public bool? Implied(PredictionView? shown) =>
        Opinion is { } opinion && shown?.IsReadDisease is { } isDisease ? ReadingRules.ImpliedAgreement(opinion, isDisease) : null;

    /// <summary>What was chosen before the connection, the program or the session ended.</summary>
    public static ReadingDraft From(KeptDraft kept) => new()
    {
        Opinion = kept.Opinion,
        Confidence = kept.Confidence,
        Agrees = kept.AgreesWithPrediction,
        HeatMapUseful = kept.HeatMapUseful,
        Note = kept.Note,
    };

    /// <summary>What was said last, as the start of a final reading or a correction.</summary>
    public static ReadingDraft From(ReadingView? reading) => reading is null ? new() : new()
    {
        Opinion = reading.Opinion,
        Confidence = reading.Confidence,
        Agrees = reading.AgreesWithPrediction,
        HeatMapUseful = reading.HeatMapUseful,
        Note = reading.Note,
    };
}
