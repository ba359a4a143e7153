using CovidCxr.Imaging.Preprocessing;

namespace CovidCxr.Imaging.Tests.Preprocessing;

public class PreprocessingPresetTests
{
    [Fact]
    public void Square_OfASide_HasImageNetsMeanAndDeviation()
    {
        // Source: torchvision.models, ResNet18_Weights.IMAGENET1K_V1.transforms().
        var preset = PreprocessingPreset.Square(224);

        preset.Validate();
        Assert.Equal((224, 224), (preset.Width, preset.Height));
        Assert.Equal([0.485f, 0.456f, 0.406f], preset.Mean);
        Assert.Equal([0.229f, 0.224f, 0.225f], preset.Deviation);
        Assert.Equal((0.5, 99.5), (preset.LowPercentile, preset.HighPercentile));
    }

    public static TheoryData<string, PreprocessingPreset> Wrong
    {
        get
        {
            var right = PreprocessingPreset.Square(64);
            return new()
            {
                { "size", right with { Width = 31 } },
                { "size", right with { Height = 2049 } },
                { "percentiles", right with { LowPercentile = -1 } },
                { "percentiles", right with { HighPercentile = 101 } },
                { "percentiles", right with { LowPercentile = 50, HighPercentile = 50 } },
                { "percentiles", right with { LowPercentile = double.NaN } },
                { "three", right with { Mean = [0.5f] } },
                { "three", right with { Deviation = [1, 1, 1, 1] } },
                { "finite", right with { Mean = [0, float.NaN, 0] } },
                { "above 0", right with { Deviation = [1, 0, 1] } },
                { "above 0", right with { Deviation = [1, float.PositiveInfinity, 1] } },
            };
        }
    }

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void Validate_ValueOutOfRange_NamesIt(string word, PreprocessingPreset preset) =>
        Assert.Contains(word, Assert.Throws<ArgumentException>(preset.Validate).Message, StringComparison.Ordinal);
}
