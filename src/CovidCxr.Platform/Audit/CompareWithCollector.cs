using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using CovidCxr.Domain.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Audit;

/// <param name="Compared">Lines of the file that tell of entries and heads of this trail.</param>
/// <param name="Remarks">What the reader has to know beside.</param>
/// <param name="Findings">What does not fit, in words; the first hundred.</param>
public sealed record CollectorReport(long Compared, IReadOnlyList<string> Remarks, IReadOnlyList<string> Findings, long Altered);

/// <summary>
/// Holds the trail against what a collector wrote of it. Even who has the key and the database cannot change what lies on another machine.
/// </summary>
public sealed partial class CompareWithCollector(IDbContextFactory<CovidCxrDbContext> contexts, AuditKey key)
{
    const int MaxFindings = 100;

    public async Task<CollectorReport> RunAsync(TextReader file, CancellationToken cancellation)
    {
        var (trail, archivedId) = await ReadTrailAsync(cancellation);
        var (compared, altered, skipped, archived) = (0L, 0L, 0L, 0L);
        List<string> findings = [];
        string? accepted = null;
        while (await file.ReadLineAsync(cancellation) is { } line)
        {
            // At the end of the line stands what the program alone wrote; a name before it may look like anything.
            if (Seal().Match(line) is not { Success: true } match)
            {
                continue;
            }

            var id = long.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture);
            if (id > 0 && id < archivedId)
            {
                archived++;
                continue;
            }

            compared++;
            var finding = Compare(match, id, trail);
            if (finding is null && match.Groups["action"].Value == nameof(AuditAction.TrailAccept))
            {
                // All seals are others from here on.
                (accepted, skipped, altered) = ($"{id}", compared - 1, 0);
                findings.Clear();
            }
            else if (finding is not null && ++altered <= MaxFindings)
            {
                findings.Add(finding);
            }
        }

        if (compared + archived == 0)
        {
            (altered, findings) = (1, ["The file holds nothing of an audit trail: is it the collector's?"]);
        }

        return new(
            compared - skipped,
            [
                .. accepted is null
                    ? Array.Empty<string>()
                    : [$"The trail was accepted as it stood by entry {accepted}; {skipped} older lines of the file were not compared."],
                .. archived == 0
                    ? Array.Empty<string>()
                    : [$"{archived} lines tell of entries that lie in archives: see `audit verify --archive FILE`."],
            ],
            findings, altered);
    }

    static string? Compare(Match match, long id, Dictionary<long, (ulong Seal, long Count)> trail)
    {
        var what = match.Groups["count"] is { Success: true, Value: var count } ? $"a head of {count} entries" : $"entry {id}";
        if (id == 0)
        {
            return null;
        }

        if (!trail.TryGetValue(id, out var known))
        {
            return $"The collector has {what}, and entry {id} is not in the trail.";
        }

        return known.Seal != Start(Convert.FromHexString(match.Groups["seal"].Value))
            ? $"The collector has {what}, and entry {id} has another seal in the trail."
            : match.Groups["count"].Success && match.Groups["count"].Value != known.Count.ToString(CultureInfo.InvariantCulture)
                ? $"The collector has {what}, and the trail has {known.Count} up to entry {id}."
                : null;
    }

    async Task<(Dictionary<long, (ulong Seal, long Count)> Trail, long ArchivedId)> ReadTrailAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        Dictionary<long, (ulong, long)> trail = [];
        var from = await AuditTrail.FromAsync(db, AuditAnchors.TryRead(key), cancellation);
        if (from.LastId > 0)
        {
            // The end of the archive is known by its seal; what lies before is in the archive alone.
            trail[from.LastId] = (Start(from.Seal), from.Count);
        }

        var count = from.Count;
        var entries = db.Audit.Where(a => a.Seal != null).OrderBy(a => a.Id).Select(a => new { a.Id, a.Seal }).AsAsyncEnumerable();
        await foreach (var entry in entries.WithCancellation(cancellation))
        {
            trail[entry.Id] = (Start(entry.Seal!), ++count);
        }

        return (trail, from.LastId);
    }

    // A quarter of a seal is one of 2^64 already, and a long trail has to fit into memory.
    static ulong Start(byte[] seal) => seal.Length < sizeof(ulong) ? 0 : BinaryPrimitives.ReadUInt64BigEndian(seal);

    [GeneratedRegex(
        """
        (?:(?<action>\w+)\ \w+\ entry\ id=(?<id>\d{1,18})\ seal=(?<seal>(?:[0-9A-F]{2}){32})
        |head\ count=(?<count>\d{1,18})\ last=(?<id>\d{1,18})\ seal=(?<seal>(?:[0-9A-F]{2}){0,32})\ signature=[0-9A-F]{64})\s*$
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Seal();
}
