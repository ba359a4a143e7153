using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using CovidCxr.Clinic.Incidents;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Incidents;

/// <summary>A study that a real model has scored and somebody has read.</summary>
[Trait("Speed", "Slow")]
public sealed class PackIncidentTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    Guid _study;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await TestModels.ActivateAsync(_clinic, TestModels.First);
        _study = await _clinic.UploadAsync(seed: 3, patient: "P-7");
        await _clinic.WorkAsync(AnalyseStudy.JobKind, _study);
        await _clinic.ReadAsync(_study, ReadingStage.Blind, note: "seen");
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<Dictionary<string, byte[]>> PackAsync(Actor? actor = null)
    {
        var pack = (await _clinic.Get<PackIncident>().RunAsync(_study, actor ?? TestClinic.Admin, Cancellation))!;
        Dictionary<string, byte[]> files = [];
        using var zip = new ZipArchive(new MemoryStream(pack.Zip));
        foreach (var entry in zip.Entries)
        {
            using var stream = entry.Open();
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, Cancellation);
            files.Add(entry.FullName, copy.ToArray());
        }

        return files;
    }

    static JsonElement Json(byte[] content) => JsonSerializer.Deserialize<JsonElement>(content, JsonSerializerOptions.Default);

    [Fact]
    public async Task Pack_HoldsAllThatIsKnownOfTheStudy_WithTheHashOfEachFile()
    {
        var files = await PackAsync();

        Assert.Equal(
            [
                "audit.json", "changes.json", "images.json", "input", "manifest.json", "models.json", "predictions.json", "readings.json",
                "references.json", "report.txt", "study.json"], files.Keys.Order(StringComparer.Ordinal));
        var manifest = Json(files["manifest.json"]);
        Assert.False(string.IsNullOrEmpty(manifest.GetProperty("Program").GetString()));
        Assert.All(manifest.GetProperty("Files").EnumerateObject(), f => Assert.Equal(
            f.Value.GetString(), Convert.ToHexStringLower(SHA256.HashData(files[f.Name]))));
        Assert.Equal(10, manifest.GetProperty("Files").EnumerateObject().Count());
        Assert.Equal(TestClinic.Film(3), files["input"]);
        Assert.Equal("seen", Json(files["readings.json"])[0].GetProperty("Note").GetString());
        Assert.Contains(
            Json(files["audit.json"]).EnumerateArray(), a => a.GetProperty("Action").GetString() == nameof(AuditAction.StudyAnalysis));
        var entry = Assert.Single(await _clinic.AuditAsync(AuditAction.IncidentPack));
        Assert.Equal((_study, TestClinic.Admin.UserName), (entry.StudyId, entry.UserName));
    }

    /// <summary>From the pack and the model file of its hash alone, in a program that has never seen the study.</summary>
    [Fact]
    public async Task Replay_OfThePack_GivesTheSameBitsOnTheCpu()
    {
        var files = await PackAsync();
        var model = ModelFile.Read(TestModels.First);
        Assert.Equal(model.Sha256, Json(files["models.json"])[0].GetProperty("Sha256").GetString());

        var film = Assert.IsType<DecodeResult.Decoded>(
            new ScanDecoder(new ImagingOptions()).Decode(files["input"], Cancellation)).Image;
        await using var host = new ModelHost(new ServingOptions { Engine = ServingEngine.OnnxRuntime }, TimeProvider.System);
        await host.SwapAsync(TestModels.First, Cancellation);
        var again = await host.RunAsync(film, Cancellation);

        var said = Json(files["predictions.json"])[0];
        Assert.Equal(
            said.GetProperty("Probabilities").EnumerateArray().Select(p => BitConverter.DoubleToInt64Bits(p.GetDouble())),
            again.Probabilities.Select(p => BitConverter.DoubleToInt64Bits(p)));
        Assert.Equal(
            said.GetProperty("HeatMaps").GetBytesFromBase64(),
            again.HeatMaps.SelectMany(m => m.Values.SelectMany(BitConverter.GetBytes)).ToArray());
    }

    [Fact]
    public async Task Pack_ForNoAdministrator_OrOneWhoHasToReadTheStudyBlind_IsRefused()
    {
        await Assert.ThrowsAsync<AccessRefusedException>(() => PackAsync(TestClinic.Lead));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => PackAsync(TestClinic.OtherReader with { Roles = new HashSet<string> { Role.Admin, Role.Radiologist } }));
        var refused = Assert.Single(await _clinic.AuditAsync(AuditAction.IncidentPack));
        Assert.Equal(
            (AuditOutcome.Refused, _study, TestClinic.OtherReader.UserName), (refused.Outcome, refused.StudyId, refused.UserName));
        Assert.NotEmpty(await PackAsync(TestClinic.Reader with { Roles = new HashSet<string> { Role.Admin, Role.Radiologist } }));
        Assert.Null(await _clinic.Get<PackIncident>().RunAsync(Guid.NewGuid(), TestClinic.Admin, Cancellation));
    }
}
