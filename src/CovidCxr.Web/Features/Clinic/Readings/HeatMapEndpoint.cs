using System.Globalization;
using CovidCxr.Clinic.Studies;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>One class's heat map, for the viewer; not found as long as the model is hidden from the reader.</summary>
public static class HeatMapEndpoint
{
    public static void MapHeatMap(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/studies/{id:guid}/heatmap/{classIndex:int}", RunAsync).RequireAuthorization(AccessPolicies.ViewStudies);

    static async Task<IResult> RunAsync(Guid id, int classIndex, GetHeatMap getHeatMap, HttpContext context)
    {
        if (await getHeatMap.RunAsync(id, classIndex, context.User.ToActor(), context.RequestAborted) is not { } map)
        {
            return Results.NotFound();
        }

        context.Response.KeepPrivate();
        context.Response.Headers["X-Map-Width"] = map.Width.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["X-Map-Height"] = map.Height.ToString(CultureInfo.InvariantCulture);
        return Results.Bytes(map.Values, "application/octet-stream");
    }
}
