using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Drift;

static class DriftRegistration
{
    public static IServiceCollection AddDrift(this IServiceCollection services) => services
        .AddSingleton<MeasureDrift>()
        .AddSingleton<ListArrivals>()
        .AddSingleton<AlertChanges>()
        .AddSingleton<CheckAlerts>()
        .AddSingleton<KnownAlerts>()
        .AddSingleton<ListAlerts>()
        .AddSingleton<AcknowledgeAlert>();
}
