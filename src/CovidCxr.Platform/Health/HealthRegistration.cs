using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Health;

static class HealthRegistration
{
    public static IServiceCollection AddHealth(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddCheck<DatabaseHealth>("database").AddCheck<DiskHealth>("disk").AddCheck<QueueHealth>("jobs");
        return services.AddSingleton<GetSystemState>();
    }
}
