using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CovidCxr.Testing;

/// <summary>A disk that is full at the moment of the commit.</summary>
public sealed class FailingCommit : DbTransactionInterceptor
{
    public override ValueTask<InterceptionResult> TransactionCommittingAsync(
        System.Data.Common.DbTransaction transaction, TransactionEventData eventData, InterceptionResult result,
        CancellationToken cancellationToken = default) =>
        throw new Microsoft.Data.Sqlite.SqliteException("database or disk is full", 13);
}
