using System.Globalization;
using System.Text.Json;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Hospital.Peers;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Priors;

/// <summary>A study of X-rays that an archive has of a patient.</summary>
/// <param name="Description">As the archive says it: text of others.</param>
/// <param name="Objects">How many it holds; null where the archive does not say.</param>
/// <param name="Here">How many films of it are here already, withdrawn ones too.</param>
public sealed record PriorStudy(string Uid, DateOnly? On, string? Description, string Modalities, int? Objects, int Here)
{
    /// <summary>Whether nothing more is to be fetched.</summary>
    public bool IsHere => Here > 0 && Here >= Objects;
}

public abstract record FindPriorsResult
{
    private FindPriorsResult()
    {
    }

    /// <param name="Studies">The newest first, those without a date last.</param>
    public sealed record Found(IReadOnlyList<PriorStudy> Studies) : FindPriorsResult;

    public sealed record Refused(string Message) : FindPriorsResult;
}

/// <summary>Looks in an archive for a patient's other films (QIDO-RS, PS3.18 10.6).</summary>
public sealed class FindPriors(
    IDbContextFactory<CovidCxrDbContext> contexts, DicomWebClient client, IOptions<HospitalOptions> options, AuditLog audit)
{
    /// <summary>Studies of a patient that are asked for.</summary>
    public const int MostStudies = 200;

    const int MaxText = 64;

    const string Date = "00080020", ModalitiesInStudy = "00080061", Description = "00081030", PatientId = "00100020", Uid = "0020000D",
        Instances = "00201208";

    static readonly string[] Films = ["CR", "DX"];

    public IReadOnlyList<string> Archives => [.. options.Value.Archives.Select(a => a.Name)];

    public async Task<FindPriorsResult> RunAsync(string archive, string number, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        if (options.Value.Archives.FirstOrDefault(a => a.Name == archive) is not { } asked)
        {
            return new FindPriorsResult.Refused("The configuration names no such archive.");
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await KnownPatient.FindAsync(db, number, cancellation) is not { } patient)
        {
            return new FindPriorsResult.Refused("No film here has this number, so nobody's films are looked for.");
        }

        // To an archive these are wildcards or separators: they would bring other people's films.
        if (patient.Number.Length > MaxText || patient.Number.AsSpan().ContainsAny("*?\\") || patient.Number.Any(char.IsControl))
        {
            return new FindPriorsResult.Refused("An archive cannot be asked for this number: it has *, ? or \\ in it.");
        }

        var (outcome, words) = (AuditOutcome.Failed, "it was not waited for");
        try
        {
            var list = await client.ListAsync(
                asked,
                $"studies?PatientID={Uri.EscapeDataString(patient.Number)}&includefield={Description}&includefield={ModalitiesInStudy}"
                    + $"&includefield={Instances}&limit={MostStudies}",
                cancellation);
            if (list.ValueKind != JsonValueKind.Array)
            {
                throw new ArchiveException("Its answer is no list of studies.");
            }

            var own = db.AllStudies.Where(s => s.PatientNumber == number);
            var uids = await own.Select(s => s.DicomStudyUid)
                .Concat(db.StudyImages.Where(i => own.Any(s => s.Id == i.StudyId)).Select(i => i.DicomStudyUid)).ToListAsync(cancellation);
            var here = uids.OfType<string>().CountBy(u => u).ToDictionary();
            // An archive that does not know the key gives all patients' studies.
            List<PriorStudy> studies =
            [
                .. list.EnumerateArray().Where(s => patient.Is(Text(s, PatientId))).Select(s => Read(s, here)).OfType<PriorStudy>()
                    .DistinctBy(s => s.Uid).OrderByDescending(s => s.On),
            ];
            (outcome, words) = (AuditOutcome.Succeeded, $"{studies.Count} studies");
            return new FindPriorsResult.Found(studies);
        }
        catch (ArchiveException e)
        {
            words = e.Message;
            return new FindPriorsResult.Refused($"{archive}: {e.Message}");
        }
        finally
        {
            // The archive was told the number, whoever waits for its answer.
            await audit.RecordAsync(actor, AuditAction.PriorFilms, outcome, patient.Film, $"{archive}: {words}");
        }
    }

    static PriorStudy? Read(JsonElement study, Dictionary<string, int> here)
    {
        if (Text(study, Uid) is not { } uid || !FetchPriors.IsUid(uid))
        {
            return null;
        }

        List<string> modalities = [.. Texts(study, ModalitiesInStudy).Where(m => m.Length <= 16 && m.All(char.IsAsciiLetterOrDigit))];
        return modalities.Count > 0 && !modalities.Exists(Films.Contains)
            ? null
            : new(
                uid,
                DateOnly.TryParseExact(Text(study, Date), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var on)
                    ? on
                    : null,
                Text(study, Description) is { } words ? words[..Math.Min(words.Length, MaxText)] : null,
                string.Join(", ", modalities.Take(10)),
                int.TryParse(Texts(study, Instances).FirstOrDefault(), CultureInfo.InvariantCulture, out var objects) ? objects : null,
                here.GetValueOrDefault(uid));
    }

    static string? Text(JsonElement set, string tag) => Texts(set, tag).FirstOrDefault();

    static IEnumerable<string> Texts(JsonElement set, string tag)
    {
        return Member(Member(set, tag), "Value") is { ValueKind: JsonValueKind.Array } values
            ? values.EnumerateArray().Select(TextOf).OfType<string>()
            : [];
    }

    static JsonElement? Member(JsonElement? of, string name)
    {
        try
        {
            return of is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(name, out var member) ? member : null;
        }
        catch (InvalidOperationException)
        {
            // The name of a member is no Unicode.
            return null;
        }
    }

    static string? TextOf(JsonElement value)
    {
        try
        {
            return value.ValueKind switch
            {
                JsonValueKind.String => value.GetString()!.TrimEnd(),
                JsonValueKind.Number => value.GetRawText(),
                _ => null,
            };
        }
        catch (InvalidOperationException)
        {
            // No Unicode, which JSON's grammar allows ("\ud800").
            return null;
        }
    }
}
