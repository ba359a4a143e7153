using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Clinic.Acceptance;

static class AcceptanceRegistration
{
    public static IServiceCollection AddAcceptance(this IServiceCollection services) => services
        .AddSingleton<GetAcceptance>()
        .AddSingleton<AcceptVersion>()
        .AddSingleton<WithdrawAcceptance>();
}
