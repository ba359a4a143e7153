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
        services.AddDbContextFactory<CovidCxrDbContext>(
            (provider, options) => Configure(options, provider.GetRequiredService<DataFolder>().Database));
        // Identity's stores take a context from the scope.
        services.AddScoped(provider => provider.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext());
        return services;
    }

    /// <summary>SQLite in the given file.</summary>
    public static DbContextOptionsBuilder Configure(DbContextOptionsBuilder options, string file) =>
        options.UseSqlite($"Data Source={file}").AddInterceptors(new SqlitePragmas())
            .ReplaceService<IMigrationsSqlGenerator, AtomicMigrations>();
}
