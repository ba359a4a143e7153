using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace CovidCxr.Storage;

public static class StorageRegistration
{
    public static IServiceCollection AddCovidCxrStorage(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<StorageOptions>()
            .Bind(configuration.GetSection(StorageOptions.Section), binder => binder.ErrorOnUnknownConfiguration = true).ValidateOnStart();
        services.AddSingleton<IValidateOptions<StorageOptions>, StorageOptionsValidator>();
        services.AddSingleton(provider => new DataFolder(Path.Combine(
            provider.GetRequiredService<IHostEnvironment>().ContentRootPath,
            provider.GetRequiredService<IOptions<StorageOptions>>().Value.DataFolder)));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<BlobStore>().AddSingleton<DatabaseSchema>();
        services.AddDbContextFactory<CovidCxrDbContext, ContextFactory>((provider, options) => Configure(
            options, provider.GetRequiredService<IOptions<StorageOptions>>().Value, provider.GetRequiredService<DataFolder>()));
        // Identity's stores take a context from the scope.
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext());
        return services;
    }

    /// <summary>The database that the options name; without one SQLite in the data folder.</summary>
    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, StorageOptions storage, DataFolder folder) =>
        storage.Provider == StorageProvider.PostgreSql
            ? PostgreSqlRegistration.ConfigurePostgreSql(options, storage.ConnectionString)
            : Configure(options, folder.Database);

    /// <summary>SQLite in the given file.</summary>
    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, string file) =>
        options.UseSqlite($"Data Source={file}").AddInterceptors(new SqlitePragmas())
            .ReplaceService<IMigrationsSqlGenerator, AtomicMigrations>();

    sealed class ContextFactory(DbContextOptions<CovidCxrDbContext> options) : IDbContextFactory<CovidCxrDbContext>
    {
        readonly bool _isPostgreSql = PostgreSqlRegistration.IsMeant(options);

        public CovidCxrDbContext CreateDbContext() => _isPostgreSql ? new PostgreSqlDbContext(options) : new CovidCxrDbContext(options);
    }
}
