using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Adjudication;

static class AdjudicationRegistration
{
    public static IServiceCollection AddAdjudication(this IServiceCollection services) => services
        .AddSingleton<ListDiscordances>()
        .AddSingleton<RequestReads>()
        .AddSingleton<ListAdjudications>();
}
