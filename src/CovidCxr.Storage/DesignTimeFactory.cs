using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace CovidCxr.Storage;

/// <summary>Lets `dotnet ef migrations add NAME --project src/CovidCxr.Storage` build a context.</summary>
sealed class DesignTimeFactory : IDesignTimeDbContextFactory<CovidCxrDbContext>
{
    public CovidCxrDbContext CreateDbContext(string[] args)
    {
        var options = new DbContextOptionsBuilder<CovidCxrDbContext>();
        StorageRegistration.Configure(options, "design.db");
        return new(options.Options);
    }
}
