using CovidCxr.Laboratory.Cards;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Models;
using CovidCxr.Laboratory.Plans;
using CovidCxr.Laboratory.Runs;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory;

public static class LaboratoryRegistration
{
    /// <summary>What trains networks and keeps their versions. Needs the platform, the engine and the clinic's films.</summary>
    public static IServiceCollection AddCovidCxrLaboratory(this IServiceCollection services, IConfiguration configuration) => services
        .AddDataSets(configuration)
        .AddPlans()
        .AddRuns()
        .AddModels(configuration)
        .AddCards();

    /// <summary>Lets this process serve the version that is active, and ask it for films whose answers are known.</summary>
    public static IServiceCollection AddCovidCxrModelWatch(this IServiceCollection services) =>
        services.AddHostedService<GoldenFilmsWatch>().AddHostedService<FollowActiveModel>();
}
