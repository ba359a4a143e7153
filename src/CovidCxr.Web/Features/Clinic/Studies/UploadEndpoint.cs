using System.Globalization;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Features.Clinic.Studies;

/// <summary>Takes one file and answers what became of it; the tray sends many files as many requests.</summary>
static class UploadEndpoint
{
    /// <param name="Outcome">imported, duplicate, asked, doubted or refused.</param>
    /// <param name="Message">Of an imported film: what it became of a study that was here already; null for one of its own.</param>
    /// <param name="Conflict">What was typed otherwise than the file says, in words; null where nothing was.</param>
    /// <param name="PatientNumber">Of a doubted film, as settled between file and person.</param>
    /// <param name="CopyOf">The study whose film a doubted new film shows; null where there is none.</param>
    sealed record Answer(
        string Outcome, Guid? StudyId, string? Message, string? Conflict = null, string? PatientNumber = null, Guid? CopyOf = null);

    public static void MapUpload(this IEndpointRouteBuilder app)
    {
        var imaging = app.ServiceProvider.GetRequiredService<IOptions<ImagingOptions>>().Value;
        app.MapPost("/studies/upload", UploadAsync)
            .RequireAuthorization(AccessPolicies.UploadStudies)
            .RequireRateLimiting(RateLimits.Upload)
            .WithMetadata(new UploadLimits(imaging));
    }

    static async Task<IResult> UploadAsync(
        HttpContext context, IAntiforgery antiforgery, ImportStudy import, CancellationToken cancellation)
    {
        if (!await PageToken.IsGivenAsync(context, antiforgery))
        {
            return Results.BadRequest(new Answer("refused", null, "The page is too old. Load it again."));
        }

        UploadForm? form = null;
        try
        {
            form = await UploadForm.ReadAsync(context.Request, cancellation);
        }
        catch (BadHttpRequestException e)
        {
            return Results.StatusCode(e.StatusCode);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // No form, or a piece of one.
        }

        return form?.File is { } content
            ? Answered(await import.RunAsync(
                content, Details(form), context.User.ToActor(), cancellation,
                Enum.TryParse<HeaderAnswer>(form["answer"], out var answer) ? answer : HeaderAnswer.NotAsked,
                form["confirmed"] == "true"))
            : Results.BadRequest(new Answer("refused", null, "The request holds no file."));
    }

    static StudyDetails Details(UploadForm form) => new(
        form["patientNumber"], Enum.TryParse<Sex>(form["sex"], out var sex) ? sex : Sex.Unknown,
        int.TryParse(form["age"], NumberStyles.None, CultureInfo.InvariantCulture, out var age) ? age : null,
        DateOnly.TryParseExact(form["acquiredOn"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day
            : null,
        Enum.TryParse<ViewPosition>(form["view"], out var view) ? view : ViewPosition.Unknown,
        Enum.TryParse<UrgencyReason>(form["urgency"], out var urgency) ? urgency : null);

    static IResult Answered(ImportStudyResult result) => result switch
    {
        ImportStudyResult.Imported imported => Results.Ok(new Answer("imported", imported.StudyId, imported.Joined)),
        ImportStudyResult.Duplicate duplicate => Results.Ok(new Answer("duplicate", duplicate.StudyId, "This image is known already.")),
        ImportStudyResult.Asked asked => Results.Ok(new Answer(
            "asked", null, Words(asked), asked.Conflicts.Count == 0 ? null : string.Join(", ", asked.Conflicts))),
        ImportStudyResult.Doubted doubted =>
            Results.Ok(new Answer(
                "doubted", doubted.StudyId, string.Join(" ", doubted.Doubts), PatientNumber: doubted.PatientNumber,
                CopyOf: doubted.CopyOf)),
        ImportStudyResult.Refused refused => Results.UnprocessableEntity(new Answer("refused", null, refused.Message)),
        _ => throw new InvalidOperationException("An import has no other results."),
    };

    static string Words(ImportStudyResult.Asked asked) => string.Join(" · ", new[]
    {
        asked.Header.PatientNumber ?? "no patient number",
        asked.Header.Sex == Sex.Unknown ? null : asked.Header.Sex.ToString(),
        asked.Header.AgeYears is { } age ? $"{age} years" : null,
        asked.Header.View == ViewPosition.Unknown ? null : asked.Header.View.ToString(),
        asked.Header.AcquiredOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "no date",
        asked.AccessionNumber is { } number ? $"accession {number}" : null,
    }.OfType<string>());
}

/// <summary>What is a little too large is refused in words, by the decoder; what is more is not read at all.</summary>
sealed class UploadLimits(ImagingOptions imaging) : IRequestSizeLimitMetadata
{
    const long ToleratedBytes = 16 * 1024 * 1024;

    public long? MaxRequestBodySize => (imaging.MaxFileMegabytes * 1024L * 1024L) + ToleratedBytes;
}
