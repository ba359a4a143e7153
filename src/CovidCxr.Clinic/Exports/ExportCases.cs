using System.Globalization;
using System.Text;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Learning.Files;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Exports;

/// <summary>
/// The cases of a comparison as CSV, one line per finished reading: study_id, patient_number, reader, read_at (UTC), reader_blind (opinion
/// before the model; empty where there is none), model_call, model_score (0..1), reader_final, reference (missing and contradictory are
/// said), model_withheld.
/// </summary>
public sealed class ExportCases(IDbContextFactory<CovidCxrDbContext> contexts, ListCases list, AuditLog audit)
{
    public const string Notice = "Decision support, not a diagnosis.";

    public async Task<byte[]> RunAsync(AgreementFilter filter, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        var page = await list.RunAsync(filter, new(), actor, cancellation, pageSize: int.MaxValue);
        var text = new StringBuilder("\uFEFF").Append(Csv.Line(Notice));
        if (page.Hidden > 0)
        {
            text.Append(Csv.Line($"{page.Hidden} readings of studies that you have not read yet are left out."));
        }

        text.Append(Csv.Line(
            "study_id", "patient_number", "reader", "read_at", "reader_blind", "model_call", "model_score", "reader_final", "reference",
            "model_withheld"));
        var withheld = await WithheldAsync(cancellation);
        foreach (var c in page.Cases)
        {
            text.Append(Csv.Line(
                c.StudyId.ToString(), c.PatientNumber, c.ReaderName,
                c.ReadAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), c.Blind?.ToString(),
                c.ModelCall, c.Score?.ToString("R", CultureInfo.InvariantCulture), c.Final.ToString(), c.Reference.ToString(),
                withheld.GetValueOrDefault(c.StudyId)));
        }

        await audit.RecordAsync(actor, AuditAction.AgreementExport, AuditOutcome.Succeeded, detail: $"{page.Cases.Count} readings");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    // A handful among thousands.
    async Task<Dictionary<Guid, string>> WithheldAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.Studies
            .Where(s => s.Status == StudyStatus.Withheld || (s.Status == StudyStatus.Ready && s.StatusReason != null))
            .ToDictionaryAsync(s => s.Id, s => s.Status == StudyStatus.Withheld ? "withheld" : "on demand", cancellation);
    }
}
