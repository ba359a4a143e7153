using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage;

/// <summary>What an exception of the database means, whichever database it is.</summary>
public static class DatabaseErrors
{
    const int SqliteConstraint = 19;

    // All of SQLSTATE's class of violated constraints.
    const string ConstraintClass = "23";

    /// <summary>Whether the database works, and would not take this row: something unique is there, or needed and missing.</summary>
    public static bool IsConstraint(Exception e) => (e as DbException ?? (e as DbUpdateException)?.InnerException) switch
    {
        SqliteException sqlite => sqlite.SqliteErrorCode == SqliteConstraint,
        DbException other => other.SqlState?.StartsWith(ConstraintClass, StringComparison.Ordinal) == true,
        _ => false,
    };
}
