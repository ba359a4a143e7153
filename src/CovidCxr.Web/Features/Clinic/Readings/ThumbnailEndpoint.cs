using CovidCxr.Clinic.Studies;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>A small picture of a study, with the heat map where it may be seen.</summary>
public static class ThumbnailEndpoint
{
    public static void MapStudyThumbnail(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/studies/{id:guid}/thumbnail", RunAsync).RequireAuthorization(AccessPolicies.ViewStudies);

    static async Task<IResult> RunAsync(Guid id, GetStudyThumbnail getThumbnail, HttpContext context)
    {
        if (await getThumbnail.RunAsync(id, context.User.ToActor(), context.RequestAborted) is not { } png)
        {
            return Results.NotFound();
        }

        context.Response.KeepPrivate();
        return Results.Bytes(png, "image/png");
    }
}
