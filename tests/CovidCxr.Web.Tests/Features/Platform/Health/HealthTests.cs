using System.Net;
using CovidCxr.Domain.Models;
using CovidCxr.Engine.Serving;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using CovidCxr.Testing;
using CovidCxr.Web.Tests.Shared.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Features.Platform.Health;

/// <summary>What whoever watches from outside is told.</summary>
[Trait("Speed", "Slow")]
public sealed class HealthTests : IAsyncLifetime
{
    readonly ManualTime _time = new();
    Installation _installation = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync(_time);

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    async Task<(HttpStatusCode, string)> AskAsync(string path)
    {
        using var visitor = _installation.Visit();
        var answer = await visitor.GetAsync(path, "text/plain");
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Ready_WithoutAModelAndWithAQueueThatStands_NamesBoth()
    {
        Assert.Equal((HttpStatusCode.OK, "Degraded\nmodel: none is active, uploads wait for one"), await AskAsync("/health/ready"));
        await using (var db = await _installation.Services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>()
            .CreateDbContextAsync(Cancellation))
        {
            _installation.Services.GetRequiredService<JobQueue>().AddTo(db, "kind", "{}");
            // Nobody waits for a score in the shadow, whatever it lacks.
            db.Jobs.Add(new() { Kind = ShadowPeriod.JobKind, Payload = "{}", NotBefore = _time.GetUtcNow().AddHours(-1) });
            await db.SaveChangesAsync(Cancellation);
        }

        _time.Advance(TimeSpan.FromMinutes(16));

        Assert.Equal(
            (HttpStatusCode.OK, "Degraded\njobs: 1 wait, the oldest for 16 minutes\nmodel: none is active, uploads wait for one"),
            await AskAsync("/health"));
    }

    [Fact]
    public async Task Ready_WithAModel_IsHealthy()
    {
        await _installation.Services.GetRequiredService<ModelHost>().SwapAsync(TestModels.First, Cancellation);

        Assert.Equal((HttpStatusCode.OK, "Healthy"), await AskAsync("/health/ready"));
    }

    [Fact]
    public async Task DatabaseGone_IsAliveAndNotReady()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        foreach (var file in Directory.GetFiles(_installation.DataFolder, "covidcxr.db*"))
        {
            File.Delete(file);
        }

        var (status, words) = await AskAsync("/health/ready");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.StartsWith("Unhealthy\ndatabase: cannot be read", words, StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, "Healthy"), await AskAsync("/health/alive"));
    }
}
