using System.Globalization;
using System.Text;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Learning.Files;
using CovidCxr.Platform.Audit;

namespace CovidCxr.Clinic.Exports;

/// <summary>
/// The cases of a comparison as CSV, one line per finished reading: study_id, patient_number, reader, read_at (UTC), reader_blind (opinion
/// before the model; empty where there is none), model_call, model_score (0..1), reader_final, reference (missing and contradictory are
/// said), model_withheld.
/// </summary>
public sealed class ExportCases(ListCases list, AuditLog audit)
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
        foreach (var c in page.Cases)
        {
            text.Append(Csv.Line(
                c.StudyId.ToString(), c.PatientNumber, c.ReaderName,
                c.ReadAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture), c.Blind?.ToString(),
                c.ModelCall, c.Score?.ToString("R", CultureInfo.InvariantCulture), c.Final.ToString(), c.Reference.ToString(),
                Word(c.Withholding)));
        }

        await audit.RecordAsync(actor, AuditAction.AgreementExport, AuditOutcome.Succeeded, detail: $"{page.Cases.Count} readings");
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>As the columns of both exports say it; empty where nothing is held back.</summary>
    internal static string Word(Withholding withholding) => withholding switch
    {
        Withholding.Withheld => "withheld",
        Withholding.OnDemand => "on demand",
        _ => "",
    };
}
