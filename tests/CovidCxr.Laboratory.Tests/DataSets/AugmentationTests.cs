using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Tests.Runs;
using CovidCxr.Learning.Data;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Tests.DataSets;

/// <summary>Augmented images on the disk, and the light table on which a person throws some away.</summary>
public sealed class AugmentationTests : IDisposable
{
    readonly DataSetBench _bench = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Augment_OfADividedVersion_MakesChildrenOfTrainingImagesAlone()
    {
        var augmented = await AugmentAsync(children: 2);

        var images = _bench.Manifest(augmented).Images;
        var originals = images.Where(i => i.Origin is null).ToDictionary(i => i.Path);
        var children = images.Where(i => i.Origin is not null).ToList();
        Assert.Equal(2 * originals.Values.Count(i => i.Part == DataPart.Train), children.Count);
        Assert.All(children, c =>
            Assert.Equal((DataPart.Train, originals[c.Origin!].Class, originals[c.Origin!].Patient), (c.Part!.Value, c.Class, c.Patient)));
        Assert.All(children, c => Assert.True(File.Exists(Path.Combine(_bench.Places.Root, c.Path))));
        Assert.Equal(children.Count, children.Select(c => c.PixelHash).Distinct().Count());
    }

    [Fact]
    public async Task Augment_Twice_MakesTheSamePictures()
    {
        var first = await AugmentAsync(children: 2);
        var second = await AugmentAgainAsync(first.ParentId!.Value, children: 2);

        Assert.Equal(_bench.Manifest(first).Images.Select(i => i.PixelHash), _bench.Manifest(second).Images.Select(i => i.PixelHash));
    }

    [Fact]
    public async Task Augment_WithOtherValues_MakesOtherPicturesAndSaysSo()
    {
        var paper = await AugmentAsync(children: 2);
        var none = await AugmentAgainAsync(
            paper.ParentId!.Value, children: 2,
            new() { Rotations = "3", RotationChance = 0, BlurChance = 0, ZoomChance = 0, LightingChance = 0, WarpChance = 0 });

        // Where nothing is drawn, siblings are one picture.
        Assert.All(Siblings(none), s => Assert.Single(s.Distinct()));
        Assert.All(Siblings(paper), s => Assert.Equal(2, s.Distinct().Count()));
        Assert.EndsWith(
            ", seed 7: rotation 3° (0), blur (0), zoom 1.3 (0), lighting 1.4 (0), warp 0.4 (0), mirror (0), "
                + "gamma 1, coarse (0), noise 0",
            none.Change,
            StringComparison.Ordinal);
        Assert.EndsWith(", seed 7", paper.Change, StringComparison.Ordinal);

        IEnumerable<IEnumerable<string?>> Siblings(DataSetVersion version) =>
            _bench.Manifest(version).Images.Where(i => i.Origin is not null).GroupBy(i => i.Origin, i => i.PixelHash);
    }

    [Fact]
    public async Task Augment_WithAValueOutOfRange_IsRefusedInWords()
    {
        var values = new AugmentationForm { MaxZoom = 3 };

        var refused = Assert.IsType<ChangeDataSetResult.Refused>(
            await Start().RunAsync(new(Guid.Empty, 1, 1, false) { Values = values }, DataSetBench.Admin, Cancellation));

        Assert.Equal("Augmentation: zoom is 1 to 2 and lighting 1 to 3.", refused.Message);
    }

    [Fact]
    public async Task Discard_OfTwo_LeavesThemOutOfTheNextVersion()
    {
        var augmented = await AugmentAsync(children: 2);
        var table = (
            await new LayOutLightTable(_bench.Folder, _bench.Places, _bench.Audit)
                .RunAsync(augmented.Id, 0, DataSetBench.Admin, Cancellation))!;
        var discarded = new HashSet<int>
        {
            table.Rows[0].Children[0].Image.Index, table.Rows[1].Children[1].Image.Index, table.Rows[0].Original.Index
        };

        var next = await _bench.ChangeAsync(c => c.DiscardAsync(augmented.Id, discarded, DataSetBench.Admin, Cancellation));

        Assert.Equal(augmented.Images - 2, next.Images);
        Assert.Equal(table.Children - 2, (
            await new LayOutLightTable(_bench.Folder, _bench.Places, _bench.Audit)
                .RunAsync(next.Id, 0, DataSetBench.Admin, Cancellation))!.Children);
        Assert.DoesNotContain(
            (await _bench.FindingsAsync(next)).Found, f => f.Kind is FindingKind.NearDuplicates or FindingKind.LeakingPatients);
    }

    [Fact]
    public async Task Augment_OfAVersionThatIsNotDivided_IsRefused()
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "clinic", ("COVID-19", 2));
        var version = await _bench.ImportAsync(new(null, "clinic"));

        Assert.IsType<ChangeDataSetResult.Refused>(await Start().RunAsync(new(version.Id, 1, 1, false), DataSetBench.Admin, Cancellation));
        Assert.Null(await new LayOutLightTable(_bench.Folder, _bench.Places, _bench.Audit).RunAsync(
            version.Id, 0, DataSetBench.Admin, Cancellation));
    }

    [Fact]
    public async Task FilmsThatWereLookedAt_AreRecordedOncePerVisit()
    {
        var version = await AugmentAsync(children: 1);
        await _bench.FindingsAsync(version);
        foreach (var page in new[] { 0, 1 })
        {
            await new LayOutLightTable(_bench.Folder, _bench.Places, _bench.Audit)
                .RunAsync(version.Id, page, DataSetBench.Admin, Cancellation);
        }

        await new GetThumbnail(_bench.Folder, _bench.Places, TrainingDecoders.Here).RunAsync(
            version.Id, 0, DataSetBench.Admin, Cancellation);

        await using var db = _bench.Folder.CreateDbContext();
        Assert.Equal(
            [$"data set version {version.Id}: findings", $"data set version {version.Id}: light table"],
            await db.Audit.Where(a => a.Action == AuditAction.TrainingView && a.UserId == DataSetBench.Admin.UserId).OrderBy(a => a.Id)
                .Select(a => a.Detail).ToListAsync(Cancellation));
    }

    [Fact]
    public async Task Everything_ByAnotherRole_IsRefused()
    {
        var reader = new Actor(Guid.NewGuid(), "reader", new HashSet<string> { Role.Radiologist });

        await Assert.ThrowsAsync<AccessRefusedException>(() => Start().RunAsync(new(Guid.Empty, 1, 1, false), reader, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => new LayOutLightTable(_bench.Folder, _bench.Places, _bench.Audit).RunAsync(Guid.Empty, 0, reader, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _bench.Change.DiscardAsync(Guid.Empty, new HashSet<int>(), reader, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => _bench.Change.DivideAsync(Guid.Empty, new(), reader, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _bench.Change.RemedyAsync(Guid.Empty, FindingKind.Unreadable, reader, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => _bench.Find.RunAsync(Guid.Empty, reader, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => new GetThumbnail(_bench.Folder, _bench.Places, TrainingDecoders.Here).RunAsync(Guid.Empty, 0, reader, Cancellation));
    }

    async Task<DataSetVersion> AugmentAsync(int children)
    {
        FilmFolders.WriteClasses(_bench.Root.Path, "clinic", ("COVID-19", 4), ("Normal", 4));
        var version = await _bench.ImportAsync(new(null, "clinic"));
        var divided = await _bench.ChangeAsync(c => c.DivideAsync(version.Id, new(), DataSetBench.Admin, Cancellation));
        return await AugmentAgainAsync(divided.Id, children);
    }

    async Task<DataSetVersion> AugmentAgainAsync(Guid parent, int children, AugmentationForm? values = null)
    {
        var started = Assert.IsType<ChangeDataSetResult.Changed>(
            await Start().RunAsync(new(parent, children, 7, false) { Values = values ?? new() }, DataSetBench.Admin, Cancellation));
        await _bench.WorkAsync();
        return await _bench.FindAsync(started.VersionId);
    }

    StartAugmentation Start() => new(_bench.Folder, _bench.Queue, _bench.Places, _bench.Audit, TimeProvider.System);
}
