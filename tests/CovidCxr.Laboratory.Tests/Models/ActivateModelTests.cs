using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Laboratory.Models;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.Tests.Models;

/// <summary>Whatever happens, host and database name the same version.</summary>
[Trait("Speed", "Slow")]
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
    [InlineData(2, "tried on 2 stored X-rays and 3 drawn phantoms")]
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
    public async Task RunAsync_NewestFilmsAllAlike_IsTriedOnThePhantomsToo()
    {
        // Other pixels, and the same film to any model: one step of grey in one corner.
        for (var i = 0; i < 4; i++)
        {
            var film = PhantomDrawer.Draw(PhantomKind.Clear, seed: 1, size: 64, bits: 16);
            film.Samples[0] = (ushort)i;
            Assert.IsType<ImportStudyResult.Imported>(
                await _clinic.Get<ImportStudy>().RunAsync(PngEncoder.Encode(film), new(), TestClinic.Reader, Cancellation));
        }

        Assert.Null(await ActivateAsync(_second, _first));

        await AssertActiveAsync(_second);
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

        var models = await _clinic.Get<ListModels>().RunAsync(actor: null, Cancellation);

        Assert.Equal(
            [("trainer", "admin", "admin"), (null, "admin", "admin")], models.Select(m => (m.TrainedBy, m.RegisteredBy, m.PromotedBy)));
        Assert.Equal("trainer", (await _clinic.Get<GetModelCard>().RunAsync(_second, TestClinic.Reader, Cancellation))!.TrainedBy);
        Assert.All(models, m => Assert.NotNull(m.PromotedAt));
    }

    [Fact]
    public async Task RunAsync_OfNoAdministrator_IsRefused() => await Assert.ThrowsAsync<AccessRefusedException>(
        () => _clinic.Get<ActivateModel>().RunAsync(_second, _first, TestClinic.Reader, Cancellation));
}
