using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;

namespace CovidCxr.Testing;

/// <summary>A temporary folder with drawn films in class folders, removed in the end.</summary>
public sealed class FilmFolder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("covidcxr-test-").FullName;

    /// <summary>films/COVID-19 and films/Other, with so many films of so many patients each: p03_1.png is patient p03's second.</summary>
    public static FilmFolder WithFilms(int patientsPerClass, int filmsPerPatient = 1, int size = 64)
    {
        var folder = new FilmFolder();
        for (var patient = 0; patient < 2 * patientsPerClass; patient++)
        {
            var isSick = patient < patientsPerClass;
            for (var film = 0; film < filmsPerPatient; film++)
            {
                var image = Film(isSick, (patient * 100) + film, size);
                folder.Write($"films/{(isSick ? "COVID-19" : "Other")}/p{patient:D2}_{film}.png", PngEncoder.Encode(image));
            }
        }

        return folder;
    }

    /// <summary>Soft clouds of their own for every seed, as patients differ, and a bright patch in the middle of the sick.</summary>
    public static GreyImage Film(bool isSick, int seed, int size)
    {
        const int Cells = 9;
        var random = new SplitMix64(seed);
        var grid = Enumerable.Range(0, (Cells + 1) * (Cells + 1)).Select(_ => random.NextDouble()).ToArray();
        var samples = new ushort[size * size];
        for (var i = 0; i < samples.Length; i++)
        {
            var (x, y) = ((double)(i % size) / size, (double)(i / size) / size);
            var (column, row) = ((int)(x * Cells), (int)(y * Cells));
            var (u, v) = ((x * Cells) - column, (y * Cells) - row);
            double At(int r, int c) => grid[(r * (Cells + 1)) + c];
            var cloud = ((1 - v) * (((1 - u) * At(row, column)) + (u * At(row, column + 1))))
                + (v * (((1 - u) * At(row + 1, column)) + (u * At(row + 1, column + 1))));
            var patch = isSick && Math.Abs(x - 0.5) < 0.2 && Math.Abs(y - 0.5) < 0.2 ? 0.4 : 0;
            samples[i] = (ushort)(255 * ((0.6 * cloud) + patch));
        }

        return new(size, size, 8, samples);
    }

    /// <summary>White where lung is; which is told by the column.</summary>
    public static GreyImage Mask(int side, Func<int, bool> isLung) =>
        new(side, side, 8, [.. Enumerable.Range(0, side * side).Select(i => (ushort)(isLung(i % side) ? 255 : 0))]);

    public void Write(string path, byte[] content)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllBytes(full, content);
    }

    public string Output(string name = "out") => Directory.CreateDirectory(Path.Combine(Root, name)).FullName;

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
