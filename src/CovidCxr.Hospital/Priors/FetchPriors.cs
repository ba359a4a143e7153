using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Hospital.Peers;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Priors;

/// <summary>What came of a study that was fetched.</summary>
/// <param name="Taken">Objects that lie in the inbox now, to be filed.</param>
/// <param name="Passed">Objects that are no films, or larger than one may be.</param>
/// <param name="Strange">Objects of another patient or study than was asked for; they were not taken.</param>
/// <param name="Refusal">Why not all came; null where all did.</param>
public sealed record FetchedPriors(int Taken, int Passed, int Strange, string? Refusal);

/// <summary>Fetches a study of an archive (WADO-RS, PS3.18 10.4) into the inbox, where it is filed as if the archive had sent it.</summary>
public sealed class FetchPriors(
    IDbContextFactory<CovidCxrDbContext> contexts, DicomWebClient client, ReceiveByWeb receive, IOptions<HospitalOptions> options,
    IOptions<ImagingOptions> imaging, AuditLog audit)
{
    const int MaxUid = 64;

    /// <param name="study">Its UID, as the archive has said it.</param>
    /// <param name="number">The patient's: what is another's is not taken.</param>
    public async Task<FetchedPriors> RunAsync(
        string archive, string study, string number, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Radiologist, Role.DepartmentLead);
        if (options.Value.Archives.FirstOrDefault(a => a.Name == archive) is not { } asked || !IsUid(study))
        {
            return new(0, 0, 0, "The configuration names no such archive, or there is no such study.");
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await KnownPatient.FindAsync(db, number, cancellation) is not { } patient)
        {
            return new(0, 0, 0, "No film here has this number, so nobody's films are fetched.");
        }

        var (taken, passed, strange) = (0, 0, 0);
        var refusal = "It was not waited for.";
        try
        {
            await client.RetrieveAsync(asked, study, TakeAsync, cancellation);
            refusal = null;
        }
        catch (ArchiveException e)
        {
            refusal = $"{archive}: {e.Message}";
        }
        finally
        {
            // What was taken stays, whoever waits for the rest.
            await audit.RecordAsync(
                actor, AuditAction.PriorFilms, refusal is null ? AuditOutcome.Succeeded : AuditOutcome.Failed, patient.Film,
                $"{archive}: study {study}, {taken} taken, {passed} passed over, {strange} of others"
                    + (refusal is null ? "" : "; " + refusal));
        }

        return new(taken, passed, strange, refusal);

        async Task TakeAsync(byte[]? content, CancellationToken deadline)
        {
            if (content is null || DicomObject.Read(content, imaging.Value.LargestDataSet) is not { } sent)
            {
                passed++;
                return;
            }

            if (!patient.Is(sent.Header.PatientId) || sent.Header.StudyUid != study)
            {
                strange++;
                return;
            }

            switch ((await receive.RunAsync(content, study, archive, new Uri(asked.Address).Host, deadline)).Failure)
            {
                case null:
                    taken++;
                    break;
                case ReceiveByWeb.OutOfResources:
                    throw new ArchiveException("Too much waits to be filed here, or the disk is full. Fetch it again later.");
                default:
                    passed++;
                    break;
            }
        }
    }

    internal static bool IsUid(string uid) =>
        uid.Length is > 0 and <= MaxUid && uid.All(c => char.IsAsciiDigit(c) || c == '.') && char.IsAsciiDigit(uid[0]);
}
