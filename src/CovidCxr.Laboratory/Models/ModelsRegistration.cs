using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.Models;

static class ModelsRegistration
{
    public static IServiceCollection AddModels(this IServiceCollection services, IConfiguration configuration) => services
        .AddValidatedOptions<ModelOptions, ModelOptionsValidator>(configuration, ModelOptions.Section)
        .AddSingleton<RegisterModel>()
        .AddSingleton<AcceptModel>()
        .AddSingleton<TryModel>()
        .AddSingleton<ActivateModel>()
        .AddSingleton<RollBackModel>()
        .AddSingleton<SignModel>()
        .AddSingleton<GetGate>()
        .AddSingleton<ListModels>()
        .AddSingleton<ListModelPeriods>()
        .AddSingleton<GetModelNotice>()
        .AddSingleton<AcknowledgeModelNotice>()
        .AddSingleton<GetModelCard>()
        .AddSingleton<StartModel>();
}
