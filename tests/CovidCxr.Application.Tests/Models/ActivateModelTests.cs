using CovidCxr.Application.Accounts;
using CovidCxr.Application.Models;
using CovidCxr.Application.Tests.Studies;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Learning.Serving;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Application.Tests.Models;

/// <summary>Whatever happens, host and database name the same version.</summary>
public sealed class ActivateModelTests : IAsyncLifetime
{
    readonly Switch commits = new();
    readonly Clinic clinic;
    Guid first, second;

    public ActivateModelTests() => clinic = new(services: s => s.ConfigureDbContext<CovidCxrDbContext>(o => o.AddInterceptors(commits)));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        first = await TestModels.ActivateAsync(clinic, TestModels.First);
        second = await TestModels.RegisterAsync(clinic, TestModels.Second);
    }

    public ValueTask DisposeAsync() => clinic.DisposeAsync();

    sealed class Switch : DbTransactionInterceptor
    {
        readonly FailingCommit failing = new();

        public bool Fails { get; set; }

        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            System.Data.Common.DbTransaction transaction, TransactionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
            Fails ? failing.TransactionCommittingAsync(transaction, eventData, result, cancellationToken) : ValueTask.FromResult(result);
    }

    Task<string?> ActivateAsync(Guid version, Guid? expected) => clinic.Get<ActivateModel>().RunAsync(version, expected, Clinic.Admin, Cancellation);

    async Task AssertActiveAsync(Guid expected)
    {
        await using var db = clinic.Context();
        var active = await db.ModelVersions.SingleAsync(m => m.IsActive, Cancellation);
        Assert.Equal((expected, active.Sha256), (active.Id, clinic.Get<ModelHost>().Current!.Value.Sha256));
    }

    [Fact]
    public async Task RunAsync_ExpectedActive_SwapsBoth()
    {
        Assert.Null(await ActivateAsync(second, first));

        await AssertActiveAsync(second);
        Assert.Equal(["version 1", "version 2"], (await clinic.AuditAsync(AuditAction.ModelActivate)).Select(a => a.Detail));
    }

    [Fact]
    public async Task RunAsync_AnotherActiveThanExpected_ChangesNothing()
    {
        Assert.Contains("in the meantime", await ActivateAsync(second, null), StringComparison.Ordinal);
        Assert.Contains("in the meantime", await ActivateAsync(second, second), StringComparison.Ordinal);
        Assert.Contains("no such version", await ActivateAsync(Guid.NewGuid(), first), StringComparison.Ordinal);

        await AssertActiveAsync(first);
        Assert.Equal(3, (await clinic.AuditAsync(AuditAction.ModelActivate)).Count(a => a.Outcome == AuditOutcome.Refused));
    }

    [Fact]
    public async Task RunAsync_CommitFails_LeavesTheOldOneInBoth()
    {
        commits.Fails = true;
        await Assert.ThrowsAnyAsync<Exception>(() => ActivateAsync(second, first));

        await AssertActiveAsync(first);

        commits.Fails = false;
        Assert.Null(await ActivateAsync(second, first));
        await AssertActiveAsync(second);
    }

    [Fact]
    public async Task RunAsync_TwoAtOnce_LetsOneWin()
    {
        var answers = await Task.WhenAll(Task.Run(() => ActivateAsync(second, first), Cancellation), Task.Run(() => ActivateAsync(second, first), Cancellation));

        Assert.Single(answers, a => a is null);
        await AssertActiveAsync(second);
    }

    [Fact]
    public async Task RunAsync_FileGoneOrDamaged_SaysSoAndKeepsTheOldOne()
    {
        await using (var db = clinic.Context())
        {
            await File.WriteAllTextAsync(Path.Combine(clinic.Folder.Data.Models, (await db.ModelVersions.SingleAsync(m => m.Id == second, Cancellation)).FileKey), "no model", Cancellation);
        }

        Assert.NotNull(await ActivateAsync(second, first));

        await AssertActiveAsync(first);
        Assert.Contains(await clinic.AuditAsync(AuditAction.ModelActivate), a => a.Outcome == AuditOutcome.Failed && a.Detail == "version 2");
    }

    [Fact]
    public async Task RegisterAsync_SameFileAgain_IsTheVersionThatItWas()
    {
        Assert.Equal(second, await TestModels.RegisterAsync(clinic, TestModels.Second));

        Assert.Equal(2, await clinic.CountAsync<ModelVersion>());
        await Assert.ThrowsAsync<AccessRefusedException>(() => clinic.Get<RegisterModel>().RunAsync(TestModels.First, Clinic.Lead, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => clinic.Get<ActivateModel>().RunAsync(second, first, Clinic.Reader, Cancellation));
    }
}
