using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Audit;

static class AuditRegistration
{
    public static IServiceCollection AddAudit(this IServiceCollection services) => services
        .AddSingleton<AuditLog>()
        .AddSingleton<ListAuditEntries>();
}
