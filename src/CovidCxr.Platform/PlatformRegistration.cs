using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.ApiClients;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Backups;
using CovidCxr.Platform.Configuration;
using CovidCxr.Platform.Health;
using CovidCxr.Platform.Jobs;
using CovidCxr.Platform.Nodes;
using CovidCxr.Platform.Telemetry;
using CovidCxr.Platform.Webhooks;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Platform;

public static class PlatformRegistration
{
    /// <summary>The ground floor; jobs run once <see cref="AddCovidCxrJobWorker"/> is added too.</summary>
    public static IServiceCollection AddCovidCxrPlatform(this IServiceCollection services, IConfiguration configuration)
    {
        services.TryAddSingleton(TimeProvider.System);
        return services
            .AddValidatedOptions<TelemetryOptions, TelemetryOptionsValidator>(configuration, TelemetryOptions.Section)
            .AddNodes(configuration)
            .AddAccounts(configuration)
            .AddApiClients()
            .AddAudit(configuration)
            .AddJobs(configuration)
            .AddHealth()
            .AddBackups(configuration)
            .AddWebhooks(configuration);
    }

    /// <summary>Lets this process make the backups that are asked for.</summary>
    public static IServiceCollection AddCovidCxrBackups(this IServiceCollection services) =>
        services.AddHostedService(p => p.GetRequiredService<BackupSchedule>());

    /// <summary>
    /// What each of several programs does for itself: it shows itself to the others, and writes its entries of the audit trail.
    /// </summary>
    public static IServiceCollection AddCovidCxrNode(this IServiceCollection services) =>
        services.AddSingleton<IHostLifetime, NodeLifetime>()
            .AddHostedService(p => p.GetRequiredService<NodePresence>())
            .AddHostedService(p => p.GetRequiredService<NodeNews>())
            .AddHostedService(p => p.GetRequiredService<ViewLog>())
            .AddHostedService<SpillWatch>();

    /// <summary>Lets this process seal the audit trail, look after it and send it to a collector.</summary>
    public static IServiceCollection AddCovidCxrAuditWatch(this IServiceCollection services) =>
        services.AddHostedService(p => p.GetRequiredService<AuditWatch>())
            .AddHostedService(p => p.GetRequiredService<SyslogSender>());

    /// <summary>Lets this process tell other programs of events, where the configuration names them.</summary>
    public static IServiceCollection AddCovidCxrWebhooks(this IServiceCollection services) =>
        services.AddHostedService(p => p.GetRequiredService<WebhookWorker>());

    /// <summary>Lets this process work on jobs.</summary>
    public static IServiceCollection AddCovidCxrJobWorker(this IServiceCollection services) => services.AddHostedService<JobWorker>();
}
