using CovidCxr.Laboratory.DataSets;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Laboratory.DataSets;

/// <summary>One image of a version, small.</summary>
static class ThumbnailEndpoint
{
    public static void MapThumbnail(this IEndpointRouteBuilder app) =>
        app.MapGet("/data-sets/{id:guid}/thumbnail/{index:int}", RunAsync).RequireAuthorization(AccessPolicies.Administer);

    static async Task<IResult> RunAsync(Guid id, int index, GetThumbnail get, HttpContext context)
    {
        if (await get.RunAsync(id, index, context.User.ToActor(), context.RequestAborted) is not { } png)
        {
            return Results.NotFound();
        }

        // The version never changes, and the browser is the administrator's own.
        context.Response.Headers.CacheControl = "private, max-age=3600, immutable";
        return Results.Bytes(png, "image/png");
    }
}
