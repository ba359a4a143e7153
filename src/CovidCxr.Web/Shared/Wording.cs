using System.Globalization;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Learning.Gate;

namespace CovidCxr.Web.Shared;

/// <summary>Domain values in the words and numbers of a page.</summary>
public static class Wording
{
    public static string Words(this Opinion opinion) => opinion switch
    {
        Opinion.Covid19 => ReadDisease.Name,
        Opinion.OtherPneumonia => "Other pneumonia",
        Opinion.OtherFinding => "Other finding",
        Opinion.Normal => "Normal",
        _ => "Indeterminate",
    };

    public static string Words(this ReadingPolicy policy) => policy switch
    {
        ReadingPolicy.BlindedFirst => "Blinded first",
        ReadingPolicy.Concurrent => "Concurrent",
        _ => "Randomised by day",
    };

    public static string Letter(this Sex sex) => sex switch
    {
        Sex.Female => "F",
        Sex.Male => "M",
        Sex.Other => "O",
        _ => "–",
    };

    public static string Words(this ViewPosition view) => view == ViewPosition.Unknown ? "–" : view.ToString();

    /// <summary>A sign and a word, so that colour says nothing alone.</summary>
    public static string Words(this StudyStatus status) => status switch
    {
        StudyStatus.Queued => "○ waiting",
        StudyStatus.Analysing => "◐ analysing",
        StudyStatus.Ready => "● ready",
        StudyStatus.Withheld => "⚠ withheld",
        _ => "✕ failed",
    };

    public static string Words(this UrgencyReason reason) => reason switch
    {
        UrgencyReason.Deteriorating => "getting worse, or in intensive care",
        UrgencyReason.EmergencyDepartment => "emergency department",
        UrgencyReason.BeforeProcedure => "before a procedure or transfer",
        UrgencyReason.Isolation => "decides on a bed or isolation",
        _ => "asked for by the sender",
    };

    /// <inheritdoc cref="Words(StudyStatus)"/>
    public static string Words(this GateVerdict verdict) => verdict switch
    {
        GateVerdict.Passed => "✓ passed",
        GateVerdict.Refused => "✕ refused",
        _ => "? not known",
    };

    /// <summary>"1 study", "2,000 studies".</summary>
    /// <param name="many">Where it is not <paramref name="one"/> with an s.</param>
    public static string Of(this int count, string one, string? many = null) =>
        $"{count.ToString("N0", CultureInfo.InvariantCulture)} {(count == 1 ? one : many ?? one + "s")}";

    public static string Fixed(this double value, int digits = 2) => value.ToString("F" + digits, CultureInfo.InvariantCulture);

    public static string Fixed(this double? value, int digits = 2) => value?.Fixed(digits) ?? "–";

    /// <summary>A p value; no 0.000, which no test has found.</summary>
    public static string P(this double p) => p < 0.001 ? "< 0.001" : p.Fixed(3);

    public static string P(this double? p) => p?.P() ?? "–";

    /// <summary>"3 April 2026", which nobody reads in two ways.</summary>
    public static string Words(this DateOnly date) => date.ToString("d MMMM yyyy", CultureInfo.InvariantCulture);

    public static string Iso(this DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
