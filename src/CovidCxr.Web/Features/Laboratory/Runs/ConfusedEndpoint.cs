using CovidCxr.Laboratory.Runs;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Laboratory.Runs;

/// <summary>One of the images that confused a run most, its heat map over it.</summary>
static class ConfusedEndpoint
{
    public static void MapConfused(this IEndpointRouteBuilder app) =>
        app.MapGet("/training/{id:guid}/confused/{index:int}", RunAsync).RequireAuthorization(AccessPolicies.Administer);

    static async Task<IResult> RunAsync(Guid id, int index, GetConfusedPicture get, HttpContext context) =>
        PrivatePicture.Of(await get.RunAsync(id, index, context.User.ToActor(), context.RequestAborted), context.Response);
}
