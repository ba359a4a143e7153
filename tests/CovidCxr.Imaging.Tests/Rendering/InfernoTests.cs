using CovidCxr.Imaging.Rendering;
using CovidCxr.Testing;

namespace CovidCxr.Imaging.Tests.Rendering;

public class InfernoTests
{
    [Fact]
    public void Base64_Decoded_IsMatplotlibsTable()
    {
        var expected = Convert.FromHexString(GoldenFile.Read("imaging.json").Text("inferno"));

        Assert.Equal(expected, Convert.FromBase64String(Inferno.Base64));
    }

    [Theory]
    [InlineData(0f, 0)]
    [InlineData(1f, 255)]
    [InlineData(0.5f, 128)]
    [InlineData(-3f, 0)]
    [InlineData(7f, 255)]
    [InlineData(float.NaN, 0)]
    public void At_Value_IsTheNearestColour(float value, int index)
    {
        var table = Convert.FromHexString(GoldenFile.Read("imaging.json").Text("inferno"));

        Assert.Equal((table[3 * index], table[(3 * index) + 1], table[(3 * index) + 2]), Inferno.At(value));
    }

    [Fact]
    public void At_RisingValues_GrowsLighter()
    {
        var lightness = Enumerable.Range(0, 256).Select(i => Inferno.At(i / 255f))
            .Select(c => (0.2126 * c.Red) + (0.7152 * c.Green) + (0.0722 * c.Blue)).ToArray();

        Assert.All(lightness.Zip(lightness.Skip(4)), pair => Assert.True(pair.Second > pair.First));
    }
}
