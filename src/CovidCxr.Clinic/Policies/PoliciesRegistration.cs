using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Policies;

static class PoliciesRegistration
{
    public static IServiceCollection AddPolicies(this IServiceCollection services) => services
        .AddSingleton<GetReadingPolicy>()
        .AddSingleton<ChangeReadingPolicy>()
        .AddSingleton<ChangeQualitySettings>();
}
