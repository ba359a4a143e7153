using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Imaging.Tests.Inputs;
using NetVips;

namespace CovidCxr.Imaging.Tests.Decoding;

/// <summary>libvips counts its allocations per process, so nothing may decode beside these.</summary>
[CollectionDefinition(nameof(NativeMemoryTests), DisableParallelization = true)]
[Collection(nameof(NativeMemoryTests))]
public class NativeMemoryTests
{
    static readonly ScanDecoder Decoder = new(new ImagingOptions());

    [Fact]
    public void Decode_SmallFileOfNineHundredMegapixels_IsRefusedInNoMemory()
    {
        var bomb = HandMadePng.Bomb(30_000);
        Decoder.Decode(PngEncoder.Encode(Samples.Uneven(64, 64, 8)));
        var (peak, managed) = (Stats.MemHighwater, GC.GetAllocatedBytesForCurrentThread());

        var message = Expect.Refused(RefusalReason.TooManyPixels, Decoder.Decode(bomb));

        Assert.InRange(bomb.Length, 50_000, 1_000_000);
        Assert.Contains("30000 x 30000", message, StringComparison.Ordinal);
        Assert.InRange(Stats.MemHighwater - peak, 0UL, 1UL << 20);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - managed, 0, 1 << 20);
    }

    [Theory]
    [InlineData(8_192)]
    [InlineData(30_000)]
    [InlineData(1 << 20)]
    public void Decode_SmallTiffOfVastTiles_IsRefusedInLittleMemory(int tile)
    {
        (int Tag, int[] Values)[] tags =
        [
            (256, [100]), (257, [80]), (258, [8]), (259, [1]), (262, [1]), (274, [1]), (277, [1]), (322, [tile]), (323, [tile]), (324, [8]),
            (325, [8000]),
        ];
        var file = HandMadeTiff.Write(tags, new byte[8000]);
        var (peak, managed) = (Stats.MemHighwater, GC.GetAllocatedBytesForCurrentThread());

        Expect.Refused(RefusalReason.Damaged, Decoder.Decode(file));

        Assert.InRange(Stats.MemHighwater - peak, 0UL, 128UL << 20);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - managed, 0, 1 << 20);
    }

    [Fact]
    public void Decode_LargeColourFile_IsReadStripByStrip()
    {
        // 9 megapixels: 18 MB of grey samples, and 27 MB of colour in passing. Reading the whole picture first took 99 MB.
        var file = PngEncoder.EncodeRgb([.. Enumerable.Range(0, 3 * 3000 * 3000).Select(i => (byte)(i / 3 % 3000))], 3000, 3000);
        var (peak, managed) = (Stats.MemHighwater, GC.GetAllocatedBytesForCurrentThread());

        Expect.Image(Decoder.Decode(file));

        // MemHighwater only grows; what grew, this file made.
        Assert.InRange(Stats.MemHighwater - peak, 0UL, 16UL << 20);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - managed, 18_000_000, 48_000_000);
    }

    [Fact]
    public async Task Decode_GoodAndBadFiles_LeavesNothingBehindInLibvips()
    {
        var image = Samples.Noise(200, 180, 16, 3);
        var png = PngEncoder.Encode(image);
        var jpeg = VipsFiles.Jpeg(Samples.Noise(200, 180, 8, 3));
        byte[][] files =
        [
            png, png[..(png.Length / 2)], jpeg, jpeg[..(jpeg.Length / 2)], VipsFiles.Tiff(image), VipsFiles.CmykJpeg(64),
            VipsFiles.Frames(64, i => i.TiffsaveBuffer()),
            HandMadeTiff.Write(200, 180, 16, HandMadeTiff.MinIsWhite, image.WideBytes(), orientation: 6), [0xFF, 0xD8, 0xFF],
        ];
        for (var round = 0; round < 20; round++)
        {
            Array.ForEach(files, f => Decoder.Decode(f));
        }

        await NothingIsLeft();
    }

    [Fact]
    public async Task Encode_ManyTimes_LeavesNothingBehindInLibvips()
    {
        var image = Samples.Noise(200, 180, 16, 3);
        for (var round = 0; round < 20; round++)
        {
            PngEncoder.Encode(image);
            PngEncoder.EncodeRgb(new byte[3 * 100], 10, 10);
        }

        await NothingIsLeft();
    }

    // A worker thread of libvips frees its buffers a moment after its result is there.
    static async Task NothingIsLeft()
    {
        for (var wait = 0; wait < 100 && Stats.Allocations > 0; wait++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        Assert.Equal((0, 0, 0), (Stats.Allocations, Stats.Mem, Stats.Files));
    }
}
