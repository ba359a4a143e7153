using CovidCxr.Clinic.Incidents;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Clinic.Incidents;

/// <summary>One study with all that is known of its answer, as a zip.</summary>
static class IncidentEndpoint
{
    public static void MapIncidents(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/admin/incidents/{id:guid}", RunAsync).RequireAuthorization(AccessPolicies.Administer);

    static async Task<IResult> RunAsync(Guid id, PackIncident pack, HttpContext context) =>
        await pack.RunAsync(id, context.User.ToActor(), context.RequestAborted) is { } packed
            ? Results.File(packed.Zip, "application/zip", packed.FileName)
            : Results.NotFound();
}
