using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Isolation;

namespace Benchmarks;

/// <summary>What the way through two pipes to a process that decodes costs, on the films of the other measurements.</summary>
static class Decoders
{
    const int Turns = 60;

    public static int Run()
    {
        var options = new ImagingOptions();
        using var pool = new DecoderPool(options, Console.Error.WriteLine);
        pool.Start();
        var film = BenchmarkFilms.Png(1);
        var (here, there) = (new ScanDecoder(options), pool.For(options));
        Console.WriteLine(Interleaved.Line("decode 2048 x 2048 x 16", Interleaved.Medians(
            Turns, Interleaved.Timed("here", () => here.Decode(film)), Interleaved.Timed("there", () => there.Decode(film)))));
        return 0;
    }
}
