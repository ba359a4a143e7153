using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Toolchains.InProcess.Emit;

namespace Benchmarks;

/// <summary>
/// Three warm-ups and three measurements, in this process: a build of half a gigabyte of native libraries per benchmark says nothing about
/// a scan.
/// </summary>
sealed class ShortRuns : ManualConfig
{
    public ShortRuns() => AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance));
}
