using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Readings;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>What the reader has chosen and not yet handed in.</summary>
public sealed class ReadingDraft
{
    /// <summary>The middle: shown as chosen, so that a reader who is neither sure nor unsure need not say so.</summary>
    public const int DefaultConfidence = 3;

    public Opinion? Opinion { get; set; }

    public int Confidence { get; set; } = DefaultConfidence;

    public bool? Agrees { get; set; }

    public bool? HeatMapUseful { get; set; }

    public string? Note { get; set; }

    /// <summary>Names this draft, so that sending it twice records it once.</summary>
    public Guid SubmissionId { get; } = Guid.CreateVersion7();

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
