using CovidCxr.Clinic.Answers;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Fhir;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Hospital.Peers;
using CovidCxr.Hospital.Results;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Delivery;

/// <summary>Makes the object of a row, of what never changes: the same at each attempt. Key objects want their picture there.</summary>
sealed class MakeResult(
    IDbContextFactory<CovidCxrDbContext> contexts, BlobStore blobs, IScanDecoder decoder, IOptions<ImagingOptions> imaging,
    IOptions<HospitalOptions> options, TimeProvider time)
{
    /// <returns>The object, or why there must be none.</returns>
    public async Task<(byte[]? File, string? Reason)> RunAsync(
        OutgoingResult row, DestinationOptions destination, AnswerRelease.Released released, CancellationToken cancellation)
    {
        if (!destination.Kinds.Contains(row.Kind))
        {
            return (null, "The destination is one of another kind by now.");
        }

        var study = released.Study;
        if (!blobs.Exists(study.ImageKey))
        {
            return (null, "The film's file is gone from the data folder.");
        }

        var bytes = await blobs.ReadAsync(study.ImageKey, cancellation);
        if (DicomObject.Read(bytes, imaging.Value.LargestDataSet) is not { } film)
        {
            return (null, "The film's file is damaged.");
        }

        // The archive has the film under the number in its header. Nothing of it may be filed under another patient, on either side.
        // One without a number there and with one here was given it by a person, and may be anybody's there.
        if (!string.Equals(film.Header.PatientId?.Trim() ?? "", study.PatientNumber?.Trim() ?? "", StringComparison.OrdinalIgnoreCase))
        {
            return (null, "The film stands under another patient number here than in its file, so nothing of it is sent.");
        }

        var result = new StudyResult(released, film, row.Version, time.LocalTimeZone);
        return row.Kind switch
        {
            ResultKind.Fhir when film.Header.PatientId is null => (null, "The film says no patient number, and a FHIR server files by it."),
            ResultKind.Fhir => (ResultBundle.Make(result, destination.PatientSystem), null),
            ResultKind.Hl7 when film.Header.PatientId is null => (null, "The film says no patient number, and a receiver files by it."),
            ResultKind.Hl7 => (ResultMessage.Make(result, destination, options.Value.AeTitle, options.Value.Hl7.Authority), null),
            ResultKind.Report => (StructuredReport.Make(result), null),
            ResultKind.KeyObjects when released.Assessment == Assessment.Rejected =>
                (null, "The reader rejected the answer: nothing of it is to be attached to a report."),
            ResultKind.KeyObjects when !await IsThereAsync(row, cancellation) => (null, "Its picture is not in the archive."),
            ResultKind.KeyObjects => (KeyObjects.Make(result), null),
            _ when decoder.Decode(bytes, cancellation) is DecodeResult.Decoded { Image: var image } =>
                (SecondaryCapture.Make(result, image), null),
            _ => (null, "The film's file is damaged."),
        };
    }

    async Task<bool> IsThereAsync(OutgoingResult keys, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.OutgoingResults.AnyAsync(
            r => r.StudyId == keys.StudyId && r.Destination == keys.Destination && r.Version == keys.Version
                && r.Kind == ResultKind.Picture && r.State == DeliveryState.Delivered,
            cancellation);
    }
}
