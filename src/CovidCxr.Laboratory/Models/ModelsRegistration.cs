using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.Models;

static class ModelsRegistration
{
    public static IServiceCollection AddModels(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHealthChecks().AddCheck<GoldenFilmsHealth>("golden films");
        return services
            .AddValidatedOptions<ModelOptions, ModelOptionsValidator>(configuration, ModelOptions.Section)
            .AddSingleton<RegisterModel>()
            .AddSingleton<AcceptModel>()
            .AddSingleton<TryModel>()
            .AddSingleton<PinGoldenFilms>()
            .AddSingleton<ActivateModel>()
            .AddSingleton<RollBackModel>()
            .AddSingleton<CheckGoldenFilms>()
            .AddSingleton<SignModel>()
            .AddSingleton<GetGate>()
            .AddSingleton<ListModels>()
            .AddSingleton<ListModelPeriods>()
            .AddSingleton<GetModelNotice>()
            .AddSingleton<AcknowledgeModelNotice>()
            .AddSingleton<GetModelCard>()
            .AddSingleton<StartModel>();
    }
}
