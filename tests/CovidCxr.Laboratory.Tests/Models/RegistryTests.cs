using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Engine.Serving;
using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Gate;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.Models;

/// <summary>What never becomes active, and the way back.</summary>
[Trait("Speed", "Slow")]
public sealed class RegistryTests : IAsyncLifetime
{
    static readonly Actor Second = new(TestClinic.Numbered(9), "second-admin", new HashSet<string> { Role.Admin });

    readonly TestClinic _clinic = new(settings: ("Models:Signatures", "2"));
    Guid _first, _second;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _first = await RegisterAsync(TestModels.First);
        _second = await RegisterAsync(TestModels.Second);
        await TestModels.AcceptAsync(_clinic, _first, await EvidenceAsync(_first), TestClinic.Admin, Second);
        Assert.Null(await ActivateAsync(_first, null));
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<Guid> RegisterAsync(string file)
    {
        var id = await TestModels.RegisterAsync(_clinic, file);
        await using var db = _clinic.Context();
        // The helper's own acceptance is not what is tried here.
        await db.GateResults.Where(g => g.ModelVersionId == id).ExecuteDeleteAsync(Cancellation);
        return id;
    }

    async Task<string> EvidenceAsync(Guid id, GateVerdict verdict = GateVerdict.Passed, GateVerdict? besideFirst = null)
    {
        await using var db = _clinic.Context();
        var hashes = await db.ModelVersions.ToDictionaryAsync(m => m.Id, m => m.Sha256, Cancellation);
        return TestModels.Evidence(hashes[id], verdict, besideFirst is { } beside ? (hashes[_first], beside) : null);
    }

    Task<string?> ActivateAsync(Guid version, Guid? expected) =>
        _clinic.Get<ActivateModel>().RunAsync(version, expected, TestClinic.Admin, Cancellation);

    async Task AssertRefusedAsync(string words)
    {
        Assert.Contains(words, await ActivateAsync(_second, _first), StringComparison.Ordinal);
        await using var db = _clinic.Context();
        var active = await db.ModelVersions.SingleAsync(m => m.IsActive, Cancellation);
        Assert.Equal((_first, active.Sha256), (active.Id, _clinic.Get<ModelHost>().Current!.Value.Sha256));
        Assert.Contains(await _clinic.AuditAsync(AuditAction.ModelActivate), a =>
            a.Outcome != AuditOutcome.Succeeded && a.Detail!.StartsWith("version 2", StringComparison.Ordinal));
    }

    [Fact]
    public Task Activate_WithoutAGate_IsRefused() => AssertRefusedAsync("The gate has not judged this version");

    [Theory]
    [InlineData(GateVerdict.Refused, "The gate refuses this version.")]
    [InlineData(GateVerdict.NotKnown, "The gate has not passed this version.")]
    public async Task Activate_ThatTheGateDidNotPass_IsRefusedWhoeverSigned(GateVerdict verdict, string words)
    {
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second, verdict), TestClinic.Admin, Second);

        await AssertRefusedAsync(words);
    }

    [Fact]
    public async Task Activate_RefusedOnceAndPassedOnOtherFilms_StaysRefused()
    {
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second, GateVerdict.Refused));
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second), TestClinic.Admin, Second);

        await AssertRefusedAsync("The gate refuses this version.");
    }

    [Fact]
    public async Task Activate_WithOneSignature_IsRefused()
    {
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second), Second);

        await AssertRefusedAsync("1 of 2 signatures");
    }

    [Fact]
    public async Task Activate_SignedTwiceByOnePerson_IsRefused()
    {
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second), Second, Second);

        await AssertRefusedAsync("1 of 2 signatures");
    }

    [Fact]
    public async Task Activate_EvidenceChangedByOneByte_VoidsBothSignatures()
    {
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second), TestClinic.Admin, Second);
        await using (var db = _clinic.Context())
        {
            await db.Database.ExecuteSqlAsync(
                $"UPDATE GateResults SET Evidence = replace(Evidence, '0.500', '0.501') WHERE ModelVersionId = {_second}", Cancellation);
        }

        await AssertRefusedAsync("0 of 2 signatures");
    }

    [Fact]
    public async Task Activate_AHeaderChangedInTheDatabase_VoidsBothSignatures()
    {
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second), TestClinic.Admin, Second);
        await using (var db = _clinic.Context())
        {
            await db.Database.ExecuteSqlAsync(
                $"UPDATE ModelVersions SET HeaderJson = replace(HeaderJson, 'Tests.', 'Tests!') WHERE Id = {_second}", Cancellation);
        }

        await AssertRefusedAsync("0 of 2 signatures");
    }

    [Fact]
    public async Task Activate_WithTheEvidenceOfAnotherModel_IsRefused()
    {
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_first), TestClinic.Admin, Second);

        await AssertRefusedAsync("damaged, or is another model's");
    }

    [Fact]
    public async Task Activate_WithEvidenceThatIsNoReport_IsRefused()
    {
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second), TestClinic.Admin, Second);
        await TestModels.AcceptAsync(_clinic, _second, "{}", TestClinic.Admin, Second);

        await AssertRefusedAsync("damaged, or is another model's");
    }

    [Fact]
    public async Task Activate_AfterAnotherModelTookTheFilesPlace_IsRefused()
    {
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second), TestClinic.Admin, Second);
        await using (var db = _clinic.Context())
        {
            var key = (await db.ModelVersions.SingleAsync(m => m.Id == _second, Cancellation)).FileKey;
            File.Copy(TestModels.First, Path.Combine(_clinic.Folder.Data.Models, key), overwrite: true);
        }

        await AssertRefusedAsync("is not the one that was registered");
    }

    [Fact]
    public async Task Activate_InferiorToTheActiveVersion_IsRefused()
    {
        await TestModels.AcceptAsync(
            _clinic, _second, await EvidenceAsync(_second, besideFirst: GateVerdict.Refused), TestClinic.Admin, Second);

        await AssertRefusedAsync("It is inferior to the active version.");
    }

    [Fact]
    public async Task RollBack_ReturnsToTheAcceptedVersionAndOffersTheWithdrawnOneNoMore()
    {
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second), TestClinic.Admin, Second);
        Assert.Null(await ActivateAsync(_second, _first));
        _clinic.Time.Advance(TimeSpan.FromMinutes(1));
        var rollBack = _clinic.Get<RollBackModel>();
        Assert.Equal(_first, (await rollBack.FindAsync(Cancellation))!.Value.Id);

        Assert.Null(await rollBack.RunAsync(_second, TestClinic.Admin, Cancellation));

        Assert.Null(await rollBack.FindAsync(Cancellation));
        Assert.Contains("no earlier version", await rollBack.RunAsync(_first, TestClinic.Admin, Cancellation), StringComparison.Ordinal);
        Assert.Contains("0 of 2 signatures", await ActivateAsync(_second, _first), StringComparison.Ordinal);
        Assert.Equal(
            [(1, true, false), (2, false, true), (1, false, false)],
            (await _clinic.Get<ListModelPeriods>().RunAsync(Cancellation)).Select(p => (p.Number, p.IsRollBack, p.IsWithdrawn)));

        // Two people may vouch for it again.
        _clinic.Time.Advance(TimeSpan.FromMinutes(1));
        await TestModels.AcceptAsync(_clinic, _second, null, TestClinic.Admin, Second);
        Assert.Null(await ActivateAsync(_second, _first));
    }

    [Fact]
    public async Task RollBack_EndsTheLocalAcceptanceOfWhatItWithdraws()
    {
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second), TestClinic.Admin, Second);
        await AcceptHereAsync(_first);
        await AcceptHereAsync(_second);
        Assert.Null(await ActivateAsync(_second, _first));
        Assert.Equal([true, true], await AcceptedHereAsync());

        Assert.Null(await _clinic.Get<RollBackModel>().RunAsync(_second, TestClinic.Admin, Cancellation));

        Assert.Equal([false, true], await AcceptedHereAsync());
        Assert.Equal("version 2, withdrawn", Assert.Single(await _clinic.AuditAsync(AuditAction.LocalAcceptance)).Detail);
        await AcceptHereAsync(_second);
        Assert.Equal([true, true], await AcceptedHereAsync());
    }

    async Task<IEnumerable<bool>> AcceptedHereAsync() =>
        (await _clinic.Get<ListModels>().RunAsync(actor: null, Cancellation)).Select(m => m.AcceptedHere is not null);

    async Task AcceptHereAsync(Guid version)
    {
        await using var db = _clinic.Context();
        var sha = await db.ModelVersions.Where(m => m.Id == version).Select(m => m.Sha256).SingleAsync(Cancellation);
        db.LocalAcceptances.Add(new()
        {
            ModelVersionId = version,
            Threshold = 0.4,
            Evidence = "{}",
            EvidenceHash = LocalAcceptance.HashOf(sha, 0.4, "{}"),
            Reason = "test",
            AcceptedByName = "lead",
        });
        await db.SaveChangesAsync(Cancellation);
    }

    [Fact]
    public async Task RollBack_ByTheOneWhoWasOvertaken_IsTold()
    {
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second), TestClinic.Admin, Second);
        Assert.Null(await ActivateAsync(_second, _first));

        Assert.Contains(
            "in the meantime", await _clinic.Get<RollBackModel>().RunAsync(_first, Second, Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notice_OfAChange_IsShownToEverybodyOnceAndKept()
    {
        var get = _clinic.Get<GetModelNotice>();
        Assert.Null(await get.RunAsync(TestClinic.Reader, Cancellation));
        await TestModels.AcceptAsync(_clinic, _second, await EvidenceAsync(_second), TestClinic.Admin, Second);
        Assert.Null(await ActivateAsync(_second, _first));

        var notice = (await get.RunAsync(TestClinic.Reader, Cancellation))!;
        Assert.Equal((2, 1, false), (notice.Number, notice.BeforeNumber, notice.IsRollBack));
        var acknowledge = _clinic.Get<AcknowledgeModelNotice>();
        await acknowledge.RunAsync(notice.PeriodId, TestClinic.Reader, Cancellation);
        await acknowledge.RunAsync(notice.PeriodId, TestClinic.Reader, Cancellation);

        Assert.Null(await get.RunAsync(TestClinic.Reader, Cancellation));
        Assert.NotNull(await get.RunAsync(TestClinic.OtherReader, Cancellation));
        Assert.Equal("version 2", Assert.Single(await _clinic.AuditAsync(AuditAction.ModelNotice)).Detail);
    }

    [Fact]
    public Task RollBack_OfNoAdministrator_IsRefused() => Assert.ThrowsAsync<AccessRefusedException>(
        () => _clinic.Get<RollBackModel>().RunAsync(_first, TestClinic.Lead, Cancellation));
}
