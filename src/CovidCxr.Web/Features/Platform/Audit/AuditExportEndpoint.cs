using System.Globalization;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Platform.Audit;

/// <summary>The audit trail as a file, under the filters of its page.</summary>
static class AuditExportEndpoint
{
    public const string Address = "admin/audit/export";

    public static void MapAuditExport(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/admin/audit/export", Run).RequireAuthorization(AccessPolicies.Administer);

    static IResult Run(
        ExportAudit export, TimeProvider time, HttpContext context, AuditFormat format = AuditFormat.Csv, AuditAction? action = null,
        AuditOutcome? outcome = null, string? user = null, DateTimeOffset? from = null, DateTimeOffset? to = null, Guid? study = null)
    {
        var query = new AuditQuery(Action: action, Outcome: outcome, UserName: user, From: from, To: to, StudyId: study);
        return Results.Stream(
            stream => export.RunAsync(query, format, stream, context.User.ToActor(), context.RequestAborted),
            format == AuditFormat.Csv ? "text/csv; charset=utf-8" : "application/jsonl; charset=utf-8",
            string.Create(
                CultureInfo.InvariantCulture, $"audit-{time.GetUtcNow():yyyyMMdd}.{(format == AuditFormat.Csv ? "csv" : "jsonl")}"));
    }

    /// <summary>Where a filter's file is fetched.</summary>
    public static string Of(AuditQuery query, AuditFormat format) => Address + QueryString.Create(
        new (string Key, string? Value)[]
        {
            ("format", $"{format}"), ("action", query.Action?.ToString()), ("outcome", query.Outcome?.ToString()),
            ("user", query.UserName),
            ("from", query.From?.ToString("O", CultureInfo.InvariantCulture)),
            ("to", query.To?.ToString("O", CultureInfo.InvariantCulture)),
            ("study", query.StudyId?.ToString()),
        }.Where(p => p.Value is not null).Select(p => KeyValuePair.Create(p.Key, p.Value)));
}
