using CovidCxr.Clinic.Studies;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Studies;

public sealed class SweepImagesTests : IAsyncLifetime
{
    readonly TestClinic clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => clinic.DisposeAsync();

    void Age(Func<string, bool> which, TimeSpan age)
    {
        foreach (var file in clinic.Folder.Blobs.Where(which))
        {
            File.SetLastWriteTimeUtc(file, (clinic.Time.GetUtcNow() - age).UtcDateTime);
        }
    }

    [Fact]
    public async Task RunAsync_AfterACrashBetweenFileAndRows_RemovesWhatBelongsToNoStudyAndIsNotUnderWay()
    {
        await clinic.Get<ImportStudy>().RunAsync(TestClinic.Film(1), new(), TestClinic.Reader, Cancellation);
        await using var db = clinic.Context();
        var kept = await db.Studies.Select(s => s.ImageKey).SingleAsync(Cancellation);
        var orphan = await clinic.Get<BlobStore>().SaveAsync(TestClinic.Film(2), Cancellation);
        var underWay = await clinic.Get<BlobStore>().SaveAsync(TestClinic.Film(3), Cancellation);
        var half = clinic.Folder.Blobs.Single(f => Path.GetFileName(f) == orphan) + ".tmp";
        await File.WriteAllBytesAsync(half, new byte[10], Cancellation);
        Age(f => Path.GetFileName(f) != underWay, TimeSpan.FromHours(2));
        Age(f => Path.GetFileName(f) == underWay, TimeSpan.FromMinutes(1));

        await clinic.Get<SweepImages>().RunAsync(Cancellation);

        Assert.Equal(new[] { kept, underWay }.Order(), clinic.Folder.Blobs.Select(Path.GetFileName).Order());
    }
}
