using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Tests.Audit;

/// <summary>Old entries leave the trail for a sealed file, and nothing else leaves it unseen.</summary>
public sealed class AuditArchiveTests : IDisposable
{
    const int Old = 20, Kept = 5;

    readonly TestFolder _folder = new();
    readonly ManualTime _time = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    ServiceProvider Program(int years = 2) =>
        TestClinic.Build(_folder.Data.Root, _time, settings: ("Audit:KeepYears", $"{years}"));

    string[] Files => Directory.Exists(Path.Combine(_folder.Data.Keys, "audit-archives"))
        ? Directory.GetFiles(Path.Combine(_folder.Data.Keys, "audit-archives"))
        : [];

    async Task WriteAsync(ServiceProvider program, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await program.GetRequiredService<AuditLog>().RecordAsync(
                TestClinic.Reader with { Source = "10.0.0.7" }, AuditAction.SignIn, AuditOutcome.Succeeded, detail: $"Detail {i}");
        }

        await program.GetRequiredService<AuditTrail>().SealAsync(Cancellation);
    }

    static async Task<int> ArchiveAsync(ServiceProvider program)
    {
        var removed = await program.GetRequiredService<ArchiveAudit>().RunAsync(Cancellation);
        await program.GetRequiredService<AuditTrail>().SealAsync(Cancellation);
        return removed;
    }

    static async Task<AuditReport> VerifyAsync(ServiceProvider program) =>
        await program.GetRequiredService<AuditTrail>().VerifyAsync(Cancellation);

    async Task<ServiceProvider> OldAndNewAsync()
    {
        var program = Program();
        await WriteAsync(program, Old);
        _time.Advance(TimeSpan.FromDays(3 * 366));
        await WriteAsync(program, Kept);
        return program;
    }

    [Fact]
    public async Task OldEntries_GoIntoAnArchive_AndTheTrailGoesOnFromItsEnd()
    {
        await using var program = await OldAndNewAsync();

        Assert.Equal(Old, await ArchiveAsync(program));

        // And the entry that says so.
        Assert.True(await VerifyAsync(program) is { IsWhole: true, Sealed: Old + Kept + 1 });
        Assert.Null(await program.GetRequiredService<ArchiveAudit>().VerifyAsync(Assert.Single(Files), Cancellation));
        Assert.Equal(0, await ArchiveAsync(program));
        // A second archive follows the first, and another process agrees.
        _time.Advance(TimeSpan.FromDays(3 * 366));
        await WriteAsync(program, 2);
        Assert.Equal(Kept + 1, await ArchiveAsync(program));
        await using var next = Program();
        Assert.True(await VerifyAsync(next) is { IsWhole: true, Sealed: Old + Kept + 1 + 2 + 1 });
        Assert.Equal(2, Files.Length);
        foreach (var file in Files)
        {
            Assert.Null(await next.GetRequiredService<ArchiveAudit>().VerifyAsync(file, Cancellation));
        }
    }

    [Fact]
    public async Task Archive_ThatCannotBeWritten_LeavesNothing()
    {
        await using var program = Program();
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Data.Root, "elsewhere")).FullName;

        await Assert.ThrowsAsync<IOException>(() => AuditArchiveFile.WriteAsync(
            Path.Combine(folder, "audit-1.jsonl"), program.GetRequiredService<AuditKey>(), new(0, 0, [], ""), BreakingOff(), Cancellation));

        Assert.Empty(Directory.GetFileSystemEntries(folder));

        static async IAsyncEnumerable<AuditEntry> BreakingOff()
        {
            await Task.CompletedTask;
            yield return new() { Id = 1, Seal = [1] };
            throw new IOException("The disk is full.");
        }
    }

    [Fact]
    public async Task Looks_OfAMonth_MakeOneFile()
    {
        await using var program = Program();
        for (var day = 0; day < 70; day++)
        {
            await WriteAsync(program, 1);
            _time.Advance(TimeSpan.FromDays(1));
        }

        // From the middle of a month to its end.
        _time.Advance(new DateTimeOffset(2028, 4, 15, 0, 0, 0, TimeSpan.Zero) - _time.GetUtcNow());
        for (var look = 0; look < 30; look++)
        {
            await ArchiveAsync(program);
            _time.Advance(TimeSpan.FromHours(12));
        }

        Assert.Single(Files);
        _time.Advance(TimeSpan.FromDays(1));
        Assert.Equal(30, await ArchiveAsync(program));
        Assert.Equal(2, Files.Length);
        Assert.True((await VerifyAsync(program)).IsWhole);
    }

    [Fact]
    public async Task Everything_IsKept_ByDefault_AndWhereAllIsOldTheTrailStillGoesOn()
    {
        await using (var keeping = Program(years: 0))
        {
            await WriteAsync(keeping, 3);
            _time.Advance(TimeSpan.FromDays(3 * 366));
            Assert.Equal(0, await ArchiveAsync(keeping));
        }

        await using var program = Program();
        Assert.Equal(3, await ArchiveAsync(program));
        Assert.True(await VerifyAsync(program) is { IsWhole: true, Sealed: 4 });
        await WriteAsync(program, 2);
        Assert.True(await VerifyAsync(program) is { IsWhole: true, Sealed: 6 });
    }

    [Fact]
    public async Task KillBetweenArchiveAndRemoval_LeavesAWholeTrail_AndTheNextLookRemoves()
    {
        Assert.SkipWhen(_folder.IsPostgreSql, "Its trigger is written in SQLite's words.");
        await using var program = await OldAndNewAsync();
        await using (var db = _folder.CreateDbContext())
        {
            await db.ExecutePlainAsync(
                "CREATE TRIGGER held BEFORE DELETE ON Audit BEGIN SELECT RAISE(ABORT, 'killed'); END", Cancellation);
            await Assert.ThrowsAnyAsync<Exception>(() => ArchiveAsync(program));
            await db.ExecutePlainAsync("DROP TRIGGER held", Cancellation);
        }

        Assert.True(await VerifyAsync(program) is { IsWhole: true, Sealed: Old + Kept });
        await WriteAsync(program, 1);
        Assert.True(await VerifyAsync(program) is { IsWhole: true, Sealed: Old + Kept + 1 });
        Assert.Equal(Old, await ArchiveAsync(program));
        Assert.True(await VerifyAsync(program) is { IsWhole: true, Sealed: Old + Kept + 2 });
        Assert.Single(Files);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task EveryAlterationOfAnArchive_IsFound()
    {
        await using var program = await OldAndNewAsync();
        await ArchiveAsync(program);
        var (path, archive) = (Files.Single(), program.GetRequiredService<ArchiveAudit>());
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        for (var at = 0; at < bytes.Length; at += 11)
        {
            bytes[at] ^= 1;
            await File.WriteAllBytesAsync(path, bytes, Cancellation);
            Assert.True(await archive.VerifyAsync(path, Cancellation) is not null, $"Not found: byte {at}");
            bytes[at] ^= 1;
        }

        var lines = File.ReadAllLines(path);
        for (var i = 0; i < lines.Length; i++)
        {
            await File.WriteAllLinesAsync(path, lines.Where((_, at) => at != i), Cancellation);
            Assert.True(await archive.VerifyAsync(path, Cancellation) is not null, $"Not found: line {i} is gone");
        }
    }

    [Theory]
    [InlineData("DELETE FROM Audit WHERE Id = 21")]
    [InlineData("DELETE FROM Audit WHERE Id <= 23")]
    [InlineData("DELETE FROM Audit")]
    [InlineData("UPDATE Audit SET Detail = 'x' WHERE Id = 21")]
    public async Task TrailThatFollowsAnArchive_ShowsWhatIsDoneToIt(string sql)
    {
        await using var program = await OldAndNewAsync();
        await ArchiveAsync(program);
        await using var db = _folder.CreateDbContext();
        await db.ExecutePlainAsync(sql, Cancellation);

        Assert.False((await VerifyAsync(program)).IsWhole);

        await program.GetRequiredService<AuditTrail>().AcceptAsync("Looked into.", Cancellation);
        Assert.True((await VerifyAsync(program)).IsWhole);
    }

    [Fact]
    public async Task Anchor_ThatWasTakenAwayOrChanged_IsFound()
    {
        await using var program = await OldAndNewAsync();
        await ArchiveAsync(program);
        var path = Path.Combine(_folder.Data.Keys, "audit-anchors.json");
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);
        File.Delete(path);
        Assert.False((await VerifyAsync(program)).IsWhole);
        bytes[20] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancellation);
        Assert.False((await VerifyAsync(program)).IsWhole);

        await program.GetRequiredService<AuditTrail>().AcceptAsync("Looked into.", Cancellation);
        Assert.True((await VerifyAsync(program)).IsWhole);
    }

    [Fact]
    public async Task ArchiveThatCannotBeRead_RemovesNothing()
    {
        await using var program = await OldAndNewAsync();
        await using (var db = _folder.CreateDbContext())
        {
            // Its archive will not verify: the entry is not the one that was sealed.
            await db.ExecutePlainAsync("UPDATE Audit SET Detail = 'x' WHERE Id = 7", Cancellation);
        }

        Assert.Equal(0, await ArchiveAsync(program));

        Assert.Empty(Files);
        await using var after = _folder.CreateDbContext();
        Assert.Equal(Old + Kept, await after.Audit.CountAsync(Cancellation));
    }

    [Fact]
    public async Task Commands_ExportAndVerifyAnArchive()
    {
        await using var program = await OldAndNewAsync();
        await ArchiveAsync(program);
        var path = Path.Combine(_folder.Data.Root, "out.csv");

        Assert.Equal((0, "The archive is whole"), await RunAsync("verify", "--archive", Files.Single()));
        Assert.Equal(
            (0, "5 entries"),
            await RunAsync(
                "export", "--actor", "reader", "--from", "2025-01-01", "--to", "2030-01-01", "--action", "SignIn", "--format", "csv",
                "--out", path));
        Assert.Contains(
            ",reader,10.0.0.7,SignIn,Succeeded,", await File.ReadAllTextAsync(path, Cancellation), StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("export", "--out", path)).Code);
        Assert.Equal(2, (await RunAsync("export", "--from", "yesterday", "--out", path + "2")).Code);
        Assert.Equal(2, (await RunAsync("verify", "--archive", path + "2")).Code);

        async Task<(int Code, string Text)> RunAsync(params string[] args)
        {
            var output = new StringWriter();
            var code = await AuditCommands.RunAsync(program, ["audit", .. args], output);
            var text = output.ToString();
            return (code, text.StartsWith("The archive is whole", StringComparison.Ordinal) ? text[..20] : text[..9]);
        }
    }
}
