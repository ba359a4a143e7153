using System.Globalization;
using CovidCxr.Clinic.Media;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Mvc;

namespace CovidCxr.Web.Features.Clinic.Studies;

/// <summary>
/// Says what is on a CD or in a folder before any film of it is sent: by its DICOMDIR, and by the beginning of a film. Nothing is stored,
/// and no path comes here: the browser looks the named files up among those that were chosen.
/// </summary>
static class MediumEndpoint
{
    /// <param name="Path">Null where the directory names no place on the medium.</param>
    /// <param name="Words">Patient, day and view, as far as the directory says them.</param>
    sealed record Film(string? Path, string Words, string? PatientNumber, bool IsOffered);

    /// <param name="Message">Why there is nothing else; null where there is.</param>
    sealed record Answer(string? Message, IReadOnlyList<Film> Films, IReadOnlyList<MediumOthers> Others);

    /// <param name="Words">As of a film of the directory; null where the file does not say.</param>
    sealed record Description(string? Words, string? PatientNumber, string? Objection);

    public static void MapMedium(this IEndpointRouteBuilder app)
    {
        app.MapPost("/studies/medium", (HttpContext context, IAntiforgery antiforgery) => TakeAsync(
            context, antiforgery, (bytes, actor) => ToAnswer(ReadMedium.Run(bytes, actor, context.RequestAborted))))
            .RequireAuthorization(AccessPolicies.UploadStudies)
            .RequireRateLimiting(RateLimits.Medium)
            .WithMetadata(new RequestSizeLimitAttribute(MediaDirectory.MaxBytes));
        app.MapPost("/studies/medium/film", (HttpContext context, IAntiforgery antiforgery) => TakeAsync(
            context, antiforgery, (bytes, actor) => ToDescription(DescribeFile.Run(bytes, actor))))
            .RequireAuthorization(AccessPolicies.UploadStudies)
            .RequireRateLimiting(RateLimits.Medium)
            .WithMetadata(new RequestSizeLimitAttribute(DescribeFile.MaxBytes));
    }

    static async Task<IResult> TakeAsync(HttpContext context, IAntiforgery antiforgery, Func<byte[], Actor, object> answer)
    {
        if (!await PageToken.IsGivenAsync(context, antiforgery))
        {
            return Results.BadRequest(new Answer("The page is too old. Load it again.", [], []));
        }

        try
        {
            using var bytes = new MemoryStream();
            await context.Request.Body.CopyToAsync(bytes, context.RequestAborted);
            return Results.Ok(answer(bytes.ToArray(), context.User.ToActor()));
        }
        catch (BadHttpRequestException e)
        {
            return Results.StatusCode(e.StatusCode);
        }
    }

    static Answer ToAnswer(Medium? medium) => medium is null
        ? new(ReadMedium.Refusal, [], [])
        : new(null, [.. medium.Films.Select(ToFilm)], medium.Others);

    static Film ToFilm(MediumFilm film) =>
        new(film.Path, Words(film.PatientNumber, film.TakenOn, film.View, film.Modality), film.PatientNumber, film.IsOffered);

    static Description ToDescription(FileDescription? file) => file is null
        ? new(null, null, null)
        : new(
            Words(file.Header.PatientNumber, file.Header.AcquiredOn, file.Header.View, file.Modality), file.Header.PatientNumber,
            file.Objection);

    static string Words(string? patient, DateOnly? day, ViewPosition view, string? modality) => string.Join(" · ", new[]
    {
        patient ?? "no patient number", day?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "no date",
        view == ViewPosition.Unknown ? "view not said" : view.ToString(), modality,
    }.OfType<string>());
}
