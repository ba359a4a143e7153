using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Health;

static class HealthRegistration
{
    public static IServiceCollection AddHealth(this IServiceCollection services) => services
        .AddSingleton<GetSystemState>();
}
