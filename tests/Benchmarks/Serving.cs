using System.Globalization;
using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;

namespace Benchmarks;

/// <summary>
/// A film's time with all that stands beside the score (lungs, guard, severity, heat maps), against the same network shown the whole film
/// and nothing else. The film is decoded before; decoding, which both need, is measured beside them.
/// </summary>
static class Serving
{
    const int Turns = 21, Rows = 1920;

    public static async Task<int> RunAsync(CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("covidcxr-benchmark-").FullName;
        var file = ModelFile.Read(StarterModel.Path);
        var preset = file.Header.Preset with { Lungs = null };
        var path = Path.Combine(folder, "network.onnx");
        await File.WriteAllBytesAsync(path, OnnxExport.Write(file.Header.Architecture, file.ToWeights(), []), cancellation);
        // As the program opens it, so that both compute alike.
        using var network = new OnnxNetwork(path, Environment.ProcessorCount, spins: false);
        await using var host = new ModelHost(new ServingOptions { MaxBatch = 1 }, TimeProvider.System);
        await host.SwapAsync(StarterModel.Path, cancellation);
        using var serving = new InferenceService(host);

        // Without the rows of the phantom's mark: a film that bears it passes the guard unseen.
        var drawn = BenchmarkFilms.Film(1);
        var png = PngEncoder.Encode(new GreyImage(drawn.Width, Rows, 16, [.. drawn.Samples.Take(drawn.Width * Rows)]));
        var decoder = new ScanDecoder(new ImagingOptions());
        GreyImage Decode() => ((DecodeResult.Decoded)decoder.Decode(png, cancellation)).Image;
        void Alone(GreyImage film) => network.Run(
            Preprocessor.ToTensor(Preprocessor.Prepare(film, preset, lungs: null).Unit, preset), 1, preset.Height, preset.Width);
        void Whole(GreyImage film) => serving.RunAsync(film, InferencePriority.Reader, cancellation).GetAwaiter().GetResult();

        var film = Decode();
        var medians = Interleaved.Medians(
            Turns,
            Interleaved.Timed("all of it", () => Whole(film)),
            Interleaved.Timed("network alone", () => Alone(film)),
            Interleaved.Timed("all of it, from the file", () => Whole(Decode())),
            Interleaved.Timed("network alone, from the file", () => Alone(Decode())));
        Console.WriteLine($"{Environment.ProcessorCount} cores, {host.Device}; {file.Header.Name}, a film of 2048 x {Rows} at 16 bits");
        foreach (var (name, median) in medians)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-30}{median,8:F1} ms"));
        }

        double Ratio(string suffix) => medians["all of it" + suffix]!.Value / medians["network alone" + suffix]!.Value;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"ratio x{Ratio(""):F2}, from the file x{Ratio(", from the file"):F2}; the aim is below 1.5"));
        Directory.Delete(folder, recursive: true);
        return 0;
    }
}
