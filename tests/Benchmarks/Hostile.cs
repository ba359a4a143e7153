using System.Collections.Concurrent;
using System.Globalization;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;

namespace Benchmarks;

/// <summary>A reader's films beside somebody who uploads what is meant to bring the program down.</summary>
static class Hostile
{
    const int GoodFilms = 40, Uploaders = 2;

    /// <param name="arguments">Hostile files; then, where wanted, a control group's folder that bounds program and children.</param>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var count = int.Parse(arguments[0], CultureInfo.InvariantCulture);
        var bases = Bases();
        await using var program = new WebProgram(group: arguments.ElementAtOrDefault(1));
        await program.StartAsync(cancellation);
        using var reader = await HttpReaders.SignInAsync(program, cancellation);
        await reader.ReadAsync(1, BenchmarkFilms.Pngs(1, 5), new(), cancellation);
        var alone = new Waits();
        await reader.ReadAsync(1, BenchmarkFilms.Pngs(100, GoodFilms), alone, cancellation);
        Console.WriteLine($"alone: {alone}");

        var answers = new ConcurrentDictionary<int, int>();
        var next = 0;
        async Task AttackAsync()
        {
            for (var i = Interlocked.Increment(ref next); i <= count; i = Interlocked.Increment(ref next))
            {
                var status = await TryAsync(reader, Mutate(bases[i % bases.Count], i), cancellation);
                answers.AddOrUpdate(status, 1, (_, n) => n + 1);
            }
        }

        var attack = Task.WhenAll(Enumerable.Range(0, Uploaders).Select(_ => AttackAsync()));
        var beside = new Waits();
        for (var film = 1000; !attack.IsCompleted; film++)
        {
            await reader.ReadAsync(1, [BenchmarkFilms.Png(film)], beside, cancellation);
        }

        await attack;
        Console.WriteLine($"beside {count} hostile files: {beside}");
        Console.WriteLine("answers: " + string.Join(", ", answers.OrderBy(a => a.Key).Select(a => $"{a.Value} x {a.Key}")));
        var page = (int)await reader.GetAsync("/account/sign-in", cancellation);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"alive: {program.IsAlive}, {program.Megabytes} MB, 95th percentile x{beside.Percentile95 / alone.Percentile95:F2}, "
                + $"sign-in page {page}"));
        return program.IsAlive ? 0 : 1;
    }

    // 413 also where the server hung up on a body that is too large.
    static async Task<int> TryAsync(HttpReaders reader, byte[] file, CancellationToken cancellation)
    {
        try
        {
            return (int)await reader.TryUploadAsync(file, cancellation);
        }
        catch (HttpRequestException)
        {
            return 413;
        }
    }

    // Every fifth as it is, the others damaged in a few bits, a cut or a doubled part.
    static byte[] Mutate(byte[] file, int seed)
    {
        var random = new SplitMix64(seed);
        byte[] bytes = [.. file];
        switch (random.Below(5))
        {
            case 0:
                return bytes;
            case 1:
                return bytes[..(1 + random.Below(bytes.Length))];
            case 2:
                var at = random.Below(bytes.Length);
                return [.. bytes[..at], .. bytes[random.Below(at + 1)..]];
            default:
                for (var i = 1 + random.Below(12); i > 0; i--)
                {
                    bytes[random.Below(random.Below(2) == 0 ? bytes.Length : Math.Min(100, bytes.Length))] ^= (byte)(1 << random.Below(8));
                }

                return bytes;
        }
    }

    static List<byte[]> Bases()
    {
        List<byte[]> files = [];
        var cases = Path.Combine(WebProgram.Root, "..", "shared", "cases");
        if (Directory.Exists(cases))
        {
            string[] kinds = [".jpg", ".tif", ".png", ".zip"];
            files.AddRange(Directory.EnumerateFiles(cases, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                .Where(f => kinds.Contains(Path.GetExtension(f))).Select(File.ReadAllBytes));
        }

        files.AddRange(files.Where(IsScanBomb).ToList().Select(b => Passes(b, 99)));
        files.Add(PngEncoder.Encode(Gradient(64, 600_000, 8)));
        files.Add(PngEncoder.Encode(Gradient(6300, 6300, 16)));
        files.Add(PngEncoder.Encode(PhantomDrawer.Draw(PhantomKind.Clear, seed: 1, 1024, bits: 16)));
        return files;
    }

    static bool IsScanBomb(byte[] file) => Starts(file).Count > 200;

    // As many as are just read.
    static byte[] Passes(byte[] bomb, int count) => [.. bomb[..Starts(bomb)[count]], 0xFF, 0xD9];

    static List<int> Starts(byte[] file) =>
        [.. Enumerable.Range(0, Math.Max(0, file.Length - 1)).Where(i => file[i] == 0xFF && file[i + 1] == 0xDA)];

    static GreyImage Gradient(int width, int height, int bits)
    {
        var largest = (1 << bits) - 1;
        return new(
            width, height, bits,
            [.. Enumerable.Range(0, width * height).Select(i => (ushort)(((i / width * 5L) + (i % width * 3L)) % largest))]);
    }
}
