using System.Text;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.DataSets;

/// <summary>What an uploaded archive may not do.</summary>
public sealed class ArchiveTests : IDisposable
{
    readonly DataSetBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("/etc/cron.d/a.png", "absolute name")]
    [InlineData("C:\\Windows\\a.png", "absolute name")]
    [InlineData("../../a.png", "'..'")]
    [InlineData("COVID-19\\..\\..\\a.png", "'..'")]
    [InlineData("COVID-19/a\u0001.png", "control characters")]
    public async Task Upload_OfAHostileName_IsRefusedWithAReason(string name, string reason) =>
        await RefusedAsync(Archives.Of(("COVID-19/good.png", TestClinic.Film(1)), (name, TestClinic.Film(2))), reason);

    [Theory]
    [InlineData("COVID-19/film.svg")]
    [InlineData("COVID-19/film.html")]
    [InlineData("scripts/load.py")]
    [InlineData("run.exe")]
    public async Task Upload_OfAForeignFile_LeavesItOutAndCountsIt(string name)
    {
        var preview = await PreviewAsync(Archives.Of(("COVID-19/good.png", TestClinic.Film(1)), (name, TestClinic.Film(2))));

        Assert.Equal((1, null), (preview.Images, preview.Problem));
        Assert.Equal([$"1 other files are not imported (1 {Path.GetExtension(name)})."], preview.Remarks);
    }

    [Theory]
    [InlineData(12, "BZip2")]
    [InlineData(14, "LZMA")]
    [InlineData(98, "PPMd")]
    [InlineData(77, "method 77")]
    public async Task Upload_OfACompressionThatIsNotRead_IsRefusedByName(int method, string name) =>
        await RefusedAsync(Archives.WithMethod(Archives.Of(("COVID-19/a.png", TestClinic.Film(1))), method), $"compressed with {name}");

    [Fact]
    public async Task Upload_OfAnotherReadersEntries_IsRefused()
    {
        // Two ends: the first reader that looks from the front would see other files.
        var bytes = Archives.Of(("COVID-19/a.png", TestClinic.Film(1)));
        var at = bytes.AsSpan().LastIndexOf("PK\x05\x06"u8);
        BitConverter.TryWriteBytes(bytes.AsSpan(at + 10), (ushort)2);

        await RefusedAsync(bytes, "damaged");
    }

    [Fact]
    public async Task Upload_OfZip64WithFewEntries_IsTaken() =>
        Assert.Equal(2, (
            await PreviewAsync(
                Archives.Zip64(Archives.Of(("set/COVID-19/a.png", TestClinic.Film(1)), ("set/Normal/b.png", TestClinic.Film(2)))))).Images);

    [Fact]
    public async Task Upload_OfZip64WithTooManyEntries_IsRefused() =>
        await RefusedAsync(Archives.Zip64(Archives.ManyEntries(50_001)), "more than 50000 entries");

    [Theory]
    [InlineData(437)]
    [InlineData(65001)]
    public async Task Upload_OfNamesWithoutTheUnicodeFlag_ReadsThemAsTheirWriterMeant(int codePage)
    {
        var names = new[] { "Röntgen/COVID/Müller.png", "Röntgen/COVID/Möller.png", "Röntgen/Normal/Grün.png" };

        var preview = await PreviewAsync(Archives.Named(codePage, [.. names.Select((n, i) => (n, TestClinic.Film(i + 1)))]));

        Assert.Equal(names.Order(StringComparer.Ordinal), preview.First.Select(i => i.File.Path).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Upload_OfNamesWithPartsThatSayNothing_DropsThem() =>
        Assert.Equal(["set/COVID/a.png", "set/Normal/b.png"], (
            await PreviewAsync(Archives.Of(("./set/COVID/a.png", TestClinic.Film(1)), ("./set//Normal/./b.png", TestClinic.Film(2))))).First
                .Select(i => i.File.Path));

    [Fact]
    public async Task Upload_OfNamesThatMacOsDecomposed_MatchesTheTable()
    {
        var preview = await PreviewAsync(Archives.Of(
            ("images/Mu\u0308ller.png", TestClinic.Film(1)), ("images/Jo\u0308rg.png", TestClinic.Film(2)),
            ("metadata.csv", "filename,finding\nM\u00FCller.png,Normal\nJ\u00F6rg,COVID-19\n"u8.ToArray())));

        Assert.Equal((2, 0), (preview.Images, preview.Remarks.Count));
    }

    [Fact]
    public async Task Upload_OfASymbolicLink_IsRefused() => await RefusedAsync(Archives.Link(), "symbolic link");

    [Fact]
    public async Task Upload_OfABomb_IsRefused() => await RefusedAsync(Archives.Bomb(), "bomb");

    [Fact]
    public async Task Upload_OfAHundredThousandEntries_IsRefused() =>
        await RefusedAsync(Archives.ManyEntries(100_000), "more than 50000 entries");

    [Fact]
    public async Task Upload_OfMoreEntriesThanItsEndDeclares_IsRefused()
    {
        var bytes = Archives.ManyEntries(60_000);
        var at = bytes.AsSpan().LastIndexOf("PK\x05\x06"u8);
        BitConverter.TryWriteBytes(bytes.AsSpan(at + 8), (ushort)3);
        BitConverter.TryWriteBytes(bytes.AsSpan(at + 10), (ushort)3);

        await RefusedAsync(bytes, "more than 50000 entries");
    }

    [Fact]
    public async Task Upload_OfWhatIsNoZip_IsRefused() => await RefusedAsync(Encoding.ASCII.GetBytes("not a zip"), "not a zip archive");

    [Fact]
    public async Task Upload_OfMoreThanFits_IsRefused()
    {
        using var small = new DataSetBench(new(MaxUnpackedBytes: 100));

        Assert.Contains(
            "would take more than",
            Assert.IsType<AcceptArchiveResult.Refused>(
                await small.UploadAsync(Archives.Of(("COVID-19/a.png", TestClinic.Film(1))))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfAFileLargerThanDeclared_FailsAndLeavesNothing()
    {
        var accepted = Assert.IsType<AcceptArchiveResult.Accepted>(await _bench.UploadAsync(Archives.UnderstatedSize()));
        await using (var db = _bench.Folder.CreateDbContext())
        {
            Assert.Equal(
                (AuditAction.DataSetImport, AuditOutcome.Succeeded),
                await db.Audit.Select(a => ValueTuple.Create(a.Action, a.Outcome)).SingleAsync(DataSetBench.Cancellation));
        }


        var version = await _bench.ImportAsync(new(accepted.Archive, null));

        Assert.Equal(DataSetState.Failed, version.State);
        Assert.Contains("archive", version.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(_bench.Places.Root, DataSetPlaces.FilesOf(version.Id))));
    }

    [Fact]
    public async Task Import_OfPagesThatCallThemselvesImages_NamesThemAndKeepsNoneOfTheirBytes()
    {
        var accepted = Assert.IsType<AcceptArchiveResult.Accepted>(await _bench.UploadAsync(Archives.Of(
            ("set/COVID-19/good.png", TestClinic.Film(1)), ("set/COVID-19/drawing.png", "<svg onload='alert(1)'/>"u8.ToArray()),
            ("set/Other/page.jpg", "<html></html>"u8.ToArray()))));

        var version = await _bench.ImportAsync(new(accepted.Archive, null));

        Assert.Equal(DataSetState.Ready, version.State);
        Assert.Equal(2, _bench.Manifest(version).Images.Count(i => i.Problem is not null));
        Assert.Equal(
            ["good.png"],
            Directory.EnumerateFiles(Path.Combine(_bench.Places.Root, "files"), "*", SearchOption.AllDirectories).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData(Role.Radiologist)]
    [InlineData(Role.DepartmentLead)]
    public async Task Upload_ByAnotherRole_IsRefused(string role) =>
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _bench.UploadAsync([1], new(Guid.Empty, "other", new HashSet<string> { role })));

    async Task<ImportPreview> PreviewAsync(byte[] archive)
    {
        var accepted = Assert.IsType<AcceptArchiveResult.Accepted>(await _bench.UploadAsync(archive));
        return await new PreviewImport(_bench.Sources)
            .RunAsync(new(accepted.Archive, null), null, DataSetBench.Admin, DataSetBench.Cancellation);
    }

    async Task RefusedAsync(byte[] archive, string reason)
    {
        var before = Outside();

        var refused = Assert.IsType<AcceptArchiveResult.Refused>(await _bench.UploadAsync(archive));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
        Assert.Equal(before, Outside());
        Assert.Empty(Directory.EnumerateFiles(_bench.Places.Root, "*", SearchOption.AllDirectories));
        await using var db = _bench.Folder.CreateDbContext();
        Assert.Equal(
            (AuditAction.DataSetImport, AuditOutcome.Refused),
            await db.Audit.Select(a => ValueTuple.Create(a.Action, a.Outcome)).SingleAsync(DataSetBench.Cancellation));
    }

    // Everything around the folder of the data sets, up to where the tests' folders lie.
    List<string> Outside() => [.. Directory.EnumerateFileSystemEntries(_bench.Folder.Data.Root, "*", SearchOption.AllDirectories)
        .Where(p => !p.StartsWith(_bench.Places.Root, StringComparison.Ordinal) && !p.Contains("covidcxr.db", StringComparison.Ordinal))];
}
