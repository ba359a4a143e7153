using System.Globalization;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Studies;
using CovidCxr.Learning.Gate;
using CovidCxr.Web.Shared;
using Microsoft.AspNetCore.Components;
using MudBlazor;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>The model's answer, or why there is none yet. It is given no prediction that the reader may not see.</summary>
public sealed partial class ModelPanel
{
    [Parameter, EditorRequired]
    public required StudyDetail Study { get; set; }

    [Parameter]
    public PredictionView? Prediction { get; set; }

    [Parameter]
    public bool Hidden { get; set; }

    /// <summary>The class whose heat map lies over the image.</summary>
    [Parameter]
    public int Class { get; set; }

    [Parameter]
    public EventCallback<int> ClassChanged { get; set; }

    [Parameter]
    public RenderFragment? ChildContent { get; set; }

    /// <summary>Asks for a score that is withheld.</summary>
    [Parameter]
    public RenderFragment? Demand { get; set; }

    string StatusWords => Study.Status switch
    {
        StudyStatus.Queued => "Queued: waiting for its turn. The result appears here by itself.",
        StudyStatus.Analysing => "Analysing… The result appears here by itself.",
        StudyStatus.Withheld =>
            $"Withheld: {Reason("the image is outside what the model was made for")} No score is given; read it without one, or ask for "
                + $"it and say why.",
        StudyStatus.Failed => $"No result: {Reason("the analysis failed")}",
        _ => "No result.",
    };

    string Reason(string unsaid) => (Study.StatusReason ?? unsaid).TrimEnd('.') + '.';

    // Red where something bad was found, amber where too little is known.
    static Severity SeverityOf(ModelWarnings warnings) =>
        warnings.All.Any(w => w.IsMeasured) ? Severity.Error : Severity.Warning;

    static string PositiveLine(PredictionView shown)
    {
        var probability = shown.Probabilities[shown.PositiveIndex];
        var side = probability >= shown.Threshold ? "at or above" : "below";
        return shown.IsPositive
            ? $"{side} the threshold {shown.Threshold.Fixed()}"
            : $"{shown.Classes[shown.PositiveIndex]} {probability.Fixed()}, {side} the threshold {shown.Threshold.Fixed()}";
    }

    // The same version and the same side of the threshold: a rate of all films would say less of this one.
    static string MeaningWords(PredictionView shown, ScoreMeaning meaning)
    {
        var disease = shown.Classes[shown.PositiveIndex];
        var side = meaning.IsPositive ? "at or above the threshold" : "below the threshold";
        if (!meaning.IsKnown)
        {
            return $"What this means here is not known yet: {meaning.Patients} patients with such an answer ({side}) of this version have "
                + $"a reference{Seen(meaning)}, and {ScoreMeaning.FewestPatients} are needed.";
        }

        string Percent(double? share) => (100 * share!.Value).ToString("0", CultureInfo.InvariantCulture);
        return $"Of 100 films like this here ({side}, this version), {Percent(meaning.Ill.Value)} had {disease} "
            + $"({Percent(meaning.Ill.Lower)}–{Percent(meaning.Ill.Upper)}), "
            + $"from {meaning.Ill.Count} films with a reference{Seen(meaning)}.";
    }

    // What was called before the acceptance keeps its call and its threshold.
    static string AcceptanceWords(PredictionView shown) => shown.AcceptedHere switch
    {
        null => "Not accepted here: nobody has accepted this version on this department's own films.",
        { Threshold: var local } when local != shown.Threshold =>
            $"This version is accepted here at the threshold {local.Fixed()}; this answer was called before that, at another one.",
        { } accepted =>
            $"Accepted here on {DateOnly.FromDateTime(accepted.AcceptedAt.UtcDateTime).Words()}, at a threshold chosen on this "
                + "department's own films.",
    };

    static string Seen(ScoreMeaning meaning) => meaning.IsSeenOnly ? ", among films whose answer you may know" : "";

    // Right and left as the film shows them: the patient's right lung stands on the left.
    static readonly (int Right, int Left, string Name)[] ZoneRows = [(0, 3, "upper"), (1, 4, "middle"), (2, 5, "lower")];

    static string Units(double share) => (100 * share).ToString("0.#", CultureInfo.InvariantCulture);
}
