using CovidCxr.Imaging.Augmentation;

namespace CovidCxr.Imaging.Tests.Augmentation;

public class AugmentationPlanTests
{
    const int Draws = 4000;

    [Fact]
    public void Draw_SameSeedEpochAndSample_IsTheSamePlanInWhateverOrder()
    {
        var forward = Enumerable.Range(0, 50).Select(i => Describe(AugmentationPlan.Draw(AugmentationOptions.Paper, 1, 2, i))).ToArray();
        var backward = Enumerable.Range(0, 50).Reverse().Select(i => Describe(AugmentationPlan.Draw(AugmentationOptions.Paper, 1, 2, i)))
            .Reverse();

        Assert.Equal(forward, backward);
        Assert.NotEqual(forward[3], Describe(AugmentationPlan.Draw(AugmentationOptions.Paper, 2, 2, 3)));
        Assert.NotEqual(forward[3], Describe(AugmentationPlan.Draw(AugmentationOptions.Paper, 1, 3, 3)));
        Assert.Equal(50, forward.Distinct().Count());
    }

    [Fact]
    public void Draw_WithThePapersOptions_KeepsItsRangesAndChances()
    {
        var plans = Enumerable.Range(0, Draws).Select(i => AugmentationPlan.Draw(AugmentationOptions.Paper, 9, 0, i)).ToArray();

        Assert.Equal([-15, -10, -5, 0, 5, 10, 15], plans.Select(p => p.Rotation).Distinct().Order());
        Assert.All(plans, p => Assert.InRange(p.Zoom, 1, 1.3));
        Assert.All(plans, p => Assert.InRange(p.Contrast, 1 / 1.4, 1.4));
        Assert.All(plans, p => Assert.InRange(p.Brightness, 1 / 1.4, 1.4));
        Assert.All(plans, p => Assert.All(p.CornerShifts, s => Assert.InRange(s, -0.1, 0.1)));
        Assert.All(plans, p => Assert.Equal(8, p.CornerShifts.Count));
        Assert.DoesNotContain(plans, p => p.Flips);
        // Four standard deviations of a share of 4,000 are 0.027 at 0.75 and 0.032 at a half.
        Assert.InRange(Share(plans, p => p.Rotation != 0), 0.72, 0.78);
        Assert.InRange(Share(plans, p => p.Rotation > 0), 0.345, 0.405);
        Assert.InRange(Share(plans, p => p.Zoom > 1), 0.72, 0.78);
        Assert.InRange(Share(plans, p => p.Contrast != 1), 0.72, 0.78);
        Assert.InRange(Share(plans, p => p.Brightness > 1), 0.345, 0.405);
        Assert.InRange(Share(plans, p => p.CornerShifts[0] != 0), 0.46, 0.54);
        Assert.InRange(Share(plans, p => p.Blurs), 0.22, 0.28);
    }

    [Fact]
    public void Draw_WithNone_ChangesNothing()
    {
        float[] source = [0, 0.25f, 0.5f, 1];
        var result = new float[4];

        Augmenter.Apply(source, 2, 2, AugmentationPlan.Draw(AugmentationOptions.None, 1, 1, 1), result);

        Assert.All(source.Zip(result), pair => Assert.Equal(pair.First, pair.Second, 1e-6f));
    }

    public static TheoryData<string, AugmentationOptions> Wrong => new()
    {
        { "chances", AugmentationOptions.Paper with { BlurChance = 1.1 } },
        { "chances", AugmentationOptions.Paper with { FlipChance = double.NaN } },
        { "rotations", AugmentationOptions.Paper with { RotationDegrees = [5, 46] } },
        { "zoom", AugmentationOptions.Paper with { MaxZoom = 0.9 } },
        { "lighting", AugmentationOptions.Paper with { MaxLighting = 3.5 } },
        { "warp", AugmentationOptions.Paper with { WarpMagnitude = -0.1 } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void Validate_ValueOutOfRange_NamesIt(string word, AugmentationOptions options) =>
        Assert.Contains(word, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);

    [Fact]
    public void Validate_PaperAndNone_AreRight()
    {
        AugmentationOptions.Paper.Validate();
        AugmentationOptions.None.Validate();
    }

    static double Share(AugmentationPlan[] plans, Func<AugmentationPlan, bool> has) => plans.Count(has) / (double)plans.Length;

    static string Describe(AugmentationPlan plan) => $"{plan} {string.Join(' ', plan.CornerShifts)}";
}
