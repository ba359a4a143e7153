using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Hospital.Priors;

static class PriorsRegistration
{
    public static IServiceCollection AddPriors(this IServiceCollection services) => services
        .AddSingleton<DicomWebClient>()
        .AddSingleton<FindPriors>()
        .AddSingleton<FetchPriors>();
}
