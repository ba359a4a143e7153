using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Hospital.Peers;

static class PeersRegistration
{
    public static IServiceCollection AddPeers(this IServiceCollection services, IConfiguration configuration) => services
        .AddValidatedOptions<HospitalOptions, HospitalOptionsValidator>(configuration, HospitalOptions.Section)
        .AddSingleton<AllowList>()
        .AddSingleton<EchoPeer>();
}
