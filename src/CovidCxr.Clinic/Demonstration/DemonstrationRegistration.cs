using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Demonstration;

static class DemonstrationRegistration
{
    public static IServiceCollection AddDemonstration(this IServiceCollection services) => services.AddSingleton<FillDepartment>();
}
