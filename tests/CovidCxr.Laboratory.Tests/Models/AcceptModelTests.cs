using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Engine.Serving;
using CovidCxr.Laboratory.Models;
using CovidCxr.Platform.Audit;
using CovidCxr.Testing;

namespace CovidCxr.Laboratory.Tests.Models;

/// <summary>What an administrator uploads is a version that serves nobody yet, or leaves nothing.</summary>
[Trait("Speed", "Slow")]
public sealed class AcceptModelTests : IAsyncDisposable
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    [Fact]
    public async Task RunAsync_AModelFile_RegistersItIdleAndTheSameAgainOnce()
    {
        var path = Path.Combine(_clinic.Folder.Data.Root, "uploaded.safetensors");
        TestModels.Write(path, seed: 4);
        var bytes = await File.ReadAllBytesAsync(path, Cancellation);

        foreach (var _ in Enumerable.Range(0, 2))
        {
            Assert.Equal(1, Assert.IsType<AcceptModelResult.Registered>(await AcceptAsync(bytes)).Number);
        }

        Assert.Null(_clinic.Get<ModelHost>().Current);
        Assert.Equal(1, await _clinic.CountAsync<ModelVersion>());
        Assert.Equal(
            TestClinic.Admin.UserId, (await _clinic.AuditAsync(AuditAction.ModelRegister)).Single(a => a.Detail == "version 1").UserId);
        AssertNothingIncoming();
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<AcceptModel>().RunAsync(new MemoryStream(bytes), TestClinic.Lead, Cancellation));
    }

    [Fact]
    public async Task RunAsync_WhatIsNoSuchModel_IsRefusedAndLeavesNothing()
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

        Assert.Equal(0, await _clinic.CountAsync<ModelVersion>());
        Assert.Equal(4, (await _clinic.AuditAsync(AuditAction.ModelRegister)).Count(a => a.Outcome == AuditOutcome.Refused));
        AssertNothingIncoming();
    }

    [Fact]
    public async Task RunAsync_AfterAProcessWasKilledAmidAnUpload_DeletesTheOldRemains()
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
}
