using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Data;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace CovidCxr.Engine;

/// <summary>What both wings read films with.</summary>
public static class EngineRegistration
{
    /// <summary>The decoder of uploads, the host of the model in service and what asks it, with their options.</summary>
    public static IServiceCollection AddCovidCxrEngine(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<ImagingOptions>()
            .Bind(configuration.GetSection(ImagingOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        services.AddOptions<ServingOptions>()
            .Bind(configuration.GetSection(ServingOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true)
            .ValidateOnStart();
        return services
            .AddSingleton<IValidateOptions<ImagingOptions>, ImagingOptionsValidator>()
            .AddSingleton<IValidateOptions<ServingOptions>, ServingOptionsValidator>()
            .AddSingleton<IScanDecoder>(p => new ScanDecoder(p.GetRequiredService<IOptions<ImagingOptions>>().Value))
            .AddSingleton(TrainingDecoders.Here)
            .AddSingleton(p => new ModelHost(
                p.GetRequiredService<IOptions<ServingOptions>>().Value, p.GetRequiredService<TimeProvider>()))
            .AddScoped<InferenceService>()
            .AddSingleton<ShadowHost>();
    }
}
