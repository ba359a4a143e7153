using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Tests.Inputs;
using CovidCxr.Testing;

namespace CovidCxr.Imaging.Tests.Preprocessing;

public class PreprocessorTests
{
    [Fact]
    public void ToUnit_GoldenPercentiles_WindowsAsNumPy()
    {
        var golden = GoldenFile.Read("imaging.json").GetProperty("percentiles");
        ushort[] samples = [.. golden.GetProperty("samples").EnumerateArray().Select(v => v.GetUInt16())];
        var image = new GreyImage(20, 20, 16, samples);
        foreach (var item in golden.GetProperty("cases").EnumerateArray())
        {
            var preset = PreprocessingPreset.Square(20) with
            {
                LowPercentile = item.GetProperty("low").GetDouble(),
                HighPercentile = item.GetProperty("high").GetDouble()
            };

            var unit = Preprocessor.ToUnit(image, preset);

            float low = item.Int("lowValue"), high = item.Int("highValue");
            Assert.All(samples.Zip(unit), pair => Assert.Equal(Math.Clamp((pair.First - low) / (high - low), 0, 1), pair.Second, 1e-6f));
        }
    }

    [Fact]
    public void ToUnit_DefaultWindow_LeavesHalfAPercentOutOnEachSide()
    {
        // 1,000 different values: the 5th smallest is 0, the 995th is 1.
        var image = new GreyImage(40, 25, 16, [.. Enumerable.Range(0, 1000).Select(i => (ushort)(i * 3))]);

        var unit = Preprocessor.ToUnit(image, PreprocessingPreset.Square(32) with { Width = 40, Height = 25 });

        Assert.Equal(5, unit.Count(v => v == 0));
        Assert.Equal(6, unit.Count(v => v >= 1 - 1e-6f));
        Assert.Equal(1 / 990f, unit[5], 1e-6f);
    }

    [Fact]
    public void ToUnit_EightBitsTwelveBitsAndSixteenBits_AreAlike()
    {
        var narrow = Samples.Noise(50, 40, 8, 1);
        var preset = PreprocessingPreset.Square(32);
        var expected = Preprocessor.ToUnit(narrow, preset);

        foreach (var factor in new[] { 16, 257 })
        {
            var wide = new GreyImage(50, 40, 16, [.. narrow.Samples.Select(s => (ushort)(s * factor))]);
            Assert.All(expected.Zip(Preprocessor.ToUnit(wide, preset)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(77)]
    [InlineData(65535)]
    public void ToUnit_OneValueEverywhere_IsBlack(int value)
    {
        var image = new GreyImage(40, 40, 16, [.. Enumerable.Repeat((ushort)value, 1600)]);

        Assert.All(Preprocessor.ToUnit(image, PreprocessingPreset.Square(32)), v => Assert.Equal(0, v));
    }

    [Theory]
    [InlineData(700, 300)]
    [InlineData(33, 90)]
    public void ToUnit_AnySize_StaysInRange(int width, int height) =>
        Assert.All(
            Preprocessor.ToUnit(Samples.Noise(width, height, 16, 2), PreprocessingPreset.Square(64)), v => Assert.InRange(v, 0f, 1f));

    [Fact]
    public void Normalise_OneValue_IsSubtractedAndDividedByImageNetsFigures()
    {
        var tensor = new float[3];

        Preprocessor.Normalise([0.5f], PreprocessingPreset.Square(224), tensor);

        // (0.5 - 0.485) / 0.229, (0.5 - 0.456) / 0.224, (0.5 - 0.406) / 0.225
        Assert.Equal(0.0655022f, tensor[0], 1e-6f);
        Assert.Equal(0.1964286f, tensor[1], 1e-6f);
        Assert.Equal(0.4177778f, tensor[2], 1e-6f);
    }

    [Fact]
    public void ToTensor_Image_IsThreePlanesOfTheUnitImage()
    {
        var image = Samples.Noise(60, 50, 8, 3);
        var preset = PreprocessingPreset.Square(32) with { Width = 48 };

        var unit = Preprocessor.ToUnit(image, preset);
        var tensor = Preprocessor.ToTensor(unit, preset);

        Assert.Equal(3 * 48 * 32, tensor.Length);
        for (var channel = 0; channel < 3; channel++)
        {
            for (var i = 0; i < unit.Length; i++)
            {
                Assert.Equal((unit[i] - preset.Mean[channel]) / preset.Deviation[channel], tensor[(channel * unit.Length) + i], 1e-5f);
            }
        }
    }
}
