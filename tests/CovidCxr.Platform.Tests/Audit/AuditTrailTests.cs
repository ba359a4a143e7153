using System.Data.Common;
using System.Globalization;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Tests.Audit;

/// <summary>Whatever somebody with the database in hand does to the trail, the trail says so.</summary>
public sealed class AuditTrailTests : IAsyncDisposable
{
    // More of them by environment variable, for a longer look.
    static readonly int Alterations =
        int.Parse(Environment.GetEnvironmentVariable("COVIDCXR_ALTERATIONS") ?? "300", CultureInfo.InvariantCulture);

    const int Entries = 20;

    readonly TestClinic _clinic = new(settings: ("Audit:KeepYears", "1"));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    AuditTrail Trail => _clinic.Get<AuditTrail>();

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task WriteAsync(int count = Entries)
    {
        for (var i = 0; i < count; i++)
        {
            _clinic.Time.Advance(TimeSpan.FromSeconds(1));
            await _clinic.Get<AuditLog>().RecordAsync(
                TestClinic.Reader, (AuditAction)(i % 5), (AuditOutcome)(i % 3), i % 2 == 0 ? Guid.NewGuid() : null, $"Detail {i}");
        }
    }

    [Fact]
    public async Task FirstEntries_OfManyAtOnce_AreAllWritten()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => WriteAsync(1), Cancellation)));

        Assert.Equal((0, 16), await CountAsync());
    }

    [Fact]
    public async Task Trail_ThatNobodyTouched_IsWhole_SealedOrNotYet()
    {
        Assert.True((await Trail.VerifyAsync(Cancellation)).IsWhole);
        await WriteAsync();
        Assert.Equal((0, Entries), await CountAsync());
        await Trail.SealAsync(Cancellation);
        Assert.Equal((Entries, 0), await CountAsync());
        await WriteAsync(3);
        Assert.Equal((Entries, 3), await CountAsync());
        await Trail.SealAsync(Cancellation);
        // Another process, which has seen nothing yet.
        await using var other = TestClinic.Build(_clinic.Folder.Data.Root, _clinic.Time);
        await WriteAsync(2);
        var trail = (AuditTrail)other.GetService(typeof(AuditTrail))!;
        await trail.SealAsync(Cancellation);
        Assert.True((await trail.VerifyAsync(Cancellation)) is { IsWhole: true, Sealed: Entries + 5 });
    }

    async Task<(long Sealed, long Waiting)> CountAsync()
    {
        var report = await Trail.VerifyAsync(Cancellation);
        Assert.Empty(report.Findings);
        return (report.Sealed, report.Waiting);
    }

    [Fact]
    public async Task Trail_OfAnOlderDatabase_IsTakenAsItIsOnce()
    {
        await using (var db = _clinic.Folder.CreateDbContext())
        {
            db.Audit.AddRange(Enumerable.Range(0, 1203).Select(i => new AuditEntry { Detail = $"Before stamps {i}" }));
            await db.SaveChangesAsync(Cancellation);
        }

        await Trail.SealAsync(Cancellation);
        Assert.Equal((1203, 0), await CountAsync());
        await using (var db = _clinic.Folder.CreateDbContext())
        {
            db.Audit.Add(new AuditEntry { Detail = "Put in by hand" });
            await db.SaveChangesAsync(Cancellation);
        }

        await Trail.SealAsync(Cancellation);
        Assert.StartsWith(
            "Entry 1204 was not written by the program", Assert.Single((await Trail.VerifyAsync(Cancellation)).Findings),
            StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task EveryAlteration_IsFound()
    {
        var archive = await PrepareAlterationsAsync();
        await using var db = _clinic.Folder.CreateDbContext();
        for (var seed = 0; seed < Alterations; seed++)
        {
            var random = new Random(seed);
            if (random.Next(6) == 0)
            {
                await AlterFileAsync(random, archive);
                continue;
            }

            await using var transaction = await db.Database.BeginTransactionAsync(Cancellation);
            var sql = Alteration(random);
            if (!await IsTakenAsync(db, sql))
            {
                await transaction.RollbackAsync(Cancellation);
                continue;
            }

            var report = await Trail.VerifyAsync(db, Cancellation);

            Assert.False(report.IsWhole, $"Not found: {sql}");
            await transaction.RollbackAsync(Cancellation);
        }

        Assert.True((await Trail.VerifyAsync(Cancellation)).IsWhole);
    }

    // PostgreSQL refuses by itself what is not of the column's kind.
    static async Task<bool> IsTakenAsync(CovidCxrDbContext db, string sql)
    {
        try
        {
            Assert.True(await db.ExecutePlainAsync(sql, Cancellation) > 0 || sql.StartsWith("CREATE", StringComparison.Ordinal), sql);
            return true;
        }
        catch (DbException) when (db.IsPostgreSql)
        {
            return false;
        }
    }

    // Twenty entries in an archive; twenty in the trail, among them a spilled one, a view, a change and that of the archive; two that are
    // not sealed yet; and one that waits in the spill.
    async Task<string> PrepareAlterationsAsync()
    {
        var spill = _clinic.Get<AuditSpill>();
        await WriteAsync();
        _clinic.Time.Advance(TimeSpan.FromDays(800));
        await WriteAsync(Entries - 4);
        await SpillAsync();
        await spill.DrainAsync(Cancellation);
        var person = TestClinic.Reader with { Source = "10.0.0.7" };
        _clinic.Time.Advance(TimeSpan.FromSeconds(1));
        await _clinic.Get<ViewLog>().NoteOnceAMinuteAsync(person, AuditAction.ListView, null, "worklist");
        _clinic.Time.Advance(TimeSpan.FromSeconds(1));
        await _clinic.Get<AuditLog>().RecordAsync(person, AuditAction.AccountChange, AuditOutcome.Succeeded, before: "a", after: "b");
        _clinic.Time.Advance(TimeSpan.FromSeconds(1));
        await Trail.SealAsync(Cancellation);
        Assert.Equal(Entries, await _clinic.Get<ArchiveAudit>().RunAsync(Cancellation));
        await Trail.SealAsync(Cancellation);
        await WriteAsync(2);
        await SpillAsync();
        Assert.True(await Trail.VerifyAsync(Cancellation) is { IsWhole: true, Sealed: 2 * Entries, Waiting: 2 });
        return Directory.GetFiles(Path.Combine(_clinic.Folder.Data.Keys, "audit-archives")).Single();

        async Task SpillAsync()
        {
            _clinic.Time.Advance(TimeSpan.FromSeconds(1));
            var entry = new AuditEntry { At = _clinic.Time.GetUtcNow(), UserName = "reader", IsSpilled = true };
            entry.Stamp = _clinic.Get<AuditKey>().Stamp(entry);
            await spill.WriteAsync(entry);
        }
    }

    async Task AlterFileAsync(Random random, string archive)
    {
        var keys = _clinic.Folder.Data.Keys;
        string[] paths =
        [
            archive, Path.Combine(keys, "audit-anchors.json"), Path.Combine(keys, "audit-head.json"),
            Path.Combine(_clinic.Folder.Data.Root, "audit.spill"),
        ];
        var path = paths[random.Next(paths.Length)];
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        var at = random.Next(bytes.Length);
        if (path == paths[3])
        {
            // Among its records, of which the last byte that is not nought is the end.
            at = random.Next(1024, Array.FindLastIndex(bytes, b => b != 0) + 1);
        }

        // A byte is taken away, or in the spill another one stands in its place: its length is given.
        await File.WriteAllBytesAsync(
            path,
            path == paths[3]
                ? [.. bytes[..at], (byte)(bytes[at] + random.Next(1, 256)), .. bytes[(at + 1)..]]
                : [.. bytes[..at], .. bytes[(at + 1)..]],
            Cancellation);
        var isFound = path == archive
            ? await _clinic.Get<ArchiveAudit>().VerifyAsync(path, Cancellation) is not null
            : !(await Trail.VerifyAsync(Cancellation)).IsWhole;
        Assert.True(isFound, $"Not found: byte {at} of {Path.GetFileName(path)}");
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
    }

    static string Alteration(Random random)
    {
        // The last two are not sealed yet: nobody can change them either; that they are cut off again is found from the next second on.
        var id = Entries + random.Next(1, Entries + 3);
        var cut = random.Next(1, Entries + 1);
        var other = Entries + 1 + ((id - Entries) % (Entries + 2));
        return random.Next(24) switch
        {
            0 => $"UPDATE Audit SET At = At + {random.Next(1, 1000)} WHERE Id = {id}",
            1 => $"UPDATE Audit SET At = At - {random.NextInt64(1, 10_000_000_000)} WHERE Id = {id}",
            2 => $"UPDATE Audit SET UserName = 'somebody{random.Next()}' WHERE Id = {id}",
            3 => $"UPDATE Audit SET UserId = CASE WHEN UserId IS NULL THEN '{Guid.Empty}' END WHERE Id = {id}",
            4 => $"UPDATE Audit SET Action = (Action + {random.Next(1, 20)}) WHERE Id = {id}",
            5 => $"UPDATE Audit SET Outcome = (Outcome + {random.Next(1, 3)}) WHERE Id = {id}",
            6 => $"UPDATE Audit SET StudyId = '{new Guid(random.Next(), 0, 0, new byte[8])}' WHERE Id = {id}",
            7 => $"UPDATE Audit SET Detail = COALESCE(Detail, '') || ' ' WHERE Id = {id}",
            8 => $"UPDATE Audit SET Stamp = randomblob(48) WHERE Id = {id}",
            9 => $"UPDATE Audit SET Seal = randomblob(32) WHERE Id = {id}",
            10 => $"UPDATE Audit SET Seal = NULL WHERE Id = {Math.Min(id, 2 * Entries)}",
            11 => $"DELETE FROM Audit WHERE Id = {Math.Min(id, 2 * Entries)}",
            12 => $"DELETE FROM Audit WHERE Id > {(2 * Entries) - cut}",
            13 => $"UPDATE Audit SET Id = Id + 1000 WHERE Id = {Math.Min(id, 2 * Entries)}",
            14 => "INSERT INTO Audit (At, UserId, UserName, Action, Outcome, StudyId, Detail, Stamp, Seal) "
                + $"SELECT At, UserId, UserName, Action, Outcome, StudyId, Detail, Stamp, NULL FROM Audit WHERE Id = {id}",
            15 => $"UPDATE Audit SET Action = Action || 'x' WHERE Id = {id}",
            16 => $"UPDATE Audit SET UserId = lower(COALESCE(UserId, 'A')) WHERE Id = {id}",
            17 => "CREATE TRIGGER hide AFTER INSERT ON Audit BEGIN DELETE FROM Audit WHERE Id = NEW.Id; END",
            18 => $"UPDATE Audit SET Source = '10.0.0.{random.Next(8, 255)}' WHERE Id = {id}",
            19 => $"UPDATE Audit SET Before = COALESCE(Before, '') || 'x' WHERE Id = {id}",
            20 => $"UPDATE Audit SET After = COALESCE(After, '') || 'x' WHERE Id = {id}",
            21 => $"UPDATE Audit SET IsSpilled = 1 - IsSpilled WHERE Id = {id}",
            22 => $"UPDATE Audit SET IsSpilled = IsSpilled + {random.Next(2, 9)} WHERE Id = {id}",
            _ => $"UPDATE Audit SET At = (SELECT o.At FROM Audit o WHERE o.Id = {other}) WHERE Id = {id}",
        };
    }

    [Theory]
    [InlineData("UPDATE Audit SET Action = 'nonsense' WHERE Id = 7")]
    [InlineData("UPDATE Audit SET At = 'yesterday' WHERE Id = 7")]
    [InlineData("UPDATE Audit SET StudyId = 'x' WHERE Id = 7")]
    [InlineData("UPDATE Audit SET Stamp = 7 WHERE Id = 7")]
    public async Task EntryThatCannotBeRead_IsNamed(string sql)
    {
        Assert.SkipWhen(_clinic.Folder.IsPostgreSql, "PostgreSQL takes nothing that cannot be read.");
        await WriteAsync();
        await Trail.SealAsync(Cancellation);
        await using var db = _clinic.Folder.CreateDbContext();
        await db.ExecutePlainAsync(sql, Cancellation);

        Assert.Contains((await Trail.VerifyAsync(Cancellation)).Findings, f => f.StartsWith("Entry 7 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task OlderDatabaseInPlace_IsFound_ThoughItWasSealedAndGoesOn()
    {
        Assert.SkipWhen(_clinic.Folder.IsPostgreSql, "It puts a file of SQLite in place.");
        await WriteAsync();
        await Trail.SealAsync(Cancellation);
        await using (var db = _clinic.Folder.CreateDbContext())
        {
            await db.Database.ExecuteSqlAsync($"VACUUM INTO {_clinic.Folder.Data.Database + ".old"}", Cancellation);
        }

        await WriteAsync(4);
        await Trail.SealAsync(Cancellation);
        using var old = new TestFolder(isMigrated: false);
        File.Move(_clinic.Folder.Data.Database + ".old", old.Data.Database);
        Directory.CreateDirectory(old.Data.Keys);
        foreach (var file in Directory.GetFiles(_clinic.Folder.Data.Keys, "audit*"))
        {
            File.Copy(file, Path.Combine(old.Data.Keys, Path.GetFileName(file)));
        }

        await using var other = TestClinic.Build(old.Data.Root, _clinic.Time);
        var trail = (AuditTrail)other.GetService(typeof(AuditTrail))!;
        Assert.Contains("had 24", Assert.Single((await trail.VerifyAsync(Cancellation)).Findings), StringComparison.Ordinal);
        for (var i = 0; i < 4; i++)
        {
            await ((AuditLog)other.GetService(typeof(AuditLog))!).RecordAsync(null, AuditAction.SignIn, AuditOutcome.Failed);
            await trail.SealAsync(Cancellation);
            Assert.False((await trail.VerifyAsync(Cancellation)).IsWhole);
        }

        await trail.AcceptAsync("Restored by hand.", Cancellation);
        Assert.True((await trail.VerifyAsync(Cancellation)).IsWhole);
        await using var after = old.CreateDbContext();
        var last = await after.Audit.OrderBy(a => a.Id).LastAsync(Cancellation);
        Assert.Contains("Restored by hand", last.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audit-head.json", "head")]
    [InlineData("audit.key", "Entry 1 ")]
    public async Task HeadOrKeyOfAnotherInstallation_IsFound(string name, string words)
    {
        await WriteAsync();
        await Trail.SealAsync(Cancellation);
        var path = Path.Combine(_clinic.Folder.Data.Keys, name);
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancellation);

        await using var other = TestClinic.Build(_clinic.Folder.Data.Root, _clinic.Time);
        var report = await ((AuditTrail)other.GetService(typeof(AuditTrail))!).VerifyAsync(Cancellation);

        Assert.Contains(report.Findings, f => f.Contains(words, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AcceptedTrail_IsWholeAgain_AndSaysWhatDidNotFit()
    {
        await WriteAsync();
        await Trail.SealAsync(Cancellation);
        await using var db = _clinic.Folder.CreateDbContext();
        await db.ExecutePlainAsync("UPDATE Audit SET Detail = 'changed' WHERE Id = 7", Cancellation);
        await db.ExecutePlainAsync("DELETE FROM Audit WHERE Id = 9", Cancellation);
        Assert.False((await Trail.VerifyAsync(Cancellation)).DoEntriesFit);

        await Trail.AcceptAsync("Looked into.", Cancellation);

        Assert.True((await Trail.VerifyAsync(Cancellation)).IsWhole);
        var entry = await db.Audit.SingleAsync(a => a.Action == AuditAction.TrailAccept, Cancellation);
        Assert.StartsWith("Looked into. (", entry.Detail, StringComparison.Ordinal);
        Assert.Contains("Entry 7 was changed", entry.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EntryPutInThatCannotBeRead_DoesNotStopTheSealing()
    {
        Assert.SkipWhen(_clinic.Folder.IsPostgreSql, "PostgreSQL takes nothing that cannot be read.");
        await WriteAsync();
        await Trail.SealAsync(Cancellation);
        await using var db = _clinic.Folder.CreateDbContext();
        await db.ExecutePlainAsync("INSERT INTO Audit (At, Action, Outcome, StudyId) VALUES (1, 0, 0, 'x')", Cancellation);
        await WriteAsync(2);

        await Trail.SealAsync(Cancellation);

        var report = await Trail.VerifyAsync(Cancellation);
        Assert.Equal(Entries + 2, report.Sealed);
        Assert.Contains(report.Findings, f => f.StartsWith($"Entry {Entries + 1} ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task WipedTrailWithoutItsHead_IsNotTakenForANewOne()
    {
        await WriteAsync();
        await Trail.SealAsync(Cancellation);
        await using (var db = _clinic.Folder.CreateDbContext())
        {
            await db.ExecutePlainAsync("DELETE FROM Audit", Cancellation);
        }

        File.Delete(Path.Combine(_clinic.Folder.Data.Keys, "audit-head.json"));
        await using var other = TestClinic.Build(_clinic.Folder.Data.Root, _clinic.Time);
        var trail = (AuditTrail)other.GetService(typeof(AuditTrail))!;
        Assert.False((await trail.VerifyAsync(Cancellation)).IsWhole);
        await WriteAsync(2);
        await trail.SealAsync(Cancellation);

        Assert.False((await trail.VerifyAsync(Cancellation)).IsWhole);
    }

    [Fact]
    public async Task KeyThatIsGone_IsNotMadeAnewInSilence()
    {
        await WriteAsync();
        await Trail.SealAsync(Cancellation);
        File.Delete(Path.Combine(_clinic.Folder.Data.Keys, "audit.key"));
        await using var other = TestClinic.Build(_clinic.Folder.Data.Root, _clinic.Time);
        var (log, trail) = ((AuditLog)other.GetService(typeof(AuditLog))!, (AuditTrail)other.GetService(typeof(AuditTrail))!);

        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => log.RecordAsync(null, AuditAction.SignIn, AuditOutcome.Failed));

        Assert.Contains("mounted", refused.Message, StringComparison.Ordinal);
        await trail.AcceptAsync("The key was lost.", Cancellation);
        Assert.True((await trail.VerifyAsync(Cancellation)).IsWhole);
    }

    [Fact]
    public async Task TailAndHeadTakenAway_IsNotHealedByTheNextSeal()
    {
        await WriteAsync();
        await Trail.SealAsync(Cancellation);
        await using (var db = _clinic.Folder.CreateDbContext())
        {
            await db.ExecutePlainAsync("DELETE FROM Audit WHERE Id > 15", Cancellation);
        }

        File.Delete(Path.Combine(_clinic.Folder.Data.Keys, "audit-head.json"));
        await WriteAsync(2);
        await Trail.SealAsync(Cancellation);

        Assert.Contains((await Trail.VerifyAsync(Cancellation)).Findings, f => f.Contains("head is gone", StringComparison.Ordinal));
    }
}
