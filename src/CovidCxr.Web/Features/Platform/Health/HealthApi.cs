using CovidCxr.Platform.Health;
using CovidCxr.Web.Shared.Api;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CovidCxr.Web.Features.Platform.Health;

/// <summary>Whether the program can do its work, for a client with any key.</summary>
static class HealthApi
{
    /// <param name="Status">healthy, degraded (films are taken in and read) or unhealthy.</param>
    /// <param name="Lacking">What is not as it should be, by its name.</param>
    sealed record Health(string Status, IReadOnlyDictionary<string, string> Lacking);

    public static void MapHealthApi(this IEndpointRouteBuilder app) =>
        app.MapApi(ApiAccess.AnyKey, "Health").MapGet("/health", GetAsync).WithName("getHealth")
            .WithSummary("Whether the program can do its work.")
            .Produces<Health>().Produces<Health>(StatusCodes.Status503ServiceUnavailable);

    static async Task<IResult> GetAsync(HealthCheckService checks, CancellationToken cancellation)
    {
        var report = await checks.CheckHealthAsync(cancellation);
        return Results.Json(
            new Health(
                report.Status.ToString().ToLowerInvariant(),
                report.Lacking().ToDictionary(l => l.Name, l => l.Words)),
            statusCode: report.Status == HealthStatus.Unhealthy
                ? StatusCodes.Status503ServiceUnavailable
                : StatusCodes.Status200OK);
    }
}
