using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Configuration;
using CovidCxr.Storage;
using CovidCxr.Storage.Backups;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Backups;

static class BackupsRegistration
{
    public static IServiceCollection AddBackups(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddHealthChecks().AddCheck<BackupHealth>("backups");
        services.AddOptions<BackupOptions>().Validate<IOptions<StorageOptions>>(
            (backups, storage) => backups.Folder.Length == 0 || storage.Value.Provider == StorageProvider.Sqlite,
            "Backups:Folder is for SQLite: where Storage:Provider is PostgreSql leave it out, and back up with pg_dump.");
        return services.AddValidatedOptions<BackupOptions, BackupOptionsValidator>(configuration, BackupOptions.Section)
            .AddSingleton(p => new Backup(
                p.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>(), p.GetRequiredService<DataFolder>(),
                p.GetRequiredService<TimeProvider>(), BackupCipher.Of(p.GetRequiredService<IOptions<BackupOptions>>().Value.KeyFile),
                p.GetRequiredService<IOptions<AuditOptions>>().Value.Folder))
            .AddSingleton<BackupSchedule>().AddSingleton<MoveToPostgreSql>();
    }
}
