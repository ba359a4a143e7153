using System.Globalization;
using System.Text;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Learning.Files;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Exports;

/// <summary>
/// The compared readings as CSV, one line per finished reading, in the four groups of data that the ACR's Assess-AI registry says it takes:
/// the examination, the patient's demographics, the answer of the model and what the radiologist said. The room's README goes through the
/// columns; the registry's own names for them are not public. No patient's number, no reader's name, no free text.
/// </summary>
public sealed class ExportRegistry(
    IDbContextFactory<CovidCxrDbContext> contexts, CaseCache cache, RevealedCases revealed, Disclosures disclosures, AuditLog audit)
{
    /// <summary>Above it an age alone may tell who somebody is (45 CFR 164.514(b)(2)(i)(C)).</summary>
    public const int OldestAge = 89;

    /// <summary>Lines for which the database is asked at once.</summary>
    const int Batch = 400;

    static readonly string[] Columns =
    [
        "study_id", "exam_date", "received_at", "modality", "body_part", "view", "image_width", "image_height", "bits_stored",
        "patient_sex", "patient_age_years",
        "ai_model", "ai_model_version", "ai_model_sha256", "ai_finding", "ai_result", "ai_score", "ai_threshold", "ai_run_at",
        "ai_withheld",
        "read_at", "reader_before_ai", "reader_after_ai", "reader_confidence", "concordance", "reference", "notice",
    ];

    sealed record StudyRow(Guid Id, DateOnly? AcquiredOn, DateTimeOffset ReceivedAt, int Width, int Height, int BitsStored);

    sealed record AnswerRow(Guid Id, DateTimeOffset CreatedAt, string Name, int Number, string Sha256);

    /// <summary>Writes as it reads: nothing of the whole is held but what the comparison holds anyway.</summary>
    public async Task RunAsync(AgreementFilter filter, Stream output, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.DepartmentLead);
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var set = await cache.GetAsync(db, cancellation);
        var hidden = await revealed.HiddenFromAsync(db, actor, cancellation);
        var cases = hidden.TakenFrom(ReaderCases.Filter(set.All, filter, onlyBy: null));
        await disclosures.NoteAsync(db, cases.Select(c => c.StudyId), actor, cancellation);
        // Before the first byte: who breaks it off has seen a part.
        await audit.RecordAsync(
            actor, AuditAction.AgreementExport, AuditOutcome.Succeeded, detail: $"{cases.Count} readings for a registry");
        var held = await WithheldStudies.ReadAsync(db, cancellation);
        await using var writer = new StreamWriter(output, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true);
        await writer.WriteAsync(Csv.Line(Columns).AsMemory(), cancellation);
        foreach (var batch in cases.Chunk(Batch))
        {
            var (studies, answers) = await FactsAsync(db, batch, cancellation);
            foreach (var c in batch)
            {
                var answer = c.PredictionId is { } id ? answers[id] : null;
                await writer.WriteAsync(
                    Line(c, studies[c.StudyId], answer, held.GetValueOrDefault(c.StudyId)).AsMemory(), cancellation);
            }

            await writer.FlushAsync(cancellation);
        }
    }

    static async Task<(Dictionary<Guid, StudyRow> Studies, Dictionary<Guid, AnswerRow> Answers)> FactsAsync(
        CovidCxrDbContext db, ReaderCase[] batch, CancellationToken cancellation)
    {
        var (ids, predictions) =
            (batch.Select(c => c.StudyId).Distinct().ToList(), batch.Select(c => c.PredictionId).OfType<Guid>().Distinct().ToList());
        var studies = await db.AllStudies.AsNoTracking().Where(s => ids.Contains(s.Id))
            .Select(s => new StudyRow(s.Id, s.AcquiredOn, s.ReceivedAt, s.Width, s.Height, s.BitsStored))
            .ToDictionaryAsync(s => s.Id, cancellation);
        var answers = await (from p in db.Predictions
                             join m in db.ModelVersions on p.ModelVersionId equals m.Id
                             where predictions.Contains(p.Id)
                             select new AnswerRow(p.Id, p.CreatedAt, m.Name, m.Number, m.Sha256))
                                 .ToDictionaryAsync(p => p.Id, cancellation);
        return (studies, answers);
    }

    static string Line(ReaderCase c, StudyRow study, AnswerRow? answer, Withholding withholding) => Csv.Line(
        study.Id.ToString(), study.AcquiredOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), Utc(study.ReceivedAt), "radiograph",
        "CHEST", c.Study.View == ViewPosition.Unknown ? "" : c.Study.View.ToString(), Number(study.Width), Number(study.Height),
        Number(study.BitsStored), SexOf(c.Study.Sex),
        c.Study.AgeYears > OldestAge ? $"{OldestAge + 1}+" : c.Study.AgeYears?.ToString(CultureInfo.InvariantCulture), answer?.Name,
        answer is null ? "" : Number(answer.Number), answer?.Sha256, c.Prediction?.PositiveClass, Call(c.Prediction?.IsPositive),
        c.Score?.ToString("R", CultureInfo.InvariantCulture), c.Prediction?.Threshold.ToString("R", CultureInfo.InvariantCulture),
        answer is null ? "" : Utc(answer.CreatedAt), ExportCases.Word(withholding), Utc(c.ReadAt),
        c.Blind is { } blind ? Called(blind, c.Call(Party.Blind)) : "",
        Called(c.Final, c.Call(Party.Final)), Number(c.After.Confidence),
        (c.Call(Party.Model), c.Call(Party.Final)) switch
        {
            ({ } model, { } final) => model == final ? "concordant" : "discordant",
            _ => ""
        },
        c.Reference == ReferenceState.Missing ? "" : c.Reference.ToString().ToLowerInvariant(), ExportCases.Notice);

    static string Called(Opinion opinion, bool? call) => opinion == Opinion.Indeterminate ? "indeterminate" : Call(call);

    static string Call(bool? call) => call switch { true => "positive", false => "negative", _ => "" };

    static string SexOf(Sex sex) => sex switch { Sex.Female => "F", Sex.Male => "M", Sex.Other => "O", _ => "" };

    static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    static string Utc(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
