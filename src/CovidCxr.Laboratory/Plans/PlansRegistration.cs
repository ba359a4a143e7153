using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.Plans;

static class PlansRegistration
{
    public static IServiceCollection AddPlans(this IServiceCollection services) => services
        .AddSingleton<GetRunPlan>()
        .AddSingleton<LeavePlan>();
}
