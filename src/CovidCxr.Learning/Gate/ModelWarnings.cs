using System.Globalization;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Statistics.Resampling;

namespace CovidCxr.Learning.Gate;

/// <summary>A reason not to rely on a version's answers as they stand.</summary>
/// <param name="Short">For beside a score: a clause that begins in lower case and has no full stop.</param>
/// <param name="Words">For the card: the same with its figures, as sentences.</param>
/// <param name="IsMeasured">Something bad was found; false where too little is known to say that there is nothing.</param>
public sealed record ModelWarning(string Short, string Words, bool IsMeasured);

/// <summary>What speaks against relying on a version, by what is stored of it. It stands wherever its score is read.</summary>
/// <param name="Gate">Null where the gate has passed the version and refused it nowhere.</param>
/// <param name="Lungs">
/// Null where no more than <see cref="BlackedOutLungs.MostKept"/> of its positive calls stay with the lungs blacked out.
/// </param>
public sealed record ModelWarnings(ModelWarning? Gate, ModelWarning? Lungs)
{
    /// <summary>The figure of a card that says how many do.</summary>
    public const string KeptFigure = "positive calls that stay";

    public static ModelWarnings None { get; } = new(null, null);

    /// <summary>The gate's first: it has looked at more.</summary>
    public IReadOnlyList<ModelWarning> All => [.. new[] { Gate, Lungs }.OfType<ModelWarning>()];

    /// <summary>All of them in one short sentence; null where there are none.</summary>
    public string? Sentence => All is { Count: > 0 } some && string.Join(", and ", some.Select(w => w.Short)) is var words
        ? $"{char.ToUpperInvariant(words[0])}{words[1..]}."
        : null;

    /// <param name="headerJson">The description that came with the version's file.</param>
    /// <param name="sha256">Of the file.</param>
    /// <param name="results">What the gate said of the version, as stored, the newest first.</param>
    public static ModelWarnings Of(string headerJson, string sha256, IReadOnlyList<string> results)
    {
        IReadOnlyList<GateReport?> reports = [.. results.Select(r => GateReport.TryFromJson(r, sha256))];
        return new(OfGate(reports), OfLungs(Worst([.. Kept(reports), .. Kept(headerJson)])));
    }

    // As promotion has it: a refusal stands, whatever was found on other films.
    static ModelWarning? OfGate(IReadOnlyList<GateReport?> results)
    {
        if (results.Any(r => r?.Verdict == GateVerdict.Refused))
        {
            var names = results.OfType<GateReport>().SelectMany(r => r.Checks)
                .Where(c => c.Verdict == GateVerdict.Refused && c.Name != ModelGate.RivalCheck).Select(c => c.Name).Distinct().ToList();
            const string Refused = "the gate has refused this version";
            return new(Refused, Sentenced(names.Count == 0 ? Refused : $"{Refused}: {string.Join(", ", names)}"), IsMeasured: true);
        }

        const string Open = "the gate has not passed this version";
        return results.Count == 0 ? Unknown("the gate has not judged this version")
            : results.Contains(null) ? Unknown(Open, " A result of it is damaged, or is another model's.")
            : results.Any(r => r!.Verdict == GateVerdict.Passed && !r.HasPassedEarlierLimits) ? null
            : results.Any(r => r!.HasPassedEarlierLimits) ? Unknown(Open, " It passed earlier limits, and is asked more by now.")
            : Unknown(Open, $" {results[0]!.Summary}");
    }

    static ModelWarning? OfLungs(MeasuredFigure? kept)
    {
        const string Calls = "of its positive calls stay with the lungs blacked out";
        var limit = Say($"At most {BlackedOutLungs.MostKept:F2} may.");
        if (kept is null)
        {
            return Unknown($"how many {Calls} is not known", $" It was not measured. {limit}");
        }

        if (!IsKnown(kept))
        {
            return Unknown($"how many {Calls} is not known", Say($" It was {kept.Value:F2} of {kept.Count}: {kept.Method}. {limit}"));
        }

        var interval = kept.Lower is null
            ? Say($"{kept.Count} calls")
            : Say($"95% interval {kept.Lower:F2} to {kept.Upper:F2}, {kept.Count} calls");
        return kept.Value <= BlackedOutLungs.MostKept
            ? null
            : new(Say($"{kept.Value:F2} {Calls}"), Say($"{kept.Value:F2} {Calls} ({interval}). {limit}"), IsMeasured: true);
    }

    // Whoever made the file wrote its header: what it admits counts, and so does what the gate found here.
    static MeasuredFigure? Worst(IEnumerable<MeasuredFigure> kept) =>
        kept.OrderByDescending(IsKnown).ThenByDescending(k => k.Value).FirstOrDefault();

    static bool IsKnown(MeasuredFigure kept) => kept.Lower is not null || kept.Method == ClusteredBootstrap.AllAgree;

    static IEnumerable<MeasuredFigure> Kept(IReadOnlyList<GateReport?> reports) =>
        from report in reports.OfType<GateReport>()
        from check in report.Checks
        where check is { Name: ModelGate.KeptCheck, Measured.Value: not null }
        let measured = check.Measured!
        select new MeasuredFigure(
            report.Part, KeptFigure, measured.Value!.Value, measured.Lower, measured.Upper, measured.Count, measured.Method);

    // None where the header has none, or cannot be read.
    static IEnumerable<MeasuredFigure> Kept(string headerJson)
    {
        try
        {
            return ModelHeader.FromJson(headerJson).Metrics.Where(m => m.Name == KeptFigure && m.Value is >= 0 and <= 1).Take(1);
        }
        catch (ModelFileException)
        {
            return [];
        }
    }

    static ModelWarning Unknown(string words, string more = "") => new(words, Sentenced(words) + more, IsMeasured: false);

    static string Sentenced(string words) => $"{char.ToUpperInvariant(words[0])}{words[1..]}.";

    static string Say(FormattableString words) => words.ToString(CultureInfo.InvariantCulture);
}
