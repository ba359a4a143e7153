using System.Globalization;
using System.Text.RegularExpressions;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Testing;

/// <summary>Statements past the program, as somebody with a hand on the database writes them, for either database.</summary>
public static partial class PlainSql
{
    /// <param name="db">Where.</param>
    /// <param name="sql">Tables and columns need no quotes. `randomblob(16n)` is known to both.</param>
    /// <param name="cancellation">Ends it.</param>
    public static Task<int> ExecutePlainAsync(this CovidCxrDbContext db, string sql, CancellationToken cancellation)
    {
        var quoted = string.Join('\'', sql.Split('\'').Select((part, i) => i % 2 == 0 ? Name().Replace(part, "\"$0\"") : part));
        var known = db.IsPostgreSql
            ? RandomBytes().Replace(quoted, m => Bytes(int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)))
            : quoted;
        return db.Database.ExecuteSqlRawAsync(known, cancellation);
    }

    static string Bytes(int count) => FormattableString.Invariant($"decode(repeat(md5(random()::text), {count / 16}), 'hex')");

    // Words of SQL are in capitals or small letters throughout.
    [GeneratedRegex("""(?<!["\w])[A-Z]\w*[a-z]\w*(?!["\w])""")]
    private static partial Regex Name();

    [GeneratedRegex(@"randomblob\((\d+)\)")]
    private static partial Regex RandomBytes();
}
