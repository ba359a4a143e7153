using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Storage.Tests;

/// <summary>On the database that the tests run on: SQLite, unless a variable says otherwise.</summary>
public sealed class CovidCxrDbContextTests() : DatabaseTests(new())
{
    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", "2")]
    [InlineData("foreign_keys", "1")]
    [InlineData("busy_timeout", "30000")]
    public async Task Connection_OfEveryContext_IsDurableAndPatient(string pragma, string expected)
    {
        Assert.SkipWhen(Folder.IsPostgreSql, "PostgreSQL has no pragmas.");
        // Twice, because a pooled connection comes back with its own settings.
        for (var i = 0; i < 2; i++)
        {
            await using var db = Folder.CreateDbContext();
            await db.Database.OpenConnectionAsync(Cancellation);
            await using var command = db.Database.GetDbConnection().CreateCommand();
            command.CommandText = $"PRAGMA {pragma};";

            Assert.Equal(expected, (await command.ExecuteScalarAsync(Cancellation))!.ToString());
        }
    }
}

/// <summary>The same on PostgreSQL, where there is one.</summary>
public sealed class PostgreSqlDbContextTests() : DatabaseTests(new(isPostgreSql: true, isMigrated: true));

/// <summary>What the database itself refuses, and how it keeps values.</summary>
public abstract class DatabaseTests(TestFolder folder) : IDisposable
{
    static readonly Guid Reader = Guid.Parse("00000000-0000-0000-0000-00000000000a");

    protected static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    protected TestFolder Folder { get; } = folder;

    public void Dispose()
    {
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    async Task AddAsync(params object[] rows)
    {
        await using var db = Folder.CreateDbContext();
        db.AddRange(rows);
        await db.SaveChangesAsync(Cancellation);
    }

    async Task<bool> IsRefusedAsync(params object[] rows) => await Record.ExceptionAsync(() => AddAsync(rows)) is DbUpdateException;

    [Fact]
    public async Task Study_WithKnownPixels_IsRefused()
    {
        await AddAsync(Rows.Study("same"));

        Assert.True(await IsRefusedAsync(Rows.Study("same")));
    }

    [Fact]
    public async Task ModelVersion_SecondActive_IsRefused()
    {
        await AddAsync(Rows.Model(1, isActive: true), Rows.Model(2, isActive: false));

        Assert.True(await IsRefusedAsync(Rows.Model(3, isActive: true)));
    }

    [Fact]
    public async Task Reading_SecondOfAStage_IsRefusedUnlessItCorrects()
    {
        var study = Rows.Study("a");
        var first = Rows.Reading(study.Id, Reader, ReadingStage.Final);
        await AddAsync(study, first);

        Assert.True(await IsRefusedAsync(Rows.Reading(study.Id, Reader, ReadingStage.Final)));
        Assert.False(await IsRefusedAsync(Rows.Reading(study.Id, Reader, ReadingStage.Final, first.Id)));
        Assert.True(await IsRefusedAsync(Rows.Reading(study.Id, Reader, ReadingStage.Final, first.Id)));
        Assert.False(await IsRefusedAsync(Rows.Reading(study.Id, Guid.NewGuid(), ReadingStage.Final)));
    }

    [Fact]
    public async Task Reading_OfNoStudy_IsRefused() =>
        Assert.True(await IsRefusedAsync(Rows.Reading(Guid.NewGuid(), Reader, ReadingStage.Blind)));

    [Fact]
    public async Task Times_OfDifferentOffsets_SortAsInstantsAndComeBackInUtc()
    {
        var late = new Study { PixelHash = "late", ImageKey = "0", ReceivedAt = new(2026, 3, 2, 9, 0, 0, TimeSpan.FromHours(-5)) };
        var early = new Study { PixelHash = "early", ImageKey = "0", ReceivedAt = new(2026, 3, 2, 12, 0, 0, TimeSpan.FromHours(5)) };
        await AddAsync(late, early);

        await using var db = Folder.CreateDbContext();
        var times = await db.Studies.OrderBy(s => s.ReceivedAt).Select(s => s.ReceivedAt).ToListAsync(Cancellation);

        Assert.Equal([early.ReceivedAt, late.ReceivedAt], times);
        Assert.All(times, t => Assert.Equal(TimeSpan.Zero, t.Offset));
    }

    [Fact]
    public async Task Prediction_StoredAndRead_IsTheSame()
    {
        var (study, model) = (Rows.Study("a"), Rows.Model(1, isActive: true));
        var prediction = new Prediction
        {
            StudyId = study.Id,
            ModelVersionId = model.Id,
            Classes = ["COVID-19", "Käse \"x\""],
            Probabilities = [0.1, 1 / 3d],
            Device = "cpu",
            HeatMaps = [1, 2, 3],
            Elapsed = TimeSpan.FromTicks(1234567),
        };
        await AddAsync(study, model, prediction);

        await using var db = Folder.CreateDbContext();
        var read = await db.Predictions.SingleAsync(Cancellation);

        Assert.Equal(prediction.Classes, read.Classes);
        Assert.Equal(prediction.Probabilities, read.Probabilities);
        Assert.Equal(prediction.HeatMaps, read.HeatMaps);
        Assert.Equal(prediction.Elapsed, read.Elapsed);
    }
}
