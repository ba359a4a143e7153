using CovidCxr.Engine.Backbones;
using CovidCxr.Learning.Optimization;

namespace CovidCxr.Engine.Tests.Backbones;

public sealed class ProcessorPrecisionTests
{
    const string Old = "flags\t\t: fpu sse2 f16c avx2 fma", New = "flags\t\t: fpu avx2 avx512_bf16 amx_tile";

    const string Arm = "Features\t: fp asimd fphp asimdhp";

    [Theory]
    [InlineData(Old, Precision.Float32, false)]
    [InlineData(Old, Precision.BFloat16, true)]
    [InlineData(Old, Precision.Float16, true)]
    [InlineData(New, Precision.BFloat16, false)]
    [InlineData(New, Precision.Float16, true)]
    [InlineData(Arm, Precision.BFloat16, true)]
    [InlineData(Arm, Precision.Float16, false)]
    [InlineData("model name\t: bf16 in no list", Precision.BFloat16, false)]
    public void Warning_OfAPrecision_IsGivenWhereTheProcessorLacksIt(string line, Precision precision, bool isGiven)
    {
        var warning = ProcessorPrecision.Warning(precision, ["processor\t: 0", line]);

        Assert.Equal(isGiven ? $"This processor has no instructions for {precision}: a run in Float32 is faster here." : null, warning);
    }
}
