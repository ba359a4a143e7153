using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Testing;

namespace CovidCxr.Imaging.Tests.Preprocessing;

public class ResizerTests
{
    [Fact]
    public void Resize_GoldenCases_EqualsPillow()
    {
        foreach (var item in GoldenFile.Read("imaging.json").GetProperty("resize").EnumerateArray())
        {
            var actual = Resizer.Resize(
                item.Floats("source"), item.Int("width"), item.Int("height"), item.Int("toWidth"), item.Int("toHeight"));

            var expected = item.Floats("expected");
            Assert.Equal(expected.Length, actual.Length);
            Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 2e-6f));
        }
    }

    [Fact]
    public void Resize_ToTheSameSize_ChangesNothing()
    {
        float[] source = [0.1f, 0.7f, 0.3f, 1, 0, 0.5f];

        Assert.Equal(source, Resizer.Resize(source, 3, 2, 3, 2));
    }

    [Fact]
    public void Resize_TwoToFour_HasHalfPixelCentres()
    {
        // Centres of 4 in pixels of 2: -0.25, 0.25, 0.75, 1.25; edges hold.
        Assert.Equal([0, 0.25f, 0.75f, 1], Resizer.Resize([0, 1], 2, 1, 4, 1));
    }

    [Fact]
    public void Resize_FourToTwo_WeighsByTheWidenedTriangle()
    {
        // Support 2 about 1 and 3: weights 0.75, 0.75, 0.25 over 1.75.
        var half = Resizer.Resize([7, 0, 0, 0], 4, 1, 2, 1);

        Assert.Equal(3, half[0], 1e-6f);
        Assert.Equal(0, half[1], 1e-6f);
    }

    [Theory]
    [InlineData(17, 5, 224, 224)]
    [InlineData(300, 200, 32, 48)]
    [InlineData(1, 1, 9, 9)]
    public void Resize_Constant_StaysConstant(int width, int height, int toWidth, int toHeight) =>
        Assert.All(Resizer.Resize([.. Enumerable.Repeat(0.75f, width * height)], width, height, toWidth, toHeight), v =>
            Assert.Equal(0.75f, v, 1e-6f));
}
