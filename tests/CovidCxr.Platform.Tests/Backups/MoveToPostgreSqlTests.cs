using System.Data.Common;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Storage.Backups;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace CovidCxr.Platform.Tests.Backups;

/// <summary>An installation on SQLite that goes on on PostgreSQL, in the same data folder.</summary>
public sealed class MoveToPostgreSqlTests : IAsyncDisposable
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public MoveToPostgreSqlTests()
    {
        Assert.SkipWhen(PostgreSqlServer.IsChosen, "It begins on SQLite.");
        Assert.SkipWhen(PostgreSqlServer.Missing is not null, PostgreSqlServer.Missing ?? "");
        PostgreSqlServer.Create(_clinic.Folder.Data, isMigrated: false);
    }

    public async ValueTask DisposeAsync()
    {
        if (!PostgreSqlServer.IsChosen && PostgreSqlServer.Missing is null)
        {
            PostgreSqlServer.Drop(_clinic.Folder.Data);
        }

        await _clinic.DisposeAsync();
    }

    MoveToPostgreSql Move() => new(new Target(_clinic.Folder.Data), _clinic.Folder.Data, TimeProvider.System);

    async Task FillAsync()
    {
        for (var seed = 1; seed <= 3; seed++)
        {
            var study = await _clinic.UploadAsync(seed, $"p-{seed}");
            await _clinic.PredictAsync(study, 0.1 * seed);
        }

        await using (var db = _clinic.Context())
        {
            var note = new TherapyNote
            {
                PatientNumber = "p-2",
                From = new(2026, 2, 1),
                Until = new(2026, 2, 3),
                Text = "Oxygen",
                CreatedByName = "lead",
            };
            note.Strike("It was another patient's", TestClinic.Lead, _clinic.Time.GetUtcNow());
            db.AddRange(note, new TherapyNoteMove { NoteId = note.Id, Before = "p-1", After = "p-2" });
            await db.SaveChangesAsync(Cancellation);
        }

        await _clinic.Get<AuditTrail>().SealAsync(Cancellation);
    }

    [Fact]
    public async Task RunAsync_Installation_IsTheSameThere_AndGoesOn()
    {
        await FillAsync();
        // A row that is gone: its number is not given again.
        await using (var db = _clinic.Context())
        {
            db.Audit.Add(new AuditEntry { Detail = "gone" });
            await db.SaveChangesAsync(Cancellation);
            await db.Audit.Where(a => a.Detail == "gone").ExecuteDeleteAsync(Cancellation);
        }

        var file = await FileAsync();

        var moved = await Move().RunAsync(Cancellation);

        Assert.Equal(3, moved.Single(t => t.Name == "Studies").Rows);
        Assert.Equal(5, moved.Single(t => t.Name == "AspNetUsers").Rows);
        Assert.Equal(file, await FileAsync());
        await using var there = new Target(_clinic.Folder.Data).CreateDbContext();
        await using var here = _clinic.Context();
        Assert.Equal(
            await here.Studies.OrderBy(s => s.Id).Select(s => new { s.Id, s.PatientNumber, s.ReceivedAt, s.Probability }).ToListAsync(
                Cancellation),
            await there.Studies.OrderBy(s => s.Id).Select(s => new { s.Id, s.PatientNumber, s.ReceivedAt, s.Probability }).ToListAsync(
                Cancellation));
        var note = await there.TherapyNotes.SingleAsync(Cancellation);
        Assert.Equal(
            ("p-2", new(2026, 2, 1), new(2026, 2, 3), "Oxygen", _clinic.Time.GetUtcNow()),
            (note.PatientNumber, note.From, note.Until, note.Text, note.StruckAt));
        Assert.Equal(note.Id, (await there.TherapyNoteMoves.SingleAsync(Cancellation)).NoteId);
        await using var program = TestClinic.Build(
            _clinic.Folder.Data.Root, _clinic.Time, settings:
            [("Storage:Provider", "PostgreSql"), ("Storage:ConnectionString", PostgreSqlServer.Of(_clinic.Folder.Data).ConnectionString)]);
        var trail = (AuditTrail)program.GetService(typeof(AuditTrail))!;
        Assert.True((await trail.VerifyAsync(Cancellation)).IsWhole);
        await ((AuditLog)program.GetService(typeof(AuditLog))!).RecordAsync(null, AuditAction.SignIn, AuditOutcome.Failed);
        await trail.SealAsync(Cancellation);
        Assert.True((await trail.VerifyAsync(Cancellation)).IsWhole);
        Assert.Equal(await here.Audit.MaxAsync(a => a.Id, Cancellation) + 2, await there.Audit.MaxAsync(a => a.Id, Cancellation));
    }

    [Fact]
    public async Task RunAsync_Twice_RefusesWhatIsNotEmpty()
    {
        await FillAsync();
        await Move().RunAsync(Cancellation);

        var refused = await Assert.ThrowsAsync<MoveException>(() => Move().RunAsync(Cancellation));

        Assert.Contains("holds rows already", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_SomebodyWritesMeanwhile_MovesNothing()
    {
        await FillAsync();
        var writing = new Meanwhile(async () =>
        {
            await using var db = _clinic.Context();
            db.Audit.Add(new AuditEntry { Detail = "late" });
            await db.SaveChangesAsync(Cancellation);
        });

        var refused = await Assert.ThrowsAsync<MoveException>(() =>
            new MoveToPostgreSql(new Target(_clinic.Folder.Data, writing), _clinic.Folder.Data, TimeProvider.System)
                .RunAsync(Cancellation));

        Assert.Contains("Somebody wrote", refused.Message, StringComparison.Ordinal);
        await AssertNothingThereAsync();
        await Move().RunAsync(Cancellation);
    }

    [Fact]
    public async Task RunAsync_ConnectionCutHalfWay_LeavesNothing_AndMovesAgain()
    {
        await FillAsync();
        // What the server sees of a program that is killed.
        var cut = new Meanwhile(async () =>
        {
            await using var other = new Target(_clinic.Folder.Data).CreateDbContext();
            await other.Database.ExecuteSqlRawAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted", Cancellation);
        });

        await Assert.ThrowsAnyAsync<Exception>(() =>
            new MoveToPostgreSql(new Target(_clinic.Folder.Data, cut), _clinic.Folder.Data, TimeProvider.System).RunAsync(Cancellation));

        await AssertNothingThereAsync();
        await Move().RunAsync(Cancellation);
    }

    [Fact]
    public void Model_HasNoValueThatAnObjectDoesNotHold()
    {
        using var db = _clinic.Context();

        Assert.DoesNotContain(
            db.Model.GetEntityTypes().Where(t => !t.IsOwned()).SelectMany(t => t.GetProperties()), p => p.IsShadowProperty());
    }

    async Task AssertNothingThereAsync()
    {
        await using var there = new Target(_clinic.Folder.Data).CreateDbContext();
        Assert.Equal(0, await there.Users.CountAsync(Cancellation) + await there.Studies.CountAsync(Cancellation));
    }

    Task<byte[]> FileAsync() => File.ReadAllBytesAsync(_clinic.Folder.Data.Database, Cancellation);

    sealed class Target(DataFolder folder, params IInterceptor[] interceptors) : IDbContextFactory<CovidCxrDbContext>
    {
        public CovidCxrDbContext CreateDbContext()
        {
            var options = new DbContextOptionsBuilder<CovidCxrDbContext>();
            StorageRegistration.Configure(options, PostgreSqlServer.Of(folder), folder).AddInterceptors(interceptors);
            return CovidCxrDbContext.Open(options.Options);
        }
    }

    /// <summary>Does something once studies go over.</summary>
    sealed class Meanwhile(Func<Task> act) : DbCommandInterceptor
    {
        bool _isDone;

        public override async ValueTask<DbDataReader> ReaderExecutedAsync(
            DbCommand command, CommandExecutedEventData eventData, DbDataReader result, CancellationToken cancellationToken = default)
        {
            if (!_isDone && command.CommandText.Contains("INSERT INTO \"Studies\"", StringComparison.Ordinal))
            {
                _isDone = true;
                await act();
            }

            return result;
        }
    }
}
