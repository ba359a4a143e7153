using System.Data;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace CovidCxr.Storage.Tests;

/// <summary>What PostgreSQL does otherwise than SQLite by itself, and must not do here.</summary>
public sealed class PostgreSqlTests : IDisposable
{
    static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(300), Patience = TimeSpan.FromSeconds(20);

    readonly TestFolder _folder = new(isPostgreSql: true, isMigrated: true);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Orders_OfTextAndNulls_AreThoseOfSqlite()
    {
        using var sqlite = new TestFolder(isPostgreSql: false, isMigrated: true);
        string?[] numbers = ["b-2", null, "B-1", "a_1", "A-2", "Ä-1", "_", "10", "9", null, "z", "Z1"];
        foreach (var folder in new[] { _folder, sqlite })
        {
            await using var db = folder.CreateDbContext();
            db.Studies.AddRange(numbers.Select((number, i) => new Study
            {
                Id = TestClinic.Numbered(i),
                PatientNumber = number,
                AccessionNumber = number,
                AgeYears = i % 3 == 0 ? null : 90 - i,
                Probability = i % 4 == 0 ? null : 1.0 / i,
                PixelHash = $"{i}",
                ImageKey = "k",
            }));
            await db.SaveChangesAsync(Cancellation);
        }

        foreach (var sort in new Func<IQueryable<Study>, IOrderedQueryable<Study>>[]
        {
            s => s.OrderBy(x => x.PatientNumber).ThenBy(x => x.Id),
            s => s.OrderByDescending(x => x.PatientNumber).ThenByDescending(x => x.Id),
            s => s.OrderBy(x => x.AccessionNumber).ThenBy(x => x.Id), s => s.OrderByDescending(x => x.AccessionNumber).ThenBy(x => x.Id),
            s => s.OrderBy(x => x.AgeYears).ThenBy(x => x.Id), s => s.OrderByDescending(x => x.AgeYears).ThenByDescending(x => x.Id),
            s => s.OrderBy(x => x.Probability).ThenBy(x => x.Id), s => s.OrderByDescending(x => x.Probability).ThenByDescending(x => x.Id),
        })
        {
            await using var one = _folder.CreateDbContext();
            await using var other = sqlite.CreateDbContext();
            Assert.Equal(
                await sort(other.Studies).Select(s => s.Id).ToListAsync(Cancellation),
                await sort(one.Studies).Select(s => s.Id).ToListAsync(Cancellation));
        }
    }

    [Fact]
    public async Task PatientNumber_OfOtherCase_IsTheSame_AndAnAccessionNumberIsNot()
    {
        await AddAsync(new Study { PatientNumber = "Ab-1", AccessionNumber = "Ab-1", PixelHash = "1", ImageKey = "k" });
        await AddAsync(new TherapyNote { PatientNumber = "Ab-1", Text = "Oxygen", CreatedByName = "lead" });
        await using var db = _folder.CreateDbContext();
        string[] asked = ["aB-1"];

        Assert.True(await db.Studies.AnyAsync(s => s.PatientNumber == asked[0], Cancellation));
        Assert.True(await db.Studies.AnyAsync(s => asked.Contains(s.PatientNumber), Cancellation));
        Assert.True(await db.TherapyNotes.AnyAsync(n => n.PatientNumber == asked[0], Cancellation));
        Assert.False(await db.Studies.AnyAsync(s => s.AccessionNumber == asked[0], Cancellation));
    }

    [Fact]
    public async Task Text_LongerThanItsRule_IsKept()
    {
        await AddAsync(new Study { PatientNumber = new('9', 500), PixelHash = "1", ImageKey = "k" });
        await using var db = _folder.CreateDbContext();

        Assert.Equal(500, (await db.Studies.SingleAsync(Cancellation)).PatientNumber!.Length);
    }

    [Fact]
    public async Task Writers_LookAndThenWrite_NeverFromTheSame()
    {
        await AddAsync(Rows.Model(1, isActive: true));
        await using var first = _folder.CreateDbContext();
        var model = (await first.ModelVersions.SingleAsync(Cancellation)).Id;

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Task.Run(
            async () =>
            {
                for (var i = 0; i < 10; i++)
                {
                    await using var db = _folder.CreateDbContext();
                    await using var transaction = await db.Database.BeginTransactionAsync(Cancellation);
                    var number = (await db.ModelPeriods.MaxAsync(p => (int?)p.Number, Cancellation) ?? 0) + 1;
                    db.ModelPeriods.Add(new ModelPeriod { Number = number, ModelVersionId = model, StartedByName = "a" });
                    await db.SaveChangesAsync(Cancellation);
                    await transaction.CommitAsync(Cancellation);
                }
            },
            Cancellation)));

        Assert.Equal(
            Enumerable.Range(1, 60), await first.ModelPeriods.OrderBy(p => p.Number).Select(p => p.Number).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task LoneStatements_WaitForAWriter_AndReadersDoNot()
    {
        await AddAsync(Rows.Study("a"));
        await using var writer = _folder.CreateDbContext();
        var transaction = await writer.Database.BeginTransactionAsync(Cancellation);
        Task[] waiting =
        [
            InTurnAsync(db => db.Studies.ExecuteUpdateAsync(s => s.SetProperty(x => x.ReadCount, 1), Cancellation)),
            InTurnAsync(db => db.Disclosures.ExecuteDeleteAsync(Cancellation)),
            InTurnAsync(async db =>
            {
                db.Add(Rows.Study("b"));
                await db.SaveChangesAsync(Cancellation);
            }),
            InTurnAsync(db => db.Database.ExecuteSqlAsync($"UPDATE \"Studies\" SET \"AgeYears\" = 7", Cancellation)),
        ];

        await InTurnAsync(async db =>
        {
            await using var reading = await db.BeginReadAsync(Cancellation);
            Assert.Equal(0, (await db.Studies.SingleAsync(Cancellation)).ReadCount);
        }).WaitAsync(Patience, Cancellation);
        await Task.Delay(Moment, Cancellation);
        Assert.All(waiting, w => Assert.False(w.IsCompleted));

        await transaction.CommitAsync(Cancellation);
        await Task.WhenAll(waiting).WaitAsync(Patience, Cancellation);
        await using var after = _folder.CreateDbContext();
        Assert.Equal(7, (await after.Studies.SingleAsync(s => s.PixelHash == "a", Cancellation)).AgeYears);
    }

    [Fact]
    public async Task Writer_ThatIsGone_HoldsNobodyUp()
    {
        await using (var writer = _folder.CreateDbContext())
        {
            await writer.Database.BeginTransactionAsync(Cancellation);
            await using var other = _folder.CreateDbContext();
            // As a program that is killed, or the server's clean-up of one that hangs.
            await other.Database.ExecuteSqlRawAsync(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted", Cancellation);
        }

        await AddAsync(Rows.Study("a")).WaitAsync(Patience, Cancellation);
    }

    [Fact]
    public async Task Snapshot_OfAReader_SeesOneStateAlone()
    {
        await AddAsync(Rows.Study("a"));
        await using var db = _folder.CreateDbContext();
        await using var reading = await db.BeginReadAsync(Cancellation);
        Assert.Equal(1, await db.Studies.CountAsync(Cancellation));

        await AddAsync(Rows.Study("b"));

        Assert.Equal(1, await db.Studies.CountAsync(Cancellation));
        Assert.Equal(IsolationLevel.RepeatableRead, db.Database.CurrentTransaction!.GetDbTransaction().IsolationLevel);
    }

    [Fact]
    public async Task IsConstraint_RowsThatAreRefused_AndServersThatAreGone_AreTold()
    {
        await AddAsync(Rows.Study("a"));
        var known = await Record.ExceptionAsync(() => AddAsync(Rows.Study("a")));
        var orphan = await Record.ExceptionAsync(
            () => AddAsync(Rows.Reading(Guid.NewGuid(), Guid.NewGuid(), Domain.Readings.ReadingStage.Blind)));
        using var nowhere = new Nowhere();
        var gone = await Record.ExceptionAsync(() => nowhere.Context.Studies.AnyAsync(Cancellation));

        Assert.True(DatabaseErrors.IsConstraint(known!));
        Assert.True(DatabaseErrors.IsConstraint(orphan!));
        Assert.IsType<System.Data.Common.DbException>(gone, exactMatch: false);
        Assert.False(DatabaseErrors.IsConstraint(gone!));
    }

    /// <summary>A server's details of an error quote the row.</summary>
    [Fact]
    public async Task Refusal_OfARow_NamesNoPatient()
    {
        static Study Secret() => new() { PatientNumber = "SECRET-1", PixelHash = "SECRET-2", ImageKey = "k" };
        await AddAsync(Secret());
        var refused = await Record.ExceptionAsync(() => AddAsync(Secret()));

        Assert.DoesNotContain("SECRET", refused!.ToString(), StringComparison.Ordinal);
    }

    sealed class Nowhere : IDisposable
    {
        public Nowhere()
        {
            var options = new DbContextOptionsBuilder<CovidCxrDbContext>();
            StorageRegistration.Configure(
                options,
                new()
                {
                    Provider = StorageProvider.PostgreSql,
                    ConnectionString = "Host=/nowhere;Database=none;Username=none;Password=SECRET",
                },
                new DataFolder(Folder));
            Context = CovidCxrDbContext.Open(options.Options);
        }

        static string Folder { get; } = Directory.CreateTempSubdirectory("covidcxr-test-").FullName;

        public CovidCxrDbContext Context { get; }

        public void Dispose() => Context.Dispose();
    }

    async Task InTurnAsync(Func<CovidCxrDbContext, Task> use)
    {
        await using var db = _folder.CreateDbContext();
        await use(db);
    }

    Task AddAsync(params object[] rows) => InTurnAsync(async db =>
    {
        db.AddRange(rows);
        await db.SaveChangesAsync(Cancellation);
    });
}
