using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using NetVips;

namespace CovidCxr.Imaging.Tests.Phantoms;

public sealed class PhantomMarkTests
{
    [Theory]
    [InlineData(64, 8)]
    [InlineData(64, 16)]
    [InlineData(300, 8)]
    [InlineData(300, 16)]
    [InlineData(512, 8)]
    [InlineData(512, 16)]
    public void IsOn_DrawnPhantom_IsSeen(int size, int bits) =>
        Assert.All(Enum.GetValues<PhantomKind>(), kind =>
            Assert.True(PhantomMark.IsOn(PhantomDrawer.Draw(kind, seed: size + bits, size, bits)), $"{kind}"));

    [Fact]
    public void IsOn_LargePhantom_IsSeen() =>
        Assert.True(PhantomMark.IsOn(PhantomDrawer.Draw(PhantomKind.Clear, seed: 5, 1024, 16)));

    [Theory]
    [InlineData(512)]
    [InlineData(1024)]
    public void IsOn_PhantomAsJpeg_IsSeen(int size)
    {
        var phantom = PhantomDrawer.Draw(PhantomKind.LobarOpacity, seed: 7, size, 8);
        using var raw = Image.NewFromMemory(
            Array.ConvertAll(phantom.Samples, s => (byte)s), size, size, 1, Enums.BandFormat.Uchar);
        var jpeg = new ScanDecoder(new ImagingOptions()).Decode(raw.JpegsaveBuffer());

        Assert.True(PhantomMark.IsOn(Assert.IsType<DecodeResult.Decoded>(jpeg).Image));
    }

    [Fact]
    public void IsOn_WithoutTheWord_IsNotSeen()
    {
        var phantom = PhantomDrawer.Draw(PhantomKind.Clear, seed: 5, 512, 8);
        Array.Clear(phantom.Samples, 512 * 480, 512 * 32);

        Assert.False(PhantomMark.IsOn(phantom));
        Assert.False(PhantomMark.IsOn(new(512, 512, 8, [.. Enumerable.Repeat((ushort)255, 512 * 512)])));
        Assert.False(PhantomMark.IsOn(new(40, 40, 8, new ushort[1600])));
    }
}
