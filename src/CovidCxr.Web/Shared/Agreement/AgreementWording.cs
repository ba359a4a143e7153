using CovidCxr.Clinic.Adjudication;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.References;
using CovidCxr.Domain.Readings;
using CovidCxr.Statistics.Agreement;

namespace CovidCxr.Web.Shared.Agreement;

static class AgreementWording
{
    public static string Words(this Party party) => party switch
    {
        Party.Blind => "Reader (blind)",
        Party.Model => "Model",
        Party.Final => "Reader (final)",
        _ => "Reference",
    };

    public static string Words(this PartyPair pair) => $"{pair.First.Words()} vs {pair.Second.Words().ToLowerInvariant()}";

    public static string Words(this ReferencePolicy policy) => policy switch
    {
        ReferencePolicy.RtPcr => "RT-PCR alone",
        ReferencePolicy.Consensus => "Consensus alone",
        ReferencePolicy.FollowUp => "Follow-up alone",
        _ => "Any reference",
    };

    public static string Words(this AgeBand band) => band switch
    {
        AgeBand.Under18 => "Under 18 y",
        AgeBand.From18To39 => "18–39 y",
        AgeBand.From40To59 => "40–59 y",
        AgeBand.From60To79 => "60–79 y",
        AgeBand.From80 => "80 y and over",
        _ => "Unknown age",
    };

    public static string Words(this ReferenceSource source) => source switch
    {
        ReferenceSource.RtPcr => "RT-PCR",
        ReferenceSource.Consensus => "Consensus",
        _ => "Follow-up",
    };

    public static string Words(this ReferenceState state) => state switch
    {
        ReferenceState.Positive => "positive",
        ReferenceState.Negative => "negative",
        ReferenceState.Indeterminate => "indeterminate",
        ReferenceState.Contradictory => "contradictory",
        _ => "–",
    };

    /// <summary>A sign and a word, so that colour says nothing alone.</summary>
    public static string Words(this AdjudicationState state) => state switch
    {
        AdjudicationState.NeedsDecision => "⚠ needs your decision",
        AdjudicationState.Waiting => "○ waiting",
        _ => "● settled",
    };

    /// <summary>Goes on a line that says what was left out; empty where nothing is held back.</summary>
    public static string Words(this WithheldStudies withheld) => string.Concat(
        withheld.Withheld > 0 ? $" · {withheld.Withheld.Of("study", "studies")} whose answer is withheld" : "",
        withheld.OnDemand > 0 ? $" · {withheld.OnDemand.Of("study", "studies")} withheld, and scored because a person asked" : "");

    public static string Words(this SwitchKind kind) => kind switch
    {
        SwitchKind.Corrected => "corrected: towards the reference",
        SwitchKind.Misled => "misled: away from the reference",
        _ => "without a reference",
    };

    /// <summary>A sign and a word, so that colour says nothing alone.</summary>
    public static string Words(this ReferenceOutcome outcome) => outcome switch
    {
        ReferenceOutcome.New => "+ new",
        ReferenceOutcome.Replaces => "↻ replaces",
        ReferenceOutcome.Known => "= known",
        _ => "✕ refused",
    };

    public static string Words(this CaseSelection selection) => selection switch
    {
        { Pair: { } pair, Cell: PairCell.Both } => $"{pair.Words()}: both {ReadDisease.Name}",
        { Pair: { } pair, Cell: PairCell.OnlyFirst } =>
            $"{pair.Words()}: {Lower(pair.First)} {ReadDisease.Name}, {Lower(pair.Second)} not",
        { Pair: { } pair, Cell: PairCell.OnlySecond } =>
            $"{pair.Words()}: {Lower(pair.First)} not, {Lower(pair.Second)} {ReadDisease.Name}",
        { Pair: { } pair, Cell: PairCell.Neither } => $"{pair.Words()}: neither {ReadDisease.Name}",
        { Pair: { } pair } => pair.Words(),
        { Switch: { } kind } => $"Switched after the reveal, {kind.Words()}",
        { Arm: ReadingArm.Concurrent } => "Policies compared: concurrent readings",
        { Arm: not null } => "Policies compared: readings blinded first",
        _ => "All readings compared",
    };

    static string Lower(Party party) => party.Words().ToLowerInvariant();
}
