using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.ApiClients;

static class ApiClientsRegistration
{
    public static IServiceCollection AddApiClients(this IServiceCollection services) => services
        .AddSingleton<ListApiClients>()
        .AddSingleton<CreateApiClient>()
        .AddSingleton<RevokeApiClient>()
        .AddSingleton<CheckApiKey>();
}
