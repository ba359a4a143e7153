using CovidCxr.Domain.Models;
using CovidCxr.Domain.Studies;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace CovidCxr.Storage;

/// <summary>
/// The same database on PostgreSQL. A class of its own, for EF Core keeps migrations by the class of the context. What the two databases
/// understand differently is here and nowhere else in the model.
/// </summary>
sealed class PostgreSqlDbContext : CovidCxrDbContext
{
    public PostgreSqlDbContext(DbContextOptions<CovidCxrDbContext> options)
        : base(options)
    {
        // A lone statement too: the transaction is where a writer takes its turn (OneWriter).
        Database.AutoTransactionBehavior = AutoTransactionBehavior.Always;
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        base.ConfigureConventions(configurationBuilder);
        // As SQLite has it: compared byte by byte whatever the server's language, and never refused for its length.
        configurationBuilder.Properties<string>().HaveColumnType("text").UseCollation("C");
    }

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.HasPostgresExtension("citext");
        foreach (var entity in builder.Model.GetEntityTypes())
        {
            foreach (var property in entity.GetProperties().Where(p => p.GetCollation() == "NOCASE"))
            {
                property.SetColumnType("citext");
                property.SetCollation("C");
            }

            foreach (var index in entity.GetIndexes())
            {
                SortNullsFirst(index);
            }
        }

        // A truth is no number here, and a computed column is kept.
        builder.Entity<ModelVersion>().HasIndex(m => m.IsActive).HasFilter("\"IsActive\"");
        builder.Entity<ShadowPeriod>().HasIndex(p => p.IsOpen).HasFilter("\"IsOpen\"");
        builder.Entity<Study>().Property(s => s.WaitsUrgently)
            .HasComputedColumnSql("(\"Urgency\" IS NOT NULL AND \"ReadCount\" = 0)", stored: true);
        builder.Entity<Account>().Property(a => a.ShownName).HasComputedColumnSql(
            "CASE WHEN \"FullName\" IS NULL THEN \"UserName\" ELSE \"FullName\" || ' (' || \"UserName\" || ')' END", stored: true);
    }

    // As the queries ask (NullsFirstSql); read backwards, the nulls are last.
    static void SortNullsFirst(IMutableIndex index)
    {
        if (index.Properties.Any(p => p.IsNullable))
        {
            // An array, for a migration writes no other list down.
            index.SetNullSortOrder(index.Properties.Select((p, i) =>
                IsDescending(index, i) == p.IsNullable ? NullSortOrder.NullsLast : NullSortOrder.NullsFirst).ToArray());
        }
    }

    // An empty list says that all are.
    static bool IsDescending(IMutableIndex index, int column) => index.IsDescending is { } down && (down.Count == 0 || down[column]);
}
