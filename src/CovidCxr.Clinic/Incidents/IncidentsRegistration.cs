using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Incidents;

static class IncidentsRegistration
{
    public static IServiceCollection AddIncidents(this IServiceCollection services) => services.AddSingleton<PackIncident>();
}
