using CovidCxr.Laboratory.Runs;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Laboratory.Runs;

/// <summary>One of the images that confused a run most, its heat map over it.</summary>
static class ConfusedEndpoint
{
    public static void MapConfused(this IEndpointRouteBuilder app) =>
        app.MapGet("/training/{id:guid}/confused/{index:int}", RunAsync).RequireAuthorization(AccessPolicies.Administer);

    static async Task<IResult> RunAsync(Guid id, int index, GetConfusedPicture get, HttpContext context)
    {
        if (await get.RunAsync(id, index, context.User.ToActor(), context.RequestAborted) is not { } png)
        {
            return Results.NotFound();
        }

        context.Response.Headers.CacheControl = "private, no-store";
        return Results.Bytes(png, "image/png");
    }
}
