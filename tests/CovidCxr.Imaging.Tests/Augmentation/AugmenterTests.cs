using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Tests.Inputs;
using CovidCxr.Testing;

namespace CovidCxr.Imaging.Tests.Augmentation;

/// <summary>Each transform alone against values worked out by hand or by Pillow.</summary>
public class AugmenterTests
{
    static readonly AugmentationPlan Nothing = new(0, 1, 1, 1, false, false, [0, 0, 0, 0, 0, 0, 0, 0]);

    static readonly float[] Nine = [0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f];

    [Fact]
    public void Apply_Nothing_IsTheSource() => Check(Nine, Apply(Nine, 3, Nothing));

    [Fact]
    public void Apply_Flip_MirrorsLeftAndRight() =>
        Check([0.3f, 0.2f, 0.1f, 0.6f, 0.5f, 0.4f, 0.9f, 0.8f, 0.7f], Apply(Nine, 3, Nothing with { Flips = true }));

    [Fact]
    public void Apply_QuarterTurn_IsCounterClockwise() =>
        Check([0.3f, 0.6f, 0.9f, 0.2f, 0.5f, 0.8f, 0.1f, 0.4f, 0.7f], Apply(Nine, 3, Nothing with { Rotation = 90 }));

    [Fact]
    public void Apply_SmallRotation_EqualsPillowInside()
    {
        foreach (var item in GoldenFile.Read("imaging.json").GetProperty("rotate").EnumerateArray())
        {
            var (side, expected) = (item.Int("side"), item.Floats("expected"));
            var actual = Apply(item.Floats("source"), side, Nothing with { Rotation = item.Int("degrees") });

            // At the border Pillow does otherwise.
            foreach (var i in Enumerable.Range(0, side * side).Where(i => i % side is > 2 and < 12 && i / side is > 2 and < 12))
            {
                Assert.Equal(expected[i], actual[i], 1e-5f);
            }
        }
    }

    [Fact]
    public void Apply_ZoomOfTwo_ReadsTheMiddleHalf()
    {
        float[] ramp = [.. Enumerable.Range(0, 16).Select(i => i % 4 / 4f)];

        // Columns 0..3 come from 0.75, 1.25, 1.75 and 2.25.
        var row = new[] { 0.1875f, 0.3125f, 0.4375f, 0.5625f };
        Check([.. row, .. row, .. row, .. row], Apply(ramp, 4, Nothing with { Zoom = 2 }));
    }

    [Fact]
    public void Apply_Blur_SpreadsOneDotByOneTwoOne()
    {
        var dot = new float[25];
        dot[12] = 0.8f;

        Check(
            [0, 0, 0, 0, 0, 0, 0.05f, 0.1f, 0.05f, 0, 0, 0.1f, 0.2f, 0.1f, 0, 0, 0.05f, 0.1f, 0.05f, 0, 0, 0, 0, 0, 0],
            Apply(dot, 5, Nothing with { Blurs = true }));
    }

    [Fact]
    public void Apply_BlurAtTheEdge_RepeatsIt()
    {
        // (3 x 0.8 + 0) / 4 along the rows, then nothing to mix along the columns.
        Check([0.6f, 0.2f, 0, 0.6f, 0.2f, 0, 0.6f, 0.2f, 0], Apply([0.8f, 0, 0, 0.8f, 0, 0, 0.8f, 0, 0], 3, Nothing with { Blurs = true }));
    }

    [Fact]
    public void Apply_ContrastThenBrightness_ScalesAboutTheMiddleAndClamps()
    {
        // (v - 0.5) x 1.4 + 0.5, then x 1.2.
        Check([0.096f, 0.6f, 1, 0], Apply([0.2f, 0.5f, 0.9f, 0.1f], 2, Nothing with { Contrast = 1.4, Brightness = 1.2 }));
    }

    [Fact]
    public void Apply_AllCornersShiftedByOnePixel_MovesThePictureAndRepeatsItsEdge()
    {
        // The result's corner shows what lies a third of the side further right in the source.
        double[] shift = [1 / 3.0, 0, 1 / 3.0, 0, 1 / 3.0, 0, 1 / 3.0, 0];

        Check([0.2f, 0.3f, 0.3f, 0.5f, 0.6f, 0.6f, 0.8f, 0.9f, 0.9f], Apply(Nine, 3, Nothing with { CornerShifts = shift }));
    }

    [Fact]
    public void Apply_Trapezoid_IsProjectiveAndNotAffine()
    {
        // Upper corners drawn in by a quarter: the diagonals of the trapezoid cross at (t - 1) / (t + 1) = -1/3 for a half-width t of 0.5
        // above and 1 below, so the middle of the result shows source row (-1/3 + 1) x 9 / 2 - 0.5 = 2.5.
        float[] ramp = [.. Enumerable.Range(0, 81).Select(i => i / 9 / 10f)];

        var result = Apply(ramp, 9, Nothing with { CornerShifts = [0.25, 0, -0.25, 0, 0, 0, 0, 0] });

        Assert.Equal(0.25f, result[40], 1e-5f);
    }

    [Fact]
    public void Apply_PlansOfThePaper_StayInRangeAndRepeat()
    {
        float[] source = [.. Samples.Noise(48, 48, 8, 1).Samples.Select(s => s / 255f)];
        for (var sample = 0; sample < 200; sample++)
        {
            var plan = AugmentationPlan.Draw(
                AugmentationOptions.Paper with { WarpMagnitude = 1, MaxZoom = 2, MaxLighting = 3, FlipChance = 0.5 }, 1, 0, sample);

            var result = Apply(source, 48, plan);

            Assert.All(result, v => Assert.InRange(v, 0f, 1f));
            Assert.Equal(result, Apply(source, 48, plan));
        }
    }

    [Fact]
    public void Apply_NotSquare_KeepsRowsAndColumnsApart()
    {
        float[] source = [0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f];
        var result = new float[6];

        Augmenter.Apply(source, 3, 2, Nothing with { Rotation = 180 }, result);

        Check([0.6f, 0.5f, 0.4f, 0.3f, 0.2f, 0.1f], result);
    }

    static float[] Apply(float[] source, int side, AugmentationPlan plan)
    {
        var result = new float[source.Length];
        Augmenter.Apply(source, side, source.Length / side, plan, result);
        return result;
    }

    static void Check(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }
}
