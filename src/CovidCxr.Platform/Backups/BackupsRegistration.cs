using CovidCxr.Platform.Configuration;
using CovidCxr.Storage.Backups;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Backups;

static class BackupsRegistration
{
    public static IServiceCollection AddBackups(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHealthChecks().AddCheck<BackupHealth>("backups");
        return services.AddValidatedOptions<BackupOptions, BackupOptionsValidator>(configuration, BackupOptions.Section)
            .AddSingleton<Backup>().AddSingleton<BackupSchedule>();
    }
}
