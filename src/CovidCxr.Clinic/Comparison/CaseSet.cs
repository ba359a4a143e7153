using CovidCxr.Domain.Collections;
using CovidCxr.Domain.Readings;

namespace CovidCxr.Clinic.Comparison;

/// <summary>
/// All finished readings of one version of the data in the order in which they were made, about 100 bytes each, with what was computed from
/// them.
/// </summary>
sealed class CaseSet
{
    /// <summary>A comparison with its curves takes up to some hundred kilobytes.</summary>
    const int MostAnswers = 32;

    readonly RecentItems<object, object> _answers = new(MostAnswers);
    readonly ReaderCase[] _all;

    // Newer rows may refer to these. A set hands them on to the next one, and CaseCache alone changes them, one set at a time.
    readonly Dictionary<Guid, StudyFacts> _studies;
    readonly Dictionary<Guid, PredictionFacts> _predictions;
    readonly Dictionary<string, int> _patients;
    readonly Dictionary<(Guid Study, Guid Reader), RatedOpinion> _unfinished;

    CaseSet(CaseVersion version, ReaderCase[] all, CaseSet? old)
    {
        Version = version;
        _all = all;
        (_studies, _predictions, _patients, _unfinished) =
            (old?._studies ?? [], old?._predictions ?? [], old?._patients ?? new(StringComparer.OrdinalIgnoreCase), old?._unfinished ?? []);
    }

    public static CaseSet Empty => new(default, [], null);

    public CaseVersion Version { get; }

    public IReadOnlyList<ReaderCase> All => _all;

    public IReadOnlyDictionary<Guid, StudyFacts> Studies => _studies;

    public IReadOnlyDictionary<Guid, PredictionFacts> Predictions => _predictions;

    /// <summary>A new set of these readings and the newer ones. This set stays as it is, but only the new one can be continued.</summary>
    /// <returns>Null where a newer reading corrects one that is not here.</returns>
    public CaseSet? Continue(CaseRows rows)
    {
        var changed = Note(rows);
        var corrected = rows.Readings.Where(r => r.SupersedesId is not null).Select(r => r.SupersedesId!.Value).ToHashSet();
        Dictionary<(Guid, Guid), ReaderCase> replaced = [];
        var cases = new List<ReaderCase>(_all.Length + rows.Readings.Count);
        foreach (var c in _all)
        {
            if (corrected.Contains(c.Id))
            {
                replaced.Add((c.StudyId, c.ReaderId), c);
            }
            else
            {
                cases.Add(changed.Contains(c.StudyId) ? c with { Study = _studies[c.StudyId] } : c);
            }
        }

        if (replaced.Count + rows.Readings.Count(r => corrected.Contains(r.Id)) != corrected.Count)
        {
            return null;
        }

        var last = cases.Count > 0 ? cases[^1].ReadAt : DateTimeOffset.MinValue;
        List<ReaderCase> newer = [.. Finished(rows.Readings, corrected, replaced).OrderBy(c => c.ReadAt).ThenBy(c => c.Id)];
        cases.AddRange(newer);
        return new(
            rows.Version,
            newer is [var first, ..] && first.ReadAt < last ? [.. cases.OrderBy(c => c.ReadAt).ThenBy(c => c.Id)] : [.. cases], this);
    }

    // A reader has one finished reading of a study, its corrections included, and one opinion before it.
    IEnumerable<ReaderCase> Finished(
        IReadOnlyList<ReadingRow> readings, HashSet<Guid> corrected, Dictionary<(Guid Study, Guid Reader), ReaderCase> replaced)
    {
        foreach (var r in readings.Where(r => r.Stage == ReadingStage.Blind))
        {
            _unfinished[(r.StudyId, r.ReaderId)] = r.Rated;
        }

        foreach (var r in readings.Where(r => r.Stage != ReadingStage.Blind && !corrected.Contains(r.Id)))
        {
            var before = _unfinished.Remove((r.StudyId, r.ReaderId), out var said)
                ? said
                : replaced.TryGetValue((r.StudyId, r.ReaderId), out var old)
                ? old.Before
                : null;
            // Without its study where that was withdrawn.
            if (_studies.TryGetValue(r.StudyId, out var study))
            {
                yield return new(
                    r.Id, study, r.ReaderId, r.CreatedAt, before, r.Rated, r.PredictionId is { } id ? _predictions[id] : null);
            }
        }
    }

    /// <returns>The studies whose findings changed.</returns>
    HashSet<Guid> Note(CaseRows rows)
    {
        foreach (var p in rows.Predictions)
        {
            _predictions[p.Id] = p;
        }

        foreach (var s in rows.Studies)
        {
            _studies[s.Id] = new(s.Id, s.PatientNumber, PatientOf(s.PatientNumber), s.Sex, s.AgeYears, s.View);
        }

        HashSet<Guid> changed = [];
        var superseded = rows.Findings.Where(f => f.SupersedesId is not null).Select(f => f.SupersedesId!.Value).ToHashSet();
        foreach (var f in rows.Findings.Where(f => !superseded.Contains(f.Id)))
        {
            if (_studies.TryGetValue(f.StudyId, out var facts))
            {
                _studies[f.StudyId] = facts.With(f.Source, f.Result);
                changed.Add(f.StudyId);
            }
        }

        return changed;
    }

    int PatientOf(string? number)
    {
        if (number is null)
        {
            // Below 0, so that it is no other patient's number.
            return -1 - _studies.Count;
        }

        if (!_patients.TryGetValue(number, out var patient))
        {
            _patients.Add(number, patient = _patients.Count);
        }

        return patient;
    }

    /// <summary>Computes an answer once. Two who ask at the same time may both compute it, and get the same.</summary>
    /// <param name="question">Equal questions have equal answers.</param>
    public T Answer<T>(object question, Func<T> compute)
        where T : class
    {
        if (_answers.TryGet(question, out var known))
        {
            return (T)known;
        }

        var answer = compute();
        _answers.Put(question, answer);
        return answer;
    }
}
