using CovidCxr.Laboratory.DataSets;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Laboratory.DataSets;

/// <summary>One image of a version, small.</summary>
static class ThumbnailEndpoint
{
    public static void MapThumbnail(this IEndpointRouteBuilder app) =>
        app.MapGet("/data-sets/{id:guid}/thumbnail/{index:int}", RunAsync).RequireAuthorization(AccessPolicies.Administer);

    // The version never changes, and the browser is the administrator's own.
    static async Task<IResult> RunAsync(Guid id, int index, GetThumbnail get, HttpContext context, bool large = false) => PrivatePicture.Of(
        await get.RunAsync(id, index, context.User.ToActor(), context.RequestAborted, large), context.Response,
        kept: TimeSpan.FromHours(1));
}
