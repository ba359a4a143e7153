using System.Globalization;
using CovidCxr.Application.Studies;
using CovidCxr.Domain.Studies;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;

namespace CovidCxr.Web.Features.Studies;

/// <summary>Takes one file and answers what became of it; the tray sends many files as many requests.</summary>
static class UploadEndpoint
{
    // What is a little too large is refused in words, by the decoder; what is more is not read at all.
    const long ToleratedBytes = 16 * 1024 * 1024;

    /// <param name="Outcome">imported, duplicate or refused.</param>
    sealed record Answer(string Outcome, Guid? StudyId, string? Message);

    public static void MapUpload(this IEndpointRouteBuilder app) =>
        app.MapPost("/studies/upload", UploadAsync)
            .RequireAuthorization(Policies.UploadStudies)
            .RequireRateLimiting(RateLimits.Upload)
            .WithMetadata(new RequestLimits((app.ServiceProvider.GetRequiredService<UploadLimit>().Megabytes * 1024L * 1024L) + ToleratedBytes));

    static async Task<IResult> UploadAsync(
        HttpContext context, ImportStudy import, [FromForm] IFormFile? file, [FromForm] string? patientNumber, [FromForm] string? sex, [FromForm] string? age,
        [FromForm] string? acquiredOn, [FromForm] string? view, CancellationToken cancellation)
    {
        if (file is null)
        {
            return Results.BadRequest(new Answer("refused", null, "The request holds no file."));
        }

        var content = new byte[file.Length];
        await using (var stream = file.OpenReadStream())
        {
            await stream.ReadExactlyAsync(content, cancellation);
        }

        var details = new StudyDetails(
            patientNumber, Enum.TryParse<Sex>(sex, out var s) ? s : Sex.Unknown, int.TryParse(age, NumberStyles.None, CultureInfo.InvariantCulture, out var a) ? a : null,
            DateOnly.TryParseExact(acquiredOn, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var d) ? d : null,
            Enum.TryParse<ViewPosition>(view, out var v) ? v : ViewPosition.Unknown);
        return await import.RunAsync(content, details, context.User.ToActor(), cancellation) switch
        {
            ImportStudyResult.Imported imported => Results.Ok(new Answer("imported", imported.StudyId, null)),
            ImportStudyResult.Duplicate duplicate => Results.Ok(new Answer("duplicate", duplicate.StudyId, "This image is known already.")),
            ImportStudyResult.Refused refused => Results.UnprocessableEntity(new Answer("refused", null, refused.Message)),
            _ => throw new InvalidOperationException("An import has no other results."),
        };
    }

    /// <summary>Bounds the body, and keeps it in memory: a patient's file is not spooled to a temporary folder.</summary>
    sealed class RequestLimits(long largest) : IRequestSizeLimitMetadata, IFormOptionsMetadata
    {
        public long? MaxRequestBodySize => largest;

        public bool? BufferBody => null;

        public int? MemoryBufferThreshold => int.MaxValue;

        public long? BufferBodyLengthLimit => null;

        public int? ValueCountLimit => 16;

        public int? KeyLengthLimit => 128;

        public int? ValueLengthLimit => 1024;

        public int? MultipartBoundaryLengthLimit => null;

        public int? MultipartHeadersCountLimit => null;

        public int? MultipartHeadersLengthLimit => null;

        public long? MultipartBodyLengthLimit => largest;
    }
}
