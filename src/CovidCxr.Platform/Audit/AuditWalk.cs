using CovidCxr.Domain.Audit;

namespace CovidCxr.Platform.Audit;

/// <summary>One walk along the trail, entry by entry in the order of their numbers.</summary>
/// <param name="from">What lies in archives.</param>
sealed class AuditWalk(AuditKey key, AuditHead? head, AuditAnchor from)
{
    readonly List<string> _findings = [];
    readonly List<long> _unsealed = [];
    readonly HashSet<UInt128> _nonces = [];
    byte[]? _previous = from.Previous;
    bool _headWasMet =
        head is not null && (head.Count, head.LastId) == (from.Count, from.LastId) && head.Seal.AsSpan().SequenceEqual(from.Seal);

    public IReadOnlyList<string> Findings => _findings;

    public long Sealed { get; private set; } = from.Count;

    public long Waiting => _unsealed.Count;

    /// <param name="row">Null for one that cannot be read.</param>
    public void Look(long id, AuditEntry? row)
    {
        if (row is null)
        {
            _findings.Add($"Entry {id} was changed: it cannot be read.");
            return;
        }

        if (row.Stamp is { Length: >= 16 } stamp && !_nonces.Add(BitConverter.ToUInt128(stamp)))
        {
            _findings.Add($"Entry {id} is a copy of another one.");
        }

        if (row.Seal is null)
        {
            if (key.IsGenuine(row))
            {
                _unsealed.Add(id);
            }
            else
            {
                _findings.Add($"Entry {id} was not written by the program, or was changed before it was sealed.");
            }

            return;
        }

        // Sealed entries follow: those before have lost their seal, or were put in.
        _findings.AddRange(_unsealed.Select(u => $"Entry {u} has lost its seal, or was put in afterwards."));
        _unsealed.Clear();
        if (!row.Seal.AsSpan().SequenceEqual(key.Seal(row, _previous)))
        {
            _findings.Add($"Entry {id} was changed, or one before it is missing.");
        }
        else if (row.Stamp is not null && !key.IsGenuine(row))
        {
            _findings.Add($"Entry {id} was not written by the program.");
        }

        _previous = row.Seal;
        Sealed++;
        _headWasMet |= head is not null && Sealed == head.Count && id == head.LastId && row.Seal.AsSpan().SequenceEqual(head.Seal);
    }

    public void Add(string finding) => _findings.Add(finding);

    public void End(bool isHeadThere)
    {
        if (head is null && isHeadThere)
        {
            _findings.Add("The file of the trail's head was changed, or is another installation's.");
        }
        else if (head is null)
        {
            _findings.Add("The file of the trail's head is gone: entries may be missing at the end.");
        }
        else if (head.Count > 0 && !_headWasMet)
        {
            _findings.Add(
                Sealed < head.Count
                    ? $"The trail has {Sealed} sealed entries and had {head.Count}: some are missing, or an older database is in its place."
                    : "The trail is not the one that was sealed last.");
        }
    }
}
