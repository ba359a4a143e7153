using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace CovidCxr.Storage;

/// <summary>Lets `dotnet ef migrations add NAME --project src/CovidCxr.Storage --context CovidCxrDbContext` build a context.</summary>
sealed class DesignTimeFactory : IDesignTimeDbContextFactory<CovidCxrDbContext>
{
    public CovidCxrDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<CovidCxrDbContext>();
        StorageRegistration.Configure(options, "design.db");
        return new(options.Options);
    }
}

/// <summary>The same for `--context PostgreSqlDbContext --output-dir Migrations/PostgreSql`; no server is asked.</summary>
sealed class PostgreSqlDesignTimeFactory : IDesignTimeDbContextFactory<PostgreSqlDbContext>
{
    public PostgreSqlDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<CovidCxrDbContext>();
        PostgreSqlRegistration.ConfigurePostgreSql(options, "Host=design;Database=design");
        return new(options.Options);
    }
}
