using CovidCxr.Testing;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>A piece of the real collection, small enough for a story and with all of its troubles.</summary>
static class DarkCovidNet
{
    const int OfEachClass = 24;

    public const int PatientsInTwoClasses = 6;

    /// <summary>Null where the collection is not on this machine.</summary>
    public static string? Root { get; } = SharedData.Root("darkcovidnet") is { } root ? Path.Combine(root, "darkcovidnet") : null;

    /// <summary>
    /// Of each class so many films: COVID-19 as they come, of the NIH's those of patients in both classes and one pair of equal pixels
    /// first.
    /// </summary>
    public static void CopySome(string folder)
    {
        string[] classes = ["Covid-19", "No_findings", "Pneumonia"];
        var all = classes.ToDictionary(c => c, c => Directory.GetFiles(Path.Combine(Root!, c)).Order(StringComparer.Ordinal).ToList());
        var inTwo = all["No_findings"].Select(Patient).Intersect(all["Pneumonia"].Select(Patient)).Order(StringComparer.Ordinal).ToList();
        var wanted = inTwo.Take(PatientsInTwoClasses).Append("00002658").ToHashSet();
        foreach (var (name, files) in all)
        {
            Directory.CreateDirectory(Path.Combine(folder, name));
            var others = files.Where(f => !inTwo.Contains(Patient(f))).OrderByDescending(f => wanted.Contains(Patient(f)));
            foreach (var file in files.Where(f => wanted.Contains(Patient(f)) && inTwo.Contains(Patient(f))).Concat(others)
                .Take(OfEachClass))
            {
                File.Copy(file, Path.Combine(folder, name, Path.GetFileName(file)));
            }
        }
    }

    static string Patient(string file) => Path.GetFileName(file).Split('_')[0];
}
