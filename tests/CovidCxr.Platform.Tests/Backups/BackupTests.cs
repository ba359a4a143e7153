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

    public BackupTests()
    {
        Assert.SkipWhen(PostgreSqlServer.IsChosen, "Backups are of SQLite alone.");
        _clinic = new(settings: [("Backups:Folder", _places), ("Backups:Keep", "2")]);
    }

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
            var restored = await new Backup(empty, empty.Data, _clinic.Time).RestoreAsync(place, new(), Cancellation);

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
    public async Task Backup_OfAStudyOfSeveralImages_CountsTheStudyOnce_AndMissesTheFileOfEachImage()
    {
        await using (var db = _clinic.Context())
        {
            db.StudyImages.Add(new() { StudyId = await _clinic.UploadAsync(), PixelHash = "lateral", ImageKey = $"{Guid.NewGuid():N}" });
            await db.SaveChangesAsync(Cancellation);
        }

        var (place, manifest) = await MakeAsync();

        Assert.Equal((1, 1), (manifest.Studies, manifest.LostImages));
        Assert.Equal(manifest.Files, (await _clinic.Get<Backup>().VerifyAsync(place, new(), Cancellation)).Files);
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
        Assert.Equal(manifest.Files, (await _clinic.Get<Backup>().VerifyAsync(place, new(), Cancellation)).Files);
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

    [Fact]
    public async Task Backup_WhileAnotherIsMade_LeavesItsPlainCopy_AndOneFolderTakesOneAtATime()
    {
        await _clinic.UploadAsync();
        var cipher = await CipherAsync('a');
        var elsewhere = Path.Combine(_places, "elsewhere");
        await LeaveAsync(_clinic.Folder);
        string? refused = null;
        var meanwhile = new MakesMeanwhile(_clinic.Folder, async () =>
        {
            refused = (await Assert.ThrowsAsync<BackupException>(
                () => Of(_clinic.Folder, cipher).MakeAsync(_places, Cancellation))).Message;
            await Of(_clinic.Folder, cipher).MakeAsync(elsewhere, Cancellation);
        });

        var (place, _) = await new Backup(meanwhile, _clinic.Folder.Data, _clinic.Time, cipher).MakeAsync(_places, Cancellation);

        Assert.Contains("wait for its end", refused, StringComparison.Ordinal);
        await Of(_clinic.Folder, cipher).VerifyAsync(place, new(), Cancellation);
        var other = Assert.Single(Backup.In(elsewhere, _clinic.Time.GetUtcNow())).Place;
        await Of(_clinic.Folder, cipher).VerifyAsync(other, new(), Cancellation);
        Assert.Empty(Left(_clinic.Folder));
        Assert.Empty(Directory.GetFiles(_places, "*.lock"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Left_OfAKilledProcess_GoesBeforeALookAtABackup(bool isRestored)
    {
        await _clinic.UploadAsync();
        var (place, _) = await MakeAsync();
        using var empty = new TestFolder(isMigrated: false);
        await LeaveAsync(empty);
        var backup = Of(empty, null);

        await (isRestored ? backup.RestoreAsync(place, new(), Cancellation) : backup.VerifyAsync(place, new(), Cancellation));

        Assert.Empty(Left(empty));
    }

    /// <summary>As processes leave their work that were killed at different moments.</summary>
    static async Task LeaveAsync(TestFolder place)
    {
        foreach (var name in new[] { "backup-0.tmp", "backup-1.tmp" })
        {
            var folder = Directory.CreateDirectory(Path.Combine(place.Data.Root, name)).FullName;
            await File.WriteAllTextAsync(Path.Combine(folder, "covidcxr.db"), "patients", Cancellation);
        }

        await File.WriteAllTextAsync(Path.Combine(place.Data.Root, "backup-1.tmp.lock"), "", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(place.Data.Root, "backup-2.tmp.lock"), "", Cancellation);
    }

    static string[] Left(TestFolder place) => Directory.GetFileSystemEntries(place.Data.Root, "backup-*");

    /// <summary>Another command's work, when the copy of the database begins.</summary>
    sealed class MakesMeanwhile(IDbContextFactory<CovidCxrDbContext> contexts, Func<Task> work) : IDbContextFactory<CovidCxrDbContext>
    {
        public CovidCxrDbContext CreateDbContext() => contexts.CreateDbContext();

        public async Task<CovidCxrDbContext> CreateDbContextAsync(CancellationToken cancellationToken = default)
        {
            await work();
            return contexts.CreateDbContext();
        }
    }

    [Fact]
    public async Task Restore_OverData_ChangesNothing()
    {
        await _clinic.UploadAsync();
        var (place, _) = await MakeAsync();
        await _clinic.UploadAsync(2);
        var refused = await Assert.ThrowsAsync<BackupException>(() => _clinic.Get<Backup>().RestoreAsync(place, new(), Cancellation));

        Assert.Contains("move the folder away", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, await _clinic.CountAsync<Domain.Studies.Study>());
    }

    [Fact]
    public async Task Backup_OfAnUnfinishedOne_RemovesIt_NoStrangersAndNobodyElseMayRead()
    {
        Directory.CreateDirectory(Path.Combine(_places, "2026-01-01T000000Z.unfinished"));
        var strangers = Directory.CreateDirectory(Path.Combine(_places, "thesis.unfinished")).FullName;
        await _clinic.UploadAsync();
        var (place, _) = await MakeAsync();

        Assert.Equal([place, strangers], Directory.GetDirectories(_places).Order(StringComparer.Ordinal));
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

        Assert.Equal(["2026-03-05T080000Z", "2026-03-04T080000Z"], Names());
        Assert.Null(await HealthAsync());
        _clinic.Time.Advance(TimeSpan.FromHours(25));
        // Of a clock that ran ahead: neither the newest nor in the way.
        foreach (var name in new[] { "2036-01-01T000000Z", "2026-03-07T235959Z" })
        {
            var wrong = Directory.CreateDirectory(Path.Combine(_places, name)).FullName;
            await File.WriteAllTextAsync(Path.Combine(wrong, BackupManifest.FileName), "{}", Cancellation);
        }

        Assert.Equal("the newest is 49 hours old", await HealthAsync());
        await schedule.RunAsync(Cancellation);
        Assert.Equal(["2026-03-07T090000Z", "2026-03-05T080000Z"], Names());

        List<string?> Names() => [.. Backup.In(_places, _clinic.Time.GetUtcNow()).Select(b => Path.GetFileName(b.Place))];
    }

    async Task<string?> HealthAsync() =>
        (await _clinic.Get<HealthCheckService>().CheckHealthAsync(c => c.Name == "backups", Cancellation)).Entries["backups"].Description;

    [Fact]
    public async Task Backup_WithAKey_ShowsNothingAndIsRestoredWithItAlone()
    {
        await _clinic.UploadAsync(seed: 1, "P-4711-SECRET");
        var cipher = await CipherAsync('a');
        var backup = Of(_clinic.Folder, cipher);

        var (place, manifest) = await backup.MakeAsync(_places, Cancellation);

        Assert.Contains(manifest.Files, f => f.Path.StartsWith("blobs/", StringComparison.Ordinal));
        Assert.All(Directory.GetFiles(place, "*", SearchOption.AllDirectories), path =>
        {
            Assert.True(BackupCipher.IsEncrypted(path));
            Assert.DoesNotContain(
                "P-4711-SECRET", System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(path)), StringComparison.Ordinal);
        });
        Assert.Empty(Directory.GetDirectories(_clinic.Folder.Data.Root, "*.tmp"));
        Assert.Equal(manifest.Files, (await backup.VerifyAsync(place, new(), Cancellation)).Files);
        using var empty = new TestFolder(isMigrated: false);
        Assert.Equal(manifest.Files, (await Of(empty, cipher).RestoreAsync(place, new(), Cancellation)).Files);
        await using var db = empty.CreateDbContext();
        Assert.Equal("P-4711-SECRET", (await db.Studies.SingleAsync(Cancellation)).PatientNumber);

        var without = await Assert.ThrowsAsync<BackupException>(() => Of(empty, null).VerifyAsync(place, new(), Cancellation));
        Assert.Contains("Backups:KeyFile", without.Message, StringComparison.Ordinal);
        var otherCipher = await CipherAsync('b');
        var other = await Assert.ThrowsAsync<BackupException>(
            () => Of(empty, otherCipher).VerifyAsync(place, new(), Cancellation));
        Assert.Contains("another key", other.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PlainBackup_WhereAKeyIsSet_IsTakenOnlyWhenAskedFor()
    {
        await _clinic.UploadAsync();
        var (place, manifest) = await MakeAsync();
        using var empty = new TestFolder(isMigrated: false);
        var keyed = Of(empty, await CipherAsync('a'));

        var verified = await Assert.ThrowsAsync<BackupException>(() => keyed.VerifyAsync(place, new(), Cancellation));
        var restored = await Assert.ThrowsAsync<BackupException>(() => keyed.RestoreAsync(place, new(), Cancellation));

        Assert.All([verified, restored], e =>
        {
            Assert.Contains("not encrypted", e.Message, StringComparison.Ordinal);
            Assert.Contains("--plain", e.Message, StringComparison.Ordinal);
        });
        Assert.Empty(Directory.GetFileSystemEntries(empty.Data.Root));
        Assert.Equal(manifest.Files, (await keyed.VerifyAsync(place, new(TakesPlain: true), Cancellation)).Files);
        Assert.Equal(manifest.Files, (await keyed.RestoreAsync(place, new(TakesPlain: true), Cancellation)).Files);
    }

    [Fact]
    public async Task EncryptedBackup_WithAFileThatIsNot_IsRefused_AlsoWherePlainOnesAreTaken()
    {
        await _clinic.UploadAsync();
        var keyed = Of(_clinic.Folder, await CipherAsync('a'));
        var (place, _) = await keyed.MakeAsync(_places, Cancellation);
        File.Copy(_clinic.Folder.Data.Database, Path.Combine(place, "covidcxr.db"), overwrite: true);

        await Assert.ThrowsAsync<BackupException>(() => keyed.VerifyAsync(place, new(TakesPlain: true), Cancellation));
    }

    [Fact]
    public async Task Commands_SayWhatIsNotEncrypted_AndWantTheirOptionsLast()
    {
        await _clinic.UploadAsync();
        var (place, _) = await MakeAsync();
        await CipherAsync('a');
        await using var keyed = TestClinic.Build(
            _clinic.Folder.Data.Root, _clinic.Time, settings: ("Backups:KeyFile", Path.Combine(_places, "key.txt")));

        Assert.Contains("The backup is not encrypted.", (await RunAsync(_clinic.Services, "verify-backup", place)).Text);
        Assert.Equal(1, (await RunAsync(keyed, "verify-backup", place)).Code);
        var (code, text) = await RunAsync(keyed, "verify-backup", place, "--plain");
        Assert.Equal(0, code);
        Assert.Contains("The backup is whole", text, StringComparison.Ordinal);
        Assert.Contains("The backup is not encrypted.", text, StringComparison.Ordinal);
        // The configuration would take what follows for the value of the option.
        Assert.Equal(2, (await RunAsync(keyed, "verify-backup", place, "--plain", "--Storage:DataFolder=/elsewhere")).Code);
        Assert.Equal(2, (await RunAsync(keyed, "verify-backup", "--plain", place)).Code);
        Assert.Equal(2, (await RunAsync(keyed, "backup", _places, "--plain")).Code);

        static async Task<(int Code, string Text)> RunAsync(IServiceProvider program, params string[] args)
        {
            var output = new StringWriter();
            return (await BackupCommands.RunAsync(program, args, output), output.ToString());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 16)]
    [InlineData(200_000)]
    public async Task Cipher_FileThatWasCutSwappedOrChanged_DoesNotOpen(int bytes)
    {
        var cipher = await CipherAsync('c');
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
        foreach (var cut in bytes > 1 << 16 ? new[] { file[..(Head + Piece)], [.. file[..Head], .. file[(Head + Piece)..]] } : [])
        {
            await Assert.ThrowsAsync<BackupException>(() => OpenAsync(cut, "a"));
        }

        async Task<byte[]> OpenAsync(byte[] from, string name)
        {
            using var opened = new MemoryStream();
            using var seen = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            await cipher.DecryptAsync(new MemoryStream(from), opened, name, seen, Cancellation);
            return opened.ToArray();
        }
    }

    async Task<BackupCipher> CipherAsync(char digit)
    {
        await File.WriteAllTextAsync(Path.Combine(_places, "key.txt"), new string(digit, 64) + "\n", Cancellation);
        return BackupCipher.Of(Path.Combine(_places, "key.txt"))!;
    }

    Backup Of(TestFolder folder, BackupCipher? cipher) => new(folder, folder.Data, _clinic.Time, cipher);
}
