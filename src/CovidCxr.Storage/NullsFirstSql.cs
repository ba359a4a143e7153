using System.Linq.Expressions;
using Microsoft.EntityFrameworkCore.Query;
using Microsoft.EntityFrameworkCore.Query.SqlExpressions;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql.EntityFrameworkCore.PostgreSQL.Infrastructure.Internal;
using Npgsql.EntityFrameworkCore.PostgreSQL.Query.Internal;

// The generator is no public interface of the provider, and may change with a new version: PostgreSqlTests looks at the order.
#pragma warning disable EF1001

namespace CovidCxr.Storage;

/// <summary>
/// Queries that sort nulls as SQLite does: below everything. PostgreSQL has them above, so that films without an answer would stand
/// before the likeliest ones.
/// </summary>
sealed class NullsFirstSql(
    QuerySqlGeneratorDependencies dependencies, IRelationalTypeMappingSource types, INpgsqlSingletonOptions options)
    : IQuerySqlGeneratorFactory
{
    public QuerySqlGenerator Create() => new Generator(dependencies, types, options.PostgresVersion);

    sealed class Generator(QuerySqlGeneratorDependencies dependencies, IRelationalTypeMappingSource types, Version server)
        : NpgsqlQuerySqlGenerator(dependencies, types, reverseNullOrderingEnabled: false, server)
    {
        protected override Expression VisitOrdering(OrderingExpression ordering)
        {
            var visited = base.VisitOrdering(ordering);
            // What is never null needs no words, and finds the indexes that have none, such as a table's key.
            if (ordering.Expression is not ColumnExpression { IsNullable: false })
            {
                Sql.Append(ordering.IsAscending ? " NULLS FIRST" : " NULLS LAST");
            }

            return visited;
        }
    }
}
