using CovidCxr.Engine.Serving;
using CovidCxr.Platform.Health;
using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CovidCxr.Web.Features.Platform.Health;

/// <summary>
/// For whoever watches the program from outside, without signing in. Alive: it answers, and a restart would mend nothing. Ready: what it
/// needs is there; a line for each thing that is not. Degraded is 200, because films are taken in and read; Unhealthy is 503.
/// </summary>
static class HealthEndpoint
{
    public static void AddModelHealth(this IServiceCollection services) =>
        services.AddHealthChecks().AddCheck<ModelHealth>("model");

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapHealthChecks("/health/alive", new() { Predicate = _ => false }).AllowAnonymous();
        app.MapHealthChecks("/health/ready", new() { ResponseWriter = WriteAsync }).AllowAnonymous();
        app.MapHealthChecks("/health", new() { ResponseWriter = WriteAsync }).AllowAnonymous();
    }

    static Task WriteAsync(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "text/plain";
        var lines = report.Lacking().Select(l => $"{l.Name}: {l.Words}");
        return context.Response.WriteAsync(string.Join('\n', lines.Prepend(report.Status.ToString())));
    }

    /// <summary>Whether uploads are analysed, by a program that does so.</summary>
    sealed class ModelHealth(ModelHost host, ThisNode node) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(host.Current is null && node.Is(NodeRoles.Worker)
                ? HealthCheckResult.Degraded("none is active, uploads wait for one")
                : HealthCheckResult.Healthy());
    }
}
