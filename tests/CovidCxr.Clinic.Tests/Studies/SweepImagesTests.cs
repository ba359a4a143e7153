using CovidCxr.Clinic.Studies;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Studies;

public sealed class SweepImagesTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    void Age(Func<string, bool> which, TimeSpan age)
    {
        foreach (var file in _clinic.Folder.Blobs.Where(which))
        {
            File.SetLastWriteTimeUtc(file, (_clinic.Time.GetUtcNow() - age).UtcDateTime);
        }
    }

    [Fact]
    public async Task RunAsync_AfterACrashBetweenFileAndRows_RemovesWhatBelongsToNoStudyAndIsNotUnderWay()
    {
        await _clinic.Get<ImportStudy>().RunAsync(TestClinic.Film(1), new(), TestClinic.Reader, Cancellation);
        await using var db = _clinic.Context();
        var kept = await db.Studies.Select(s => s.ImageKey).SingleAsync(Cancellation);
        var orphan = await _clinic.Get<BlobStore>().SaveAsync(TestClinic.Film(2), Cancellation);
        var underWay = await _clinic.Get<BlobStore>().SaveAsync(TestClinic.Film(3), Cancellation);
        var half = _clinic.Folder.Blobs.Single(f => Path.GetFileName(f) == orphan) + ".tmp";
        await File.WriteAllBytesAsync(half, new byte[10], Cancellation);
        Age(f => Path.GetFileName(f) != underWay, TimeSpan.FromHours(2));
        Age(f => Path.GetFileName(f) == underWay, TimeSpan.FromMinutes(1));

        await _clinic.Get<SweepImages>().RunAsync(Cancellation);

        Assert.Equal(new[] { kept, underWay }.Order(), _clinic.Folder.Blobs.Select(Path.GetFileName).Order());
    }
}
