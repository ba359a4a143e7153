using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.Models;

static class ModelsRegistration
{
    public static IServiceCollection AddModels(this IServiceCollection services, IConfiguration configuration) => services
        .AddValidatedOptions<ImagingOptions, ImagingOptionsValidator>(configuration, ImagingOptions.Section)
        .AddValidatedOptions<ServingOptions, ServingOptionsValidator>(configuration, ServingOptions.Section)
        .AddValidatedOptions<ModelOptions, ModelOptionsValidator>(configuration, ModelOptions.Section)
        .AddSingleton(p => new ScanDecoder(p.GetRequiredService<IOptions<ImagingOptions>>().Value))
        .AddSingleton(p => new ModelHost(p.GetRequiredService<IOptions<ServingOptions>>().Value, p.GetRequiredService<TimeProvider>()))
        .AddSingleton<RegisterModel>()
        .AddSingleton<AcceptModel>()
        .AddSingleton<TryModel>()
        .AddSingleton<ActivateModel>()
        .AddSingleton<ListModels>()
        .AddSingleton<GetModelCard>()
        .AddSingleton<StartModel>();
}
