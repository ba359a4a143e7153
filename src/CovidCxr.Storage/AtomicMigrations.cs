using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations;

namespace CovidCxr.Storage;

/// <summary>
/// Every migration whole or not at all. Where SQLite cannot alter a table, EF Core rebuilds it, and turns foreign keys off and on outside
/// of any transaction: so it commits what was done before, and a process killed there leaves half a migration without its row in the
/// history, which no start can repeat. Those statements are left out here. <see cref="DatabaseSchema"/> turns foreign keys off before.
/// </summary>
sealed class AtomicMigrations(MigrationsSqlGeneratorDependencies dependencies, IRelationalAnnotationProvider annotations)
    : SqliteMigrationsSqlGenerator(dependencies, annotations)
{
    public override IReadOnlyList<MigrationCommand> Generate(
        IReadOnlyList<MigrationOperation> operations, IModel? model = null,
        MigrationsSqlGenerationOptions options = MigrationsSqlGenerationOptions.Default)
    {
        var commands = base.Generate(operations, model, options);
        return commands.FirstOrDefault(c => c.TransactionSuppressed && !IsForeignKeys(c)) is { } alone
            ? throw new NotSupportedException($"A migration would commit halfway: {alone.CommandText}")
            : [.. commands.Where(c => !IsForeignKeys(c))];
    }

    static bool IsForeignKeys(MigrationCommand command) =>
        command.CommandText.StartsWith("PRAGMA foreign_keys", StringComparison.OrdinalIgnoreCase);
}
