using CovidCxr.Domain.Audit;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Backups;
using CovidCxr.Storage;
using CovidCxr.Storage.Backups;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Tests.Backups;

/// <summary>The audit trail comes back with its archives where it has a folder of its own, and over no other trail.</summary>
public sealed class AuditFolderBackupTests : IDisposable
{
    const int Old = 6, Kept = 4;

    readonly string _places = Directory.CreateTempSubdirectory("covidcxr-backups-").FullName;
    readonly FullDisk _disk = new();
    readonly TestFolder _folder, _empty = new(isMigrated: false);
    readonly ManualTime _time = new();

    public AuditFolderBackupTests()
    {
        Assert.SkipWhen(PostgreSqlServer.IsChosen, "Backups are of SQLite alone.");
        _folder = new(isMigrated: true, _disk);
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string AuditFolder => Path.Combine(_places, "audit");

    string NewAuditFolder => Path.Combine(_places, "audit-of-another-machine");

    public void Dispose()
    {
        _folder.Dispose();
        _empty.Dispose();
        Directory.Delete(_places, recursive: true);
    }

    ServiceProvider Program(string? auditFolder = null, string keyFile = "") => TestClinic.Build(
        _folder.Data.Root, _time, more: s => s.AddSingleton<IDbContextFactory<CovidCxrDbContext>>(_folder),
        settings: Settings(auditFolder ?? AuditFolder, keyFile));

    ServiceProvider NewProgram(string auditFolder, string keyFile = "") =>
        TestClinic.Build(_empty.Data.Root, _time, settings: Settings(auditFolder, keyFile));

    static (string, string)[] Settings(string auditFolder, string keyFile) =>
        [("Audit:Folder", auditFolder), ("Audit:KeepYears", "2"), ("Backups:KeyFile", keyFile)];

    async Task WriteAsync(ServiceProvider program, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await program.GetRequiredService<AuditLog>().RecordAsync(
                TestClinic.Reader, AuditAction.SignIn, AuditOutcome.Succeeded, detail: $"Detail {i}");
        }

        await program.GetRequiredService<AuditTrail>().SealAsync(Cancellation);
    }

    // Old + Kept entries and the one that tells of the archive.
    async Task<ServiceProvider> ArchivedAsync(string keyFile = "")
    {
        var program = Program(keyFile: keyFile);
        await WriteAsync(program, Old);
        _time.Advance(TimeSpan.FromDays(3 * 366));
        await WriteAsync(program, Kept);
        Assert.Equal(Old, await program.GetRequiredService<ArchiveAudit>().RunAsync(Cancellation));
        await program.GetRequiredService<AuditTrail>().SealAsync(Cancellation);
        return program;
    }

    async Task<(string Place, BackupManifest Manifest)> MakeAsync(ServiceProvider program) =>
        await program.GetRequiredService<Backup>().MakeAsync(_places, Cancellation);

    static async Task<(int Code, string Text)> RunAsync(ServiceProvider program, params string[] args)
    {
        var output = new StringWriter();
        return (await BackupCommands.RunAsync(program, args, output), output.ToString());
    }

    void TakeKeyAlong()
    {
        Directory.CreateDirectory(NewAuditFolder);
        File.Copy(Path.Combine(AuditFolder, "audit.key"), Path.Combine(NewAuditFolder, "audit.key"));
    }

    Dictionary<string, string> AuditFiles() => Directory.GetFiles(AuditFolder, "*", SearchOption.AllDirectories)
        .ToDictionary(f => f, f => Convert.ToHexString(File.ReadAllBytes(f)), StringComparer.Ordinal);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Restore_WhereTheKeyWasTakenAlong_GivesAWholeTrailWithItsArchives(bool isEncrypted)
    {
        var keyFile = isEncrypted ? Path.Combine(_places, "key.txt") : "";
        if (isEncrypted)
        {
            await File.WriteAllTextAsync(keyFile, new string('a', 64), Cancellation);
        }

        await using var program = await ArchivedAsync(keyFile);
        var (place, manifest) = await MakeAsync(program);
        TakeKeyAlong();
        await using var next = NewProgram(NewAuditFolder, keyFile);

        var (code, text) = await RunAsync(next, "restore", place);

        Assert.Equal((0, 3), (code, manifest.AuditFiles));
        Assert.Contains("3 of the files are of the audit trail's folder", text, StringComparison.Ordinal);
        Assert.DoesNotContain(manifest.Files, f => f.Path.EndsWith("audit.key", StringComparison.Ordinal));
        // And the entry that accepts what came back.
        Assert.True(await next.GetRequiredService<AuditTrail>().VerifyAsync(Cancellation) is { IsWhole: true, Sealed: Old + Kept + 2 });
        var archive = Assert.Single(Directory.GetFiles(Path.Combine(NewAuditFolder, "audit-archives")));
        Assert.Null(await next.GetRequiredService<ArchiveAudit>().VerifyAsync(archive, Cancellation));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(archive));
        }
    }

    [Fact]
    public async Task Restore_WhereALongerTrailLies_IsRefused_UnlessThatIsKept()
    {
        await using var program = await ArchivedAsync();
        var (place, _) = await MakeAsync(program);
        await WriteAsync(program, 3);
        var before = AuditFiles();
        await using var next = NewProgram(AuditFolder);

        var (code, text) = await RunAsync(next, "restore", place);

        Assert.Equal(1, code);
        Assert.Contains("another audit trail", text, StringComparison.Ordinal);
        Assert.Contains("--keep-audit", text, StringComparison.Ordinal);
        Assert.Equal(before, AuditFiles());
        Assert.Empty(Directory.GetFileSystemEntries(_empty.Data.Root));

        Assert.Equal(0, (await RunAsync(next, "restore", place, "--keep-audit")).Code);
        var anchors = Path.Combine(AuditFolder, "audit-anchors.json");
        Assert.Equal(before[anchors], AuditFiles()[anchors]);
        Assert.True((await next.GetRequiredService<AuditTrail>().VerifyAsync(Cancellation)).IsWhole);
        Assert.Contains(
            await EntriesAsync(), a => a.Action == AuditAction.TrailAccept && a.Detail!.Contains("had", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Restore_WithoutAPlaceForIt_IsRefused_AndWithoutTheKeySaysSo()
    {
        await using var program = await ArchivedAsync();
        var (place, _) = await MakeAsync(program);
        await using (var nowhere = NewProgram(""))
        {
            var (code, text) = await RunAsync(nowhere, "restore", place);
            Assert.Equal(1, code);
            Assert.Contains("name in Audit:Folder where they go", text, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFileSystemEntries(_empty.Data.Root));
        }

        await using var next = NewProgram(NewAuditFolder);
        var (keyless, words) = await RunAsync(next, "restore", place);
        Assert.Equal(1, keyless);
        Assert.Contains("The data is restored", words, StringComparison.Ordinal);
        Assert.Contains("audit accept", words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audit-anchors.json")]
    [InlineData(".jsonl")]
    public async Task Verify_OfABackupWhoseAuditFileWasChanged_SaysSo(string name)
    {
        await using var program = await ArchivedAsync();
        var (place, _) = await MakeAsync(program);
        Assert.Equal(0, (await RunAsync(program, "verify-backup", place)).Code);
        var file = Directory.GetFiles(Path.Combine(place, "audit"), "*", SearchOption.AllDirectories)
            .Single(f => f.EndsWith(name, StringComparison.Ordinal));
        var bytes = await File.ReadAllBytesAsync(file, Cancellation);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Cancellation);

        var (code, text) = await RunAsync(program, "verify-backup", place);

        Assert.Equal(1, code);
        Assert.Contains("is damaged: audit/", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audit/audit.key")]
    [InlineData("audit/audit-archives/../audit.key")]
    [InlineData("keys/./audit.key")]
    public async Task Backup_ThatNamesTheKey_IsRefused(string name)
    {
        await using var program = await ArchivedAsync();
        var (place, manifest) = await MakeAsync(program);
        var path = Path.Combine(place, BackupManifest.FileName);
        var file = manifest.Files.First(f => f.Path.StartsWith("audit/", StringComparison.Ordinal)).Path;
        await File.WriteAllTextAsync(
            path, (await File.ReadAllTextAsync(path, Cancellation)).Replace(file, name, StringComparison.Ordinal), Cancellation);

        var (code, text) = await RunAsync(program, "verify-backup", place);

        Assert.Equal(1, code);
        Assert.Contains("names a file that is in no backup", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restore_AfterOneThatWasKilled_IsOverNoOtherTrail_AndBackupsLeaveItsRestOut()
    {
        await using var program = await ArchivedAsync();
        var (place, manifest) = await MakeAsync(program);
        TakeKeyAlong();
        await File.WriteAllTextAsync(Path.Combine(NewAuditFolder, "audit-anchors.json.unfinished"), "{", Cancellation);
        await File.WriteAllTextAsync(Path.Combine(AuditFolder, "audit-anchors.json.unfinished"), "{", Cancellation);
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(manifest.AuditFiles, (await MakeAsync(program)).Manifest.AuditFiles);
        await using var next = NewProgram(NewAuditFolder);

        Assert.Equal(0, (await RunAsync(next, "restore", place)).Code);

        Assert.Empty(Directory.GetFiles(NewAuditFolder, "*.unfinished"));
    }

    [Fact]
    public async Task Backup_WhoseAuditFolderIsAway_IsNotMade()
    {
        await using var program = await ArchivedAsync();
        Directory.Move(AuditFolder, NewAuditFolder);

        var refused = await Assert.ThrowsAsync<BackupException>(() => MakeAsync(program));

        Assert.Contains("Is it mounted?", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Backup.In(_places, _time.GetUtcNow()));
    }

    [Fact]
    public async Task Backup_InTheDataFoldersOwnPlace_HasTheTrailOnce()
    {
        await using var program = Program(Path.Combine(_folder.Data.Keys, "audit"));
        await WriteAsync(program, 1);

        var (_, manifest) = await MakeAsync(program);

        Assert.Equal(0, manifest.AuditFiles);
        Assert.Single(manifest.Files, f => f.Path == "keys/audit/audit-head.json");
    }

    [Fact]
    public async Task Entries_ThatWaitedForTheDisk_ComeIntoTheRestoredTrail()
    {
        await using var program = Program();
        await WriteAsync(program, 1);
        await program.GetRequiredService<AuditSpill>().PrepareAsync(Cancellation);
        _disk.IsFull = true;
        await program.GetRequiredService<AuditLog>().RecordAsync(
            TestClinic.Reader, AuditAction.SignIn, AuditOutcome.Succeeded, detail: "waited");
        _disk.IsFull = false;
        var (place, _) = await MakeAsync(program);
        TakeKeyAlong();
        await using var next = NewProgram(NewAuditFolder);
        Assert.Equal(0, (await RunAsync(next, "restore", place)).Code);

        await next.GetRequiredService<AuditSpill>().DrainAsync(Cancellation);

        Assert.Single(await EntriesAsync(), a => a.Detail == "waited");
    }

    async Task<List<AuditEntry>> EntriesAsync()
    {
        await using var db = _empty.CreateDbContext();
        return await db.Audit.AsNoTracking().ToListAsync(Cancellation);
    }
}
