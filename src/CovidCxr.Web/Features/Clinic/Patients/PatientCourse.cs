using CovidCxr.Clinic.Patients;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Readings;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Charts;

namespace CovidCxr.Web.Features.Clinic.Patients;

/// <summary>The course of a patient as lines of a chart, and in words.</summary>
public static class PatientCourse
{
    /// <summary>Brixia's score of both lungs.</summary>
    const double LargestSeverity = 18;

    const double Yes = 1, Neither = 0.5, No = 0;

    // Notes of the same days lie above each other, up to so many.
    const double LaneHeight = 0.1;
    const int MostLanes = 5;

    /// <summary>Without the lines of which there is no point.</summary>
    /// <param name="notes">Of the therapy, the earliest first; those that were struck out are not drawn.</param>
    public static IReadOnlyList<ChartSeries> Series(IReadOnlyList<PatientFilm> films, IReadOnlyList<PatientNote> notes)
    {
        List<CoursePoint> severity = [.. films.Select(f => f.Severity).OfType<CoursePoint>()];
        ChartSeries[] all =
        [
            new("Severity", [.. severity.Select(s => At(s.On, s.Sum / LargestSeverity, s.Sum.Fixed(0)))]),
            new("Severity, lower end", [.. severity.Select(s => At(s.On, s.Lower / LargestSeverity, s.Lower.Fixed(1)))]),
            new("Severity, upper end", [.. severity.Select(s => At(s.On, s.Upper / LargestSeverity, s.Upper.Fixed(1)))]),
            .. films.Where(f => f.Score is not null).GroupBy(f => (f.Score!.PositiveClass, f.Score.ModelNumber))
                .OrderBy(g => g.Key.ModelNumber).Select(g => new ChartSeries(
                    $"Score, {g.Key.PositiveClass} by v{g.Key.ModelNumber}", [.. g.Select(f => At(f.On, f.Score!.Probability))])),
            new(
                "Readings", [.. films.SelectMany(f => f.Readings.Select(r => At(f.On, PlaceOf(r.Opinion), r.Opinion.Words())))],
                IsScatter: true),
            new(
                "References",
                [.. films.SelectMany(f => f.References.Select(r => At(r.FoundOn, PlaceOf(r.Result), $"{Words(r.Source)} {r.Result}")))],
                IsScatter: true),
            new("Therapy notes", [.. Spans(notes)], IsSpans: true),
        ];
        return [.. all.Where(s => s.Points.Count > 0)];
    }

    /// <summary>How the severity went from one film to the next, with the error of both.</summary>
    public static IEnumerable<string> Words(IReadOnlyList<PatientFilm> films)
    {
        var severity = films.Select(f => f.Severity).OfType<CoursePoint>().ToList();
        if (severity.Count < 2)
        {
            var hidden = films.Any(f => f.IsHidden) ? " Answers to films that you have not read are not counted." : "";
            yield return $"No course yet: {severity.Count.Of("film")} with a severity, and it takes two.{hidden}";
            yield break;
        }

        foreach (var (before, after) in severity.Zip(severity.Skip(1)))
        {
            var difference = after.Sum - before.Sum;
            var direction = difference > 0 ? "rose" : "fell";
            var isBeyond = before.Upper < after.Lower || after.Upper < before.Lower;
            yield return $"From {before.On.Iso()} to {after.On.Iso()} the severity {(
                isBeyond
                    ? $"{direction} from {before.Sum.Fixed(0)} to {after.Sum.Fixed(0)} of 18: the bands of error do not overlap."
                    : $"went from {before.Sum.Fixed(0)} to {after.Sum.Fixed(0)} of 18: within the error, so no change is shown.")}";
        }
    }

    static IEnumerable<ChartPoint> Spans(IReadOnlyList<PatientNote> notes)
    {
        var lanes = new DateOnly[MostLanes];
        foreach (var note in notes.Where(n => n.Struck is null))
        {
            var last = note.Until ?? note.From;
            // The lowest that is free on its first day; where none is, the one that is free soonest.
            var free = Array.FindIndex(lanes, until => until < note.From);
            var lane = free >= 0 ? free : Array.IndexOf(lanes, lanes.Min());
            lanes[lane] = last > lanes[lane] ? last : lanes[lane];
            var label = $"{note.Text} ({note.From.Iso()}{(note.Until is { } until ? $" to {until.Iso()}" : "")})";
            yield return At(note.From, Yes + ((lane + 1) * LaneHeight), label);
            yield return At(last, Yes + ((lane + 1) * LaneHeight), label);
        }
    }

    public static string Words(ReferenceSource source) => source switch
    {
        ReferenceSource.RtPcr => "RT-PCR",
        ReferenceSource.Consensus => "Consensus",
        _ => "Follow-up",
    };

    static ChartPoint At(DateOnly day, double share, string? label = null) => new(day.DayNumber, share, label);

    static double PlaceOf(Opinion opinion) => opinion switch
    {
        Opinion.Covid19 => Yes,
        Opinion.Indeterminate => Neither,
        _ => No,
    };

    static double PlaceOf(ReferenceResult result) => result switch
    {
        ReferenceResult.Positive => Yes,
        ReferenceResult.Indeterminate => Neither,
        _ => No,
    };
}
