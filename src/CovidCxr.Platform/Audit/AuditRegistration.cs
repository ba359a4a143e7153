using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Audit;

static class AuditRegistration
{
    public static IServiceCollection AddAudit(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHealthChecks().AddCheck<AuditHealth>("audit trail").AddCheck<SyslogHealth>("audit collector");
        return services.AddValidatedOptions<AuditOptions, AuditOptionsValidator>(configuration, AuditOptions.Section)
            .AddSingleton<AuditKey>()
            .AddSingleton<AuditSpill>()
            .AddSingleton<AuditLog>()
            .AddSingleton<ViewLog>()
            .AddSingleton<AuditTrail>()
            .AddSingleton<AuditWatch>()
            .AddSingleton<SyslogSender>()
            .AddSingleton<CompareWithCollector>()
            .AddSingleton<ArchiveAudit>()
            .AddSingleton<ExportAudit>()
            .AddSingleton<ListAuditEntries>();
    }
}
