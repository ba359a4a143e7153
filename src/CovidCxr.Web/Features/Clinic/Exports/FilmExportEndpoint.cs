using CovidCxr.Clinic.Exports;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Mvc;

namespace CovidCxr.Web.Features.Clinic.Exports;

/// <summary>Films without their patients' names as a zip, which is written while it is made; the worklist's form asks for it.</summary>
static class FilmExportEndpoint
{
    // A hundred studies, and some hundred of their images.
    const int MaxForm = 256 * 1024;

    public static void MapFilmExport(this IEndpointRouteBuilder routes) => routes.MapPost("/exports/films", RunAsync)
        .RequireAuthorization(AccessPolicies.ExportFilms)
        .WithMetadata(new RequestSizeLimitAttribute(MaxForm));

    static async Task<IResult> RunAsync(ExportFilms export, IAntiforgery antiforgery, TimeProvider time, HttpContext context)
    {
        if (!context.Request.HasFormContentType || !await antiforgery.IsRequestValidAsync(context))
        {
            return Results.BadRequest("The page is too old. Load it again.");
        }

        // An entry of a zip ends with a few bytes that .NET 10 writes synchronously, however it is closed.
        context.Features.GetRequiredFeature<IHttpBodyControlFeature>().AllowSynchronousIO = true;
        var form = await context.Request.ReadFormAsync(context.RequestAborted);
        var request = new FilmExportRequest(
            [.. form["study"].Select(v => Guid.TryParse(v, out var id) ? id : (Guid?)null).OfType<Guid>().Distinct()],
            [.. form["confirmed"].OfType<string>()], form["reason"].ToString(), form["plan"].ToString());
        return await export.RunAsync(request, context.User.ToActor(), context.RequestAborted) switch
        {
            FilmExportResult.Ready ready => Results.Stream(
                stream => ready.WriteAsync(stream, context.RequestAborted), "application/zip",
                $"films-{DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime):yyyyMMdd}.zip"),
            FilmExportResult.Refused refused => Results.BadRequest(refused.Message),
            _ => throw new InvalidOperationException("An export has no other results."),
        };
    }
}
