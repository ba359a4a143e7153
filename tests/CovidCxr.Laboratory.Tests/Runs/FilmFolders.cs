using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;

namespace CovidCxr.Laboratory.Tests.Runs;

/// <summary>Folders of noise films as an administrator would put them below the root.</summary>
static class FilmFolders
{
    const int Side = 40;

    /// <summary>root/name/class/p00_0.png …; every film a patient of its own.</summary>
    public static void WriteClasses(string root, string name, params (string Class, int Films)[] classes)
    {
        var seed = 0;
        foreach (var (label, films) in classes)
        {
            var folder = Directory.CreateDirectory(Path.Combine(root, name, label)).FullName;
            for (var i = 0; i < films; i++)
            {
                File.WriteAllBytes(Path.Combine(folder, $"{label}-{i}.png"), PngEncoder.Encode(Film(++seed)));
            }
        }
    }

    /// <summary>root/name/metadata.csv and images/ in the Cohen collection's shape; one row names a film that is not there.</summary>
    public static void WriteTable(string root, string name, params (string Finding, int Films)[] findings)
    {
        var images = Directory.CreateDirectory(Path.Combine(root, name, "images")).FullName;
        var rows = new List<string> { "patientid,finding,view,filename", "p-absent,COVID-19,PA,absent.png" };
        foreach (var (finding, films) in findings)
        {
            for (var i = 0; i < films; i++)
            {
                var file = $"film{rows.Count}.png";
                File.WriteAllBytes(Path.Combine(images, file), PngEncoder.Encode(Film(1000 + rows.Count)));
                rows.Add($"p{rows.Count},\"{finding}\",PA,{file}");
            }
        }

        File.WriteAllLines(Path.Combine(root, name, "metadata.csv"), rows);
    }

    public static GreyImage Film(int seed)
    {
        var random = new SplitMix64(seed);
        var cells = Enumerable.Range(0, 64).Select(_ => random.NextDouble()).ToArray();
        var samples = new ushort[Side * Side];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (ushort)(255 * cells[(i / Side * 8 / Side * 8) + (i % Side * 8 / Side)]);
        }

        return new(Side, Side, 8, samples);
    }
}
