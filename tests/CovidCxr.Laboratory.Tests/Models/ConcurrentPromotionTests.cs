using System.Collections.Concurrent;
using CovidCxr.Domain.Audit;
using CovidCxr.Engine.Serving;
using CovidCxr.Laboratory.Models;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.Models;

/// <summary>Many administrators at once: one wins, the others are told, and every attempt stands in the trail.</summary>
[Trait("Speed", "Slow")]
public sealed class ConcurrentPromotionTests : IAsyncLifetime
{
    const int Attempts = 100;

    readonly TestClinic _clinic = new(isReal: true);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    [Fact]
    public async Task Activate_AHundredPromotionsAndRollBacks_LeaveOneActiveAndAWholeTrail()
    {
        Guid[] versions =
        [
            await TestModels.ActivateAsync(_clinic, TestModels.First), await TestModels.RegisterAsync(_clinic, TestModels.Second),
        ];
        var answers = new ConcurrentBag<string?>();

        await Parallel.ForAsync(0, Attempts, new ParallelOptions { MaxDegreeOfParallelism = Attempts }, async (i, _) =>
        {
            await Task.Yield();
            var active = await ActiveAsync();
            if (i % 2 == 0)
            {
                answers.Add(await _clinic.Get<RollBackModel>().RunAsync(active, TestClinic.Admin, Cancellation));
                return;
            }

            // A version that was withdrawn is signed anew by whoever wants it back.
            var wanted = versions.Single(v => v != active);
            await TestModels.AcceptAsync(_clinic, wanted, null, TestClinic.Admin);
            answers.Add(await _clinic.Get<ActivateModel>().RunAsync(wanted, active, TestClinic.Admin, Cancellation));
        });

        await using var db = _clinic.Context();
        var last = Assert.Single(await db.ModelVersions.Where(m => m.IsActive).ToListAsync(Cancellation));
        Assert.Equal(last.Sha256, _clinic.Get<ModelHost>().Current!.Value.Sha256);
        var periods = await db.ModelPeriods.OrderBy(p => p.Number).ToListAsync(Cancellation);
        Assert.Equal(Enumerable.Range(1, periods.Count), periods.Select(p => p.Number));
        Assert.Equal(last.Id, Assert.Single(periods, p => p.Until is null).ModelVersionId);
        Assert.All(periods.Zip(periods.Skip(1)), p =>
        {
            Assert.Equal(p.First.Until, p.Second.From);
            Assert.NotEqual(p.First.ModelVersionId, p.Second.ModelVersionId);
            Assert.Equal(p.First.IsWithdrawn, p.Second.IsRollBack);
        });
        var trail = await _clinic.AuditAsync(AuditAction.ModelActivate);
        Assert.Equal((Attempts, Attempts + 1), (answers.Count, trail.Count));
        Assert.Equal(periods.Count, trail.Count(a => a.Outcome == AuditOutcome.Succeeded));
        Assert.Equal(periods.Count, answers.Count(a => a is null) + 1);
        Assert.True(periods.Count > 1, "Nobody won.");
    }

    async Task<Guid> ActiveAsync()
    {
        await using var db = _clinic.Context();
        return await db.ModelVersions.Where(m => m.IsActive).Select(m => m.Id).SingleAsync(Cancellation);
    }
}
