using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Engine.Serving;
using CovidCxr.Laboratory.Models;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.Tests.Models;

/// <summary>Whatever happens, host and database name the same version.</summary>
public sealed class ActivateModelTests : IAsyncLifetime
{
    readonly Switch _commits = new();
    readonly TestClinic _clinic;
    Guid _first, _second;

    public ActivateModelTests() => _clinic = new(services: s => s.ConfigureDbContext<CovidCxrDbContext>(o => o.AddInterceptors(_commits)));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _first = await TestModels.ActivateAsync(_clinic, TestModels.First);
        _second = await TestModels.RegisterAsync(_clinic, TestModels.Second);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    sealed class Switch : DbTransactionInterceptor
    {
        readonly FailingCommit _failing = new();

        public bool Fails { get; set; }

        public override ValueTask<InterceptionResult> TransactionCommittingAsync(
            System.Data.Common.DbTransaction transaction, TransactionEventData eventData, InterceptionResult result,
            CancellationToken cancellationToken = default) =>
            Fails ? _failing.TransactionCommittingAsync(transaction, eventData, result, cancellationToken) : ValueTask.FromResult(result);
    }

    Task<string?> ActivateAsync(Guid version, Guid? expected) =>
        _clinic.Get<ActivateModel>().RunAsync(version, expected, TestClinic.Admin, Cancellation);

    async Task AssertActiveAsync(Guid expected)
    {
        await using var db = _clinic.Context();
        var active = await db.ModelVersions.SingleAsync(m => m.IsActive, Cancellation);
        Assert.Equal((expected, active.Sha256), (active.Id, _clinic.Get<ModelHost>().Current!.Value.Sha256));
    }

    [Fact]
    public async Task RunAsync_ExpectedActive_SwapsBoth()
    {
        Assert.Null(await ActivateAsync(_second, _first));

        await AssertActiveAsync(_second);
        Assert.Equal(
            ["version 1, tried on 3 drawn phantoms", "version 2, tried on 3 drawn phantoms"],
            (await _clinic.AuditAsync(AuditAction.ModelActivate)).Select(a => a.Detail));
    }

    [Fact]
    public async Task RunAsync_AnotherActiveThanExpected_ChangesNothing()
    {
        Assert.Contains("in the meantime", await ActivateAsync(_second, null), StringComparison.Ordinal);
        Assert.Contains("in the meantime", await ActivateAsync(_second, _second), StringComparison.Ordinal);
        Assert.Contains("no such version", await ActivateAsync(Guid.NewGuid(), _first), StringComparison.Ordinal);

        await AssertActiveAsync(_first);
        Assert.Equal(3, (await _clinic.AuditAsync(AuditAction.ModelActivate)).Count(a => a.Outcome == AuditOutcome.Refused));
    }

    [Fact]
    public async Task RunAsync_CommitFails_LeavesTheOldOneInBoth()
    {
        _commits.Fails = true;
        await Assert.ThrowsAnyAsync<Exception>(() => ActivateAsync(_second, _first));

        await AssertActiveAsync(_first);

        _commits.Fails = false;
        Assert.Null(await ActivateAsync(_second, _first));
        await AssertActiveAsync(_second);
    }

    [Fact]
    public async Task RunAsync_TwoAtOnce_LetsOneWin()
    {
        var answers = await Task.WhenAll(
            Task.Run(() => ActivateAsync(_second, _first), Cancellation), Task.Run(() => ActivateAsync(_second, _first), Cancellation));

        Assert.Single(answers, a => a is null);
        await AssertActiveAsync(_second);
    }

    [Fact]
    public async Task RunAsync_FileGoneOrDamaged_SaysSoAndKeepsTheOldOne()
    {
        await using (var db = _clinic.Context())
        {
            await File.WriteAllTextAsync(
                Path.Combine(_clinic.Folder.Data.Models, (await db.ModelVersions.SingleAsync(m => m.Id == _second, Cancellation)).FileKey),
                "no model", Cancellation);
        }

        Assert.NotNull(await ActivateAsync(_second, _first));

        await AssertActiveAsync(_first);
        Assert.Contains(
            await _clinic.AuditAsync(AuditAction.ModelActivate), a => a.Outcome == AuditOutcome.Failed && a.Detail == "version 2");
    }

    [Theory]
    [InlineData(0, "tried on 3 drawn phantoms")]
    [InlineData(2, "tried on 2 stored X-rays")]
    public async Task RunAsync_AModelThatSaysTheSameOfEveryFilm_IsRefusedInWords(int stored, string triedOn)
    {
        for (var seed = 1; seed <= stored; seed++)
        {
            await _clinic.UploadAsync(seed);
        }

        var path = Path.Combine(_clinic.Folder.Data.Root, "constant.safetensors");
        TestModels.Write(
            path, seed: 3, change: (name, tensor) => name == "fc.weight" ? tensor with { Data = new byte[tensor.Data.Length] } : tensor);
        var constant = await TestModels.RegisterAsync(_clinic, path);

        Assert.Equal(
            $"The model must not be put to work: {triedOn}, it gives every one of them the same answer.",
            await ActivateAsync(constant, _first));

        await AssertActiveAsync(_first);
        Assert.Contains(await _clinic.AuditAsync(AuditAction.ModelActivate), a =>
            a.Outcome == AuditOutcome.Failed && a.Detail == $"version 3, {triedOn}");
    }

    [Fact]
    public async Task RunAsync_AModelOfAnotherDisease_IsRefusedInWords()
    {
        var path = Path.Combine(_clinic.Folder.Data.Root, "tuberculosis.safetensors");
        TestModels.Write(path, seed: 6, positive: "Tuberculosis");
        var other = await TestModels.RegisterAsync(_clinic, path);

        var refusal = await ActivateAsync(other, _first);

        Assert.StartsWith(
            "The clinic reads for COVID-19, and this model looks for Tuberculosis: its answers cannot stand beside the readings.", refusal,
            StringComparison.Ordinal);
        await AssertActiveAsync(_first);
        Assert.Contains(await _clinic.AuditAsync(AuditAction.ModelActivate), a =>
            a.Outcome == AuditOutcome.Refused && a.Detail == "version 3");
        // Nor at a start, where it worked before.
        await using (var db = _clinic.Context())
        {
            await db.ModelVersions.Where(m => m.Id == _first).ExecuteUpdateAsync(s => s.SetProperty(m => m.IsActive, false), Cancellation);
            await db.ModelVersions.Where(m => m.Id == other).ExecuteUpdateAsync(s => s.SetProperty(m => m.IsActive, true), Cancellation);
        }

        Assert.Equal(refusal, await _clinic.Get<ActivateModel>().RunAsync(other, other, actor: null, Cancellation));
    }

    [Fact]
    public async Task ListAsync_OfVersions_SaysWhoTrainedRegisteredAndPromotedEach()
    {
        Assert.Null(await ActivateAsync(_second, _first));
        Assert.Null(await _clinic.Get<ActivateModel>().RunAsync(_second, _second, actor: null, Cancellation));
        await using (var db = _clinic.Context())
        {
            db.TrainingRuns.Add(new()
            {
                Number = 1,
                Name = "run",
                Architecture = "resnet18",
                Configuration = "{}",
                StartedByName = "trainer",
                ModelVersionId = _second
            });
            await db.SaveChangesAsync(Cancellation);
        }

        var models = await _clinic.Get<ListModels>().RunAsync(Cancellation);

        Assert.Equal(
            [("trainer", "admin", "admin"), (null, "admin", "admin")], models.Select(m => (m.TrainedBy, m.RegisteredBy, m.PromotedBy)));
        Assert.Equal("trainer", (await _clinic.Get<GetModelCard>().RunAsync(_second, Cancellation))!.TrainedBy);
        Assert.All(models, m => Assert.NotNull(m.PromotedAt));
    }

    [Fact]
    public async Task AcceptAsync_AModelFile_RegistersItIdleAndTheSameAgainOnce()
    {
        var path = Path.Combine(_clinic.Folder.Data.Root, "uploaded.safetensors");
        TestModels.Write(path, seed: 4);
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);

        foreach (var _ in Enumerable.Range(0, 2))
        {
            Assert.Equal(3, Assert.IsType<AcceptModelResult.Registered>(await AcceptAsync(bytes)).Number);
        }

        await AssertActiveAsync(_first);
        Assert.Equal(3, await _clinic.CountAsync<ModelVersion>());
        Assert.Equal(
            TestClinic.Admin.UserId, (await _clinic.AuditAsync(AuditAction.ModelRegister)).Single(a => a.Detail == "version 3").UserId);
        AssertNothingIncoming();
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<AcceptModel>().RunAsync(new MemoryStream(bytes), TestClinic.Lead, Cancellation));
    }

    [Fact]
    public async Task AcceptAsync_WhatIsNoSuchModel_IsRefusedAndLeavesNothing()
    {
        var path = Path.Combine(_clinic.Folder.Data.Root, "odd.safetensors");
        TestModels.Write(path, seed: 5, change: (name, tensor) =>
            name == "fc.weight" ? new(tensor.Type, [3, 512], new byte[3 * 512 * tensor.Data.Length / 1024]) : tensor);
        var odd = await File.ReadAllBytesAsync(path, Cancellation);

        var bounded = new AcceptModel(
            _clinic.Folder, _clinic.Folder.Data, _clinic.Get<ModelHost>(), _clinic.Get<RegisterModel>(), _clinic.Get<AuditLog>(),
            TimeProvider.System)
        { Limit = 1 << 20 };

        Assert.IsType<AcceptModelResult.Refused>(await AcceptAsync("no model"u8.ToArray()));
        Assert.IsType<AcceptModelResult.Refused>(await AcceptAsync(odd[..(odd.Length / 2)]));
        Assert.IsType<AcceptModelResult.Refused>(await AcceptAsync(odd));
        Assert.Contains(
            "larger than",
            Assert.IsType<AcceptModelResult.Refused>(await bounded.RunAsync(new Endless(), TestClinic.Admin, Cancellation)).Message,
            StringComparison.Ordinal);

        Assert.Equal(2, await _clinic.CountAsync<ModelVersion>());
        Assert.Equal(4, (await _clinic.AuditAsync(AuditAction.ModelRegister)).Count(a => a.Outcome == AuditOutcome.Refused));
        AssertNothingIncoming();
    }

    [Fact]
    public async Task AcceptAsync_AfterAProcessWasKilledAmidAnUpload_DeletesTheOldRemains()
    {
        var now = _clinic.Get<TimeProvider>().GetUtcNow().UtcDateTime;
        var incoming = Directory.CreateDirectory(Path.Combine(_clinic.Folder.Data.Models, "incoming"));
        var (old, running) = (incoming.CreateSubdirectory("old"), incoming.CreateSubdirectory("running"));
        await File.WriteAllTextAsync(Path.Combine(old.FullName, "model.safetensors"), "half a model", Cancellation);
        Directory.SetLastWriteTimeUtc(old.FullName, now.AddDays(-1).AddMinutes(-1));
        Directory.SetLastWriteTimeUtc(running.FullName, now.AddHours(-1));

        await AcceptAsync("no model"u8.ToArray());

        Assert.Equal("running", Assert.Single(incoming.EnumerateDirectories()).Name);
    }

    Task<AcceptModelResult> AcceptAsync(byte[] bytes) =>
        _clinic.Get<AcceptModel>().RunAsync(new MemoryStream(bytes), TestClinic.Admin, Cancellation);

    void AssertNothingIncoming() =>
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_clinic.Folder.Data.Models, "incoming")));

    /// <summary>Zeros without end.</summary>
    sealed class Endless : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(buffer.Length);
    }

    [Fact]
    public async Task RegisterAsync_SameFileAgain_IsTheVersionThatItWas()
    {
        Assert.Equal(_second, await TestModels.RegisterAsync(_clinic, TestModels.Second));

        Assert.Equal(2, await _clinic.CountAsync<ModelVersion>());
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<RegisterModel>().RunAsync(TestModels.First, TestClinic.Lead, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<ActivateModel>().RunAsync(_second, _first, TestClinic.Reader, Cancellation));
    }
}
