using CovidCxr.Learning.Optimization;

namespace CovidCxr.Engine.Backbones;

/// <summary>
/// Which precisions the processor computes in by itself. In the others libtorch converts at every step, and a run takes longer than in
/// float32: in bfloat16 on a processor that knows AVX2 alone, several times as long.
/// </summary>
static class ProcessorPrecision
{
    const string Description = "/proc/cpuinfo";

    /// <summary>Says so where the machine's processor slows a run down by its precision; null where not, or nothing is known.</summary>
    public static string? Warning(Precision precision) =>
        ComputeDevice.IsCuda || !File.Exists(Description) ? null : Warning(precision, File.ReadLines(Description));

    /// <param name="precision">Of the weights that work.</param>
    /// <param name="description">Linux's lines about the processor: "flags" of x86, or "Features" of Arm, name what it knows.</param>
    internal static string? Warning(Precision precision, IEnumerable<string> description)
    {
        string[] needed = precision switch
        {
            Precision.BFloat16 => ["avx512_bf16", "amx_bf16", "bf16"],
            Precision.Float16 => ["avx512_fp16", "amx_fp16", "asimdhp"],
            _ => [],
        };
        var known = description.FirstOrDefault(
            l => l.StartsWith("flags", StringComparison.Ordinal) || l.StartsWith("Features", StringComparison.Ordinal));
        return needed.Length == 0 || known is null || known.Split(' ', '\t').Intersect(needed).Any()
            ? null
            : $"This processor has no instructions for {precision}: a run in {Precision.Float32} is faster here.";
    }
}
