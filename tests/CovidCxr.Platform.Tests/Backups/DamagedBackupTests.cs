using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CovidCxr.Platform.Backups;
using CovidCxr.Storage.Backups;
using CovidCxr.Testing;

namespace CovidCxr.Platform.Tests.Backups;

/// <summary>A backup that is not as it was made is refused in words, and nothing of it comes into a data folder.</summary>
public sealed class DamagedBackupTests : IAsyncLifetime
{
    readonly string _places = Directory.CreateTempSubdirectory("covidcxr-backups-").FullName;
    readonly TestClinic _clinic = new();

    public DamagedBackupTests() => Assert.SkipWhen(PostgreSqlServer.IsChosen, "Backups are of SQLite alone.");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _clinic.UploadAsync();

    public async ValueTask DisposeAsync()
    {
        await _clinic.DisposeAsync();
        Directory.Delete(_places, recursive: true);
    }

    Task<(string Place, BackupManifest Manifest)> MakeAsync() => _clinic.Get<Backup>().MakeAsync(_places, Cancellation);

    [Theory]
    [InlineData("covidcxr.db")]
    [InlineData("blobs")]
    [InlineData(BackupManifest.FileName)]
    public async Task Verify_OfADamagedBackup_SaysSo(string damaged)
    {
        var (place, _) = await MakeAsync();
        await _clinic.Get<Backup>().VerifyAsync(place, new(), Cancellation);
        var file = Directory.GetFiles(place, "*", SearchOption.AllDirectories).First(f => f.Contains(damaged, StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(file, Cancellation);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancellation);

        var refused = await Assert.ThrowsAsync<BackupException>(() => _clinic.Get<Backup>().VerifyAsync(place, new(), Cancellation));

        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
        using var empty = new TestFolder(isMigrated: false);
        var next = new Backup(empty, empty.Data, _clinic.Time);
        await Assert.ThrowsAsync<BackupException>(() => next.RestoreAsync(place, new(), Cancellation));
        Assert.Empty(Directory.GetFileSystemEntries(empty.Data.Root));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Manifest_ThatNamesNothing_OrAFileTwice_IsRefusedInWords(bool isTwice)
    {
        var (place, _) = await MakeAsync();
        var path = Path.Combine(place, BackupManifest.FileName);
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(path, Cancellation))!;
        var files = manifest[nameof(BackupManifest.Files)]!.AsArray();
        files.Add(isTwice ? files[0]!.DeepClone() : null);
        await File.WriteAllTextAsync(path, manifest.ToJsonString(), Cancellation);

        var refused = await Assert.ThrowsAsync<BackupException>(() => _clinic.Get<Backup>().VerifyAsync(place, new(), Cancellation));

        Assert.Contains("names a file that is in no backup, or one twice", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Backup_ThatCannotBeRead_IsRefusedInWords(bool isHeld)
    {
        var (place, manifest) = await MakeAsync();
        using var empty = new TestFolder(isMigrated: false);
        var database = Path.Combine(place, "covidcxr.db");
        if (!isHeld)
        {
            // No database, though the manifest knows every byte of it.
            byte[] other = [.. Enumerable.Repeat((byte)'x', 5000)];
            await File.WriteAllBytesAsync(database, other, Cancellation);
            var file = new BackupFile("covidcxr.db", other.Length, Convert.ToHexStringLower(SHA256.HashData(other)));
            var altered = manifest with { Files = [.. manifest.Files.Where(f => f.Path != file.Path), file] };
            await File.WriteAllTextAsync(
                Path.Combine(place, BackupManifest.FileName), JsonSerializer.Serialize(altered), Cancellation);
        }

        using var held = isHeld ? new FileStream(database, FileMode.Open, FileAccess.ReadWrite, FileShare.None) : null;

        foreach (var command in new[] { "verify-backup", "restore" })
        {
            await using var program = TestClinic.Build(empty.Data.Root, _clinic.Time);
            var output = new StringWriter();
            Assert.Equal(1, await BackupCommands.RunAsync(program, [command, place], output));
            Assert.Contains($"The backup {place} could not be looked at: ", output.ToString(), StringComparison.Ordinal);
        }
    }
}
