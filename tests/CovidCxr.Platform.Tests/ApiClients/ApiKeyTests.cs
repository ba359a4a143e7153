using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Platform.ApiClients;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Tests.ApiClients;

/// <summary>Keys of other programs: made, shown once, checked, revoked.</summary>
public sealed class ApiKeyTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    Task<CreateApiClientResult> CreateAsync(
        string name = "PACS bridge", int days = 30, Actor? actor = null, params string[] scopes) =>
        _clinic.Get<CreateApiClient>().RunAsync(
            name, scopes.Length == 0 ? [ApiScope.ReadStudies] : scopes, days, actor ?? TestClinic.Admin, Cancellation);

    Task<ApiClient?> CheckAsync(string key) => _clinic.Get<CheckApiKey>().RunAsync(key, Cancellation);

    [Fact]
    public async Task Key_OpensUntilItExpires_AndSaysWhenItWasUsed()
    {
        var key = (await CreateAsync(scopes: [ApiScope.ReadModels, ApiScope.ReadStudies])).Key!;
        Assert.Equal([ApiScope.ReadStudies, ApiScope.ReadModels], (await CheckAsync(key))!.Scopes);
        var used = Assert.Single(await _clinic.Get<ListApiClients>().RunAsync(TestClinic.Admin, Cancellation));
        Assert.Equal(_clinic.Time.GetUtcNow(), used.LastUsedAt);

        _clinic.Time.Advance(TimeSpan.FromDays(30));
        Assert.Null(await CheckAsync(key));
    }

    [Fact]
    public async Task Key_IsKeptNowhere()
    {
        var key = (await CreateAsync()).Key!;
        await using var db = _clinic.Context();
        var kept = await db.ApiClients.SingleAsync(Cancellation);

        Assert.StartsWith($"cxr_{kept.Prefix}_", key, StringComparison.Ordinal);
        Assert.Equal(56, key.Length);
        var secret = key[13..];
        var files = Directory.GetFiles(_clinic.Folder.Data.Root, "*", SearchOption.AllDirectories);
        foreach (var file in files.Where(f => Path.GetFileName(f).Contains(".db", StringComparison.Ordinal)))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            Assert.DoesNotContain(secret, await reader.ReadToEndAsync(Cancellation), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(await _clinic.AuditAsync(), a => a.Detail?.Contains(secret, StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task WrongKeys_OpenNothing()
    {
        var (one, other) = ((await CreateAsync()).Key!, (await CreateAsync("other")).Key!);
        // The beginning of one with the secret of the other; one letter changed; too short; no key.
        foreach (var wrong in new[] { one[..13] + other[13..], one[..^1] + (one[^1] == 'A' ? 'B' : 'A'), one[..^1], "", "cxr_", one + "x" })
        {
            Assert.Null(await CheckAsync(wrong));
        }

        Assert.All(await _clinic.Get<ListApiClients>().RunAsync(TestClinic.Admin, Cancellation), c => Assert.Null(c.LastUsedAt));
    }

    [Fact]
    public async Task RevokedKey_OpensNothing_AndBothAreAudited()
    {
        var key = (await CreateAsync()).Key!;
        var client = (await CheckAsync(key))!;

        Assert.Null(await _clinic.Get<RevokeApiClient>().RunAsync(client.Id, TestClinic.Admin, Cancellation));

        Assert.Null(await CheckAsync(key));
        Assert.NotNull(await _clinic.Get<RevokeApiClient>().RunAsync(client.Id, TestClinic.Admin, Cancellation));
        Assert.Equal(
            [$"Create: PACS bridge, {client.Prefix}: studies:read", $"Revoke: PACS bridge, {client.Prefix}"],
            (await _clinic.AuditAsync(AuditAction.ApiClientChange)).Select(a => a.Detail!));
        // The name is free again.
        Assert.NotNull((await CreateAsync()).Key);
    }

    [Fact]
    public async Task Create_OfWhatCannotBe_IsRefusedInWords()
    {
        await CreateAsync();
        foreach (var refused in new[]
        {
            await CreateAsync("pacs BRIDGE"), await CreateAsync(" "), await CreateAsync("two\nlines"), await CreateAsync("x", days: 0),
            await CreateAsync("x", days: 731), await CreateAsync("x", scopes: "everything"),
        })
        {
            Assert.Null(refused.Key);
            Assert.NotNull(refused.Refusal);
        }

        Assert.Equal(1, await _clinic.CountAsync<ApiClient>());
    }

    [Fact]
    public async Task Clients_AreTheAdministratorsAlone()
    {
        foreach (var actor in new[] { TestClinic.Reader, TestClinic.Lead })
        {
            await Assert.ThrowsAsync<AccessRefusedException>(() => CreateAsync(actor: actor));
            await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<ListApiClients>().RunAsync(actor, Cancellation));
            await Assert.ThrowsAsync<AccessRefusedException>(
                () => _clinic.Get<RevokeApiClient>().RunAsync(Guid.NewGuid(), actor, Cancellation));
        }
    }
}
