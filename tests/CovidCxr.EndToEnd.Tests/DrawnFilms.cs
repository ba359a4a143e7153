using System.IO.Compression;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using Microsoft.Playwright;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>Films to train on, drawn here: 25 patients of two each, and what a careless collector leaves in.</summary>
static class DrawnFilms
{
    const int Side = 48;

    // The films of a patient differ; film 0 a second time, film 2 under the other class too, and a text that calls itself a film.
    public static IEnumerable<(string Name, byte[] Bytes)> All()
    {
        for (var i = 0; i < 50; i++)
        {
            yield return ($"set/{(i / 2 % 2 == 0 ? "COVID-19" : "Normal")}/{i / 2:D8}_{i % 2:D3}.png", Film(5300 + i));
        }

        yield return ("set/COVID-19/00000000_009.png", Film(5300));
        yield return ("set/Normal/00000099_000.png", Film(5308));
        yield return ("set/Normal/00000098_000.png", "no film"u8.ToArray());
    }

    public static FilePayload Archive(params (string Name, byte[] Bytes)[] files)
    {
        using var memory = new MemoryStream();
        using (var archive = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in files)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(bytes);
            }
        }

        return new()
        {
            Name = "films.zip",
            MimeType = "application/zip",
            Buffer = memory.ToArray(),
        };
    }

    // Blocks of noise of their own for every film, so that none is another's duplicate.
    public static byte[] Film(int seed)
    {
        var random = new SplitMix64(seed);
        var cells = Enumerable.Range(0, 64).Select(_ => random.NextDouble()).ToArray();
        return PngEncoder.Encode(new GreyImage(
            Side, Side, 8,
            [.. Enumerable.Range(0, Side * Side).Select(p => (ushort)(255 * cells[(p / Side * 8 / Side * 8) + (p % Side * 8 / Side)]))]));
    }
}
