using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Audit;

public enum AuditFormat
{
    /// <summary>RFC 4180, safe to open in a spreadsheet.</summary>
    Csv,

    /// <summary>An object of JSON in each line.</summary>
    Jsonl,
}

/// <summary>Entries of the trail as a file, the oldest first, as they are read: a long trail never stands in memory.</summary>
public sealed class ExportAudit(IDbContextFactory<CovidCxrDbContext> contexts, AuditLog log)
{
    static readonly JsonSerializerOptions Json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter() },
    };

    static readonly SearchValues<char> CellEnds = SearchValues.Create("\",;\r\n\t");

    static readonly string[] Columns =
        ["id", "at", "user_id", "user", "source", "action", "outcome", "study_id", "detail", "before", "after", "is_spilled"];

    /// <param name="query">Its page counts for nothing.</param>
    /// <param name="actor">Null for a command of who owns the machine.</param>
    /// <returns>How many.</returns>
    public async Task<long> RunAsync(AuditQuery query, AuditFormat format, Stream stream, Actor? actor, CancellationToken cancellation)
    {
        actor?.Demand(Role.Admin);
        // First, so that nothing leaves unrecorded. What was typed as a name is not repeated.
        await log.RecordAsync(actor, AuditAction.AuditExport, AuditOutcome.Succeeded, query.StudyId, Words(query, format));
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        await using var writer = new StreamWriter(stream, new UTF8Encoding(format == AuditFormat.Csv), leaveOpen: true);
        if (format == AuditFormat.Csv)
        {
            await writer.WriteAsync(Line(Columns));
        }

        var count = 0L;
        await foreach (var entry in query.Of(db).OrderBy(a => a.Id).AsAsyncEnumerable().WithCancellation(cancellation))
        {
            await writer.WriteAsync(format == AuditFormat.Csv ? Line(Cells(entry)) : JsonSerializer.Serialize(entry, Json) + "\n");
            count++;
        }

        return count;
    }

    static string Words(AuditQuery query, AuditFormat format) => string.Join(", ", new[]
    {
        $"{format}", query.Action?.ToString(), query.Outcome?.ToString(), query.UserName is null ? null : "of a name",
        query.From is { } from ? FormattableString.Invariant($"from {from:yyyy-MM-dd}") : null,
        query.To is { } to ? FormattableString.Invariant($"before {to:yyyy-MM-dd}") : null,
    }.OfType<string>());

    static string?[] Cells(AuditEntry a) =>
    [
        a.Id.ToString(CultureInfo.InvariantCulture), a.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture),
        a.UserId?.ToString(), a.UserName, a.Source, a.Action.ToString(), a.Outcome.ToString(), a.StudyId?.ToString(), a.Detail, a.Before,
        a.After, a.IsSpilled ? "true" : "false",
    ];

    static string Line(IEnumerable<string?> cells) => string.Join(',', cells.Select(Cell)) + "\r\n";

    // One that begins like a formula is preceded by an apostrophe (OWASP, CSV injection).
    static string Cell(string? text)
    {
        var safe = text is ['=' or '+' or '-' or '@' or '\t' or '\r' or '\n', ..] ? "'" + text : text ?? "";
        return safe.AsSpan().ContainsAny(CellEnds) ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : safe;
    }
}
