using CovidCxr.Platform.Jobs;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Shadow;

static class ShadowRegistration
{
    public static IServiceCollection AddShadow(this IServiceCollection services) => services
        .AddSingleton<IJobHandler, ScoreShadow>()
        .AddSingleton<StartShadow>()
        .AddSingleton<EndShadow>()
        .AddSingleton<ListShadows>()
        .AddSingleton<CompareShadow>();
}
