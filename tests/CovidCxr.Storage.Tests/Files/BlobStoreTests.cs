using CovidCxr.Storage.Files;
using CovidCxr.Testing;

namespace CovidCxr.Storage.Tests.Files;

public sealed class BlobStoreTests : IDisposable
{
    readonly TestFolder _folder = new(isMigrated: false);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    BlobStore Blobs => new(_folder.Data);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SaveAsync_SameBytesTwice_AreTwoFiles()
    {
        var (one, two) =
            (await Blobs.SaveAsync(new byte[] { 1, 2 }, Cancellation), await Blobs.SaveAsync(new byte[] { 1, 2 }, Cancellation));

        Assert.NotEqual(one, two);
        Assert.Equal([1, 2], await Blobs.ReadAsync(one, Cancellation));
        Blobs.Delete(one);
        Assert.Equal([1, 2], await Blobs.ReadAsync(two, Cancellation));
        Assert.Single(_folder.Blobs);
    }

    [Fact]
    public async Task SaveAsync_Cancelled_LeavesNothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Blobs.SaveAsync(new byte[1000], new CancellationToken(canceled: true)));

        Assert.Empty(_folder.Blobs);
    }

    [Theory]
    [InlineData("../covidcxr.db")]
    [InlineData("/etc/hostname")]
    [InlineData("")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    public async Task ReadAsync_NoKeyOfItsOwn_IsRefused(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Blobs.ReadAsync(key, Cancellation));
        Assert.Throws<ArgumentException>(() => Blobs.Delete(key));
    }
}
