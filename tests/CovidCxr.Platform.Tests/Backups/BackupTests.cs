using System.Globalization;
using System.Security.Cryptography;
using CovidCxr.Domain.Hospital;
using CovidCxr.Platform.Backups;
using CovidCxr.Storage;
using CovidCxr.Storage.Backups;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CovidCxr.Platform.Tests.Backups;

/// <summary>What was backed up while films come in stands again in an empty folder, and a damaged backup says so.</summary>
public sealed class BackupTests : IAsyncLifetime
{
    // More of them by environment variable, for a longer look.
    static readonly int Backups = int.Parse(Environment.GetEnvironmentVariable("COVIDCXR_BACKUPS") ?? "2", CultureInfo.InvariantCulture);

    readonly string _places = Directory.CreateTempSubdirectory("covidcxr-backups-").FullName;
    readonly TestClinic _clinic;

    public BackupTests() => _clinic = new(settings: [("Backups:Folder", _places), ("Backups:Keep", "2")]);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _clinic.DisposeAsync();
        Directory.Delete(_places, recursive: true);
    }

    async Task<(string Place, BackupManifest Manifest)> MakeAsync()
    {
        var made = await _clinic.Get<Backup>().MakeAsync(_places, Cancellation);
        _clinic.Time.Advance(TimeSpan.FromHours(1));
        return made;
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Backups_WhileFilmsComeIn_AreRestoredWithTheSameCountsAndHashes()
    {
        using var over = new CancellationTokenSource();
        var films = Task.Run(() => UploadUntilAsync(over.Token), Cancellation);
        List<(string Place, BackupManifest Manifest)> made = [];
        for (var i = 0; i < Backups; i++)
        {
            await WaitForAnotherFilmAsync(films, made.LastOrDefault().Manifest?.Studies ?? 0);
            made.Add(await MakeAsync());
        }

        await over.CancelAsync();
        await films;
        foreach (var (place, manifest) in made)
        {
            Assert.True(manifest is { Studies: > 0, LostImages: 0 });
            Assert.True(manifest.Files.Count > manifest.Studies);
            using var empty = new TestFolder(isMigrated: false);
            var restored = await new Backup(empty, empty.Data, _clinic.Time).RestoreAsync(place, Cancellation);

            Assert.Equal(manifest.Files, restored.Files);
            await using var db = empty.CreateDbContext();
            Assert.Equal((manifest.Studies, manifest.AuditEntries), (
                await db.Studies.CountAsync(Cancellation), await db.Audit.CountAsync(Cancellation)));
            var blobs = new BlobStore(empty.Data);
            Assert.All(await db.Studies.Select(s => s.ImageKey).ToListAsync(Cancellation), key =>
                Assert.Equal(_clinic.Get<BlobStore>().Read(key), blobs.Read(key)));
        }
    }

    async Task WaitForAnotherFilmAsync(Task films, int than)
    {
        while (!films.IsCompleted && await _clinic.CountAsync<Domain.Studies.Study>() <= than)
        {
            await Task.Delay(20, Cancellation);
        }
    }

    async Task UploadUntilAsync(CancellationToken over)
    {
        for (var seed = 1; !over.IsCancellationRequested; seed++)
        {
            await _clinic.UploadAsync(seed);
        }
    }

    [Fact]
    public async Task Backup_WhileAReceivedFilmIsFiled_HasItsFile()
    {
        var row = new ReceivedObject { CallingAe = "CR1", Host = "h" };
        await using (var db = _clinic.Context())
        {
            db.ReceivedObjects.Add(row);
            await db.SaveChangesAsync(Cancellation);
        }

        var file = Path.Combine(Directory.CreateDirectory(_clinic.Folder.Data.Received).FullName, row.Id.ToString("N"));
        await File.WriteAllBytesAsync(file, [1, 2, 3], Cancellation);
        var meanwhile = new FilesMeanwhile(_clinic.Folder, file);

        var (place, manifest) = await new Backup(meanwhile, _clinic.Folder.Data, _clinic.Time).MakeAsync(_places, Cancellation);

        Assert.False(File.Exists(file));
        Assert.Single(manifest.Files, f => f.Path == $"received/{row.Id:N}");
        Assert.Equal(manifest.Files, (await _clinic.Get<Backup>().VerifyAsync(place, Cancellation)).Files);
    }

    /// <summary>Deletes a received file when the database is opened, as its filing does.</summary>
    sealed class FilesMeanwhile(IDbContextFactory<CovidCxrDbContext> contexts, string file) : IDbContextFactory<CovidCxrDbContext>
    {
        public CovidCxrDbContext CreateDbContext()
        {
            File.Delete(file);
            return contexts.CreateDbContext();
        }
    }

    [Theory]
    [InlineData("covidcxr.db")]
    [InlineData("blobs")]
    [InlineData(BackupManifest.FileName)]
    public async Task Verify_OfADamagedBackup_SaysSo(string damaged)
    {
        await _clinic.UploadAsync();
        var (place, _) = await MakeAsync();
        await _clinic.Get<Backup>().VerifyAsync(place, Cancellation);
        var file = Directory.GetFiles(place, "*", SearchOption.AllDirectories).First(f => f.Contains(damaged, StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(file, Cancellation);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancellation);

        var refused = await Assert.ThrowsAsync<BackupException>(() => _clinic.Get<Backup>().VerifyAsync(place, Cancellation));

        Assert.Contains("damaged", refused.Message, StringComparison.Ordinal);
        using var empty = new TestFolder(isMigrated: false);
        await Assert.ThrowsAsync<BackupException>(() => new Backup(empty, empty.Data, _clinic.Time).RestoreAsync(place, Cancellation));
        Assert.Empty(Directory.GetFileSystemEntries(empty.Data.Root));
    }

    [Fact]
    public async Task Restore_OverData_ChangesNothing()
    {
        await _clinic.UploadAsync();
        var (place, _) = await MakeAsync();
        await _clinic.UploadAsync(2);

        var refused = await Assert.ThrowsAsync<BackupException>(() => _clinic.Get<Backup>().RestoreAsync(place, Cancellation));

        Assert.Contains("move the folder away", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, await _clinic.CountAsync<Domain.Studies.Study>());
    }

    [Fact]
    public async Task Backup_OfAnUnfinishedOne_RemovesItAndNobodyElseMayRead()
    {
        Directory.CreateDirectory(Path.Combine(_places, "2026-01-01T000000Z.unfinished"));
        await _clinic.UploadAsync();

        var (place, _) = await MakeAsync();

        Assert.Equal([place], Directory.GetDirectories(_places));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(place));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(place, "covidcxr.db")));
        }
    }

    [Fact]
    public async Task Schedule_MakesOneADay_KeepsTheNewestAndHealthKnowsTheAge()
    {
        var schedule = _clinic.Get<BackupSchedule>();
        Assert.Equal("none was made yet", await HealthAsync());

        for (var hour = 0; hour < 24 * 4; hour++)
        {
            await schedule.RunAsync(Cancellation);
            _clinic.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal(["2026-03-05T080000Z", "2026-03-04T080000Z"], Backup.In(_places).Select(b => Path.GetFileName(b.Place)));
        Assert.Null(await HealthAsync());
        _clinic.Time.Advance(TimeSpan.FromHours(25));
        Assert.Equal("the newest is 49 hours old", await HealthAsync());
    }

    async Task<string?> HealthAsync() =>
        (await _clinic.Get<HealthCheckService>().CheckHealthAsync(c => c.Name == "backups", Cancellation)).Entries["backups"].Description;

    [Fact]
    public async Task Backup_WithAKey_ShowsNothingAndIsRestoredWithItAlone()
    {
        await _clinic.UploadAsync(seed: 1, "P-4711-SECRET");
        var keyFile = Path.Combine(_places, "key.txt");
        await File.WriteAllTextAsync(keyFile, new string('a', 64) + "\n", Cancellation);
        var backup = Of(_clinic.Folder, BackupCipher.Of(keyFile));

        var (place, manifest) = await backup.MakeAsync(_places, Cancellation);

        Assert.Contains(manifest.Files, f => f.Path.StartsWith("blobs/", StringComparison.Ordinal));
        Assert.All(Directory.GetFiles(place, "*", SearchOption.AllDirectories), path =>
        {
            Assert.True(BackupCipher.IsEncrypted(path));
            Assert.DoesNotContain(
                "P-4711-SECRET", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(path)), StringComparison.Ordinal);
        });
        Assert.Empty(Directory.GetDirectories(_clinic.Folder.Data.Root, "*.tmp"));
        Assert.Equal(manifest.Files, (await backup.VerifyAsync(place, Cancellation)).Files);
        using var empty = new TestFolder(isMigrated: false);
        Assert.Equal(manifest.Files, (await Of(empty, BackupCipher.Of(keyFile)).RestoreAsync(place, Cancellation)).Files);
        await using var db = empty.CreateDbContext();
        Assert.Equal("P-4711-SECRET", (await db.Studies.SingleAsync(Cancellation)).PatientNumber);

        var without = await Assert.ThrowsAsync<BackupException>(() => Of(empty, null).VerifyAsync(place, Cancellation));
        Assert.Contains("Backups:KeyFile", without.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(keyFile, new string('b', 64), Cancellation);
        var other = await Assert.ThrowsAsync<BackupException>(
            () => Of(empty, BackupCipher.Of(keyFile)).VerifyAsync(place, Cancellation));
        Assert.Contains("another key", other.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 16)]
    [InlineData(200_000)]
    public async Task Cipher_FileThatWasCutSwappedOrChanged_DoesNotOpen(int bytes)
    {
        var keyFile = Path.Combine(_places, "key.txt");
        await File.WriteAllTextAsync(keyFile, new string('c', 64), Cancellation);
        var cipher = BackupCipher.Of(keyFile)!;
        var content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var closed = new MemoryStream();
        await cipher.EncryptAsync(new MemoryStream(content), closed, "a", hash, Cancellation);
        var file = closed.ToArray();

        Assert.Equal(content, await OpenAsync(file, "a"));
        const int Piece = (1 << 16) + 16, Head = 18 + 32;
        byte[] changed = [.. file];
        changed[^1] ^= 1;
        await Assert.ThrowsAsync<BackupException>(() => OpenAsync(changed, "a"));
        await Assert.ThrowsAsync<BackupException>(() => OpenAsync(file, "b"));
        await Assert.ThrowsAsync<BackupException>(() => OpenAsync(file[..^1], "a"));
        if (bytes > 1 << 16)
        {
            await Assert.ThrowsAsync<BackupException>(() => OpenAsync(file[..(Head + Piece)], "a"));
            await Assert.ThrowsAsync<BackupException>(() => OpenAsync([.. file[..Head], .. file[(Head + Piece)..]], "a"));
        }

        async Task<byte[]> OpenAsync(byte[] from, string name)
        {
            using var opened = new MemoryStream();
            using var seen = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await cipher.DecryptAsync(new MemoryStream(from), opened, name, seen, Cancellation);
            return opened.ToArray();
        }
    }

    Backup Of(TestFolder folder, BackupCipher? cipher) => new(folder, folder.Data, _clinic.Time, cipher);
}
