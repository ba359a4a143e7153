using System.Text.RegularExpressions;

namespace CovidCxr.Learning.Data;

/// <summary>Lists the images of a source with class and patient, in a stable order.</summary>
static class SourceReader
{
    /// <param name="remarks">Gets what a person should know about the source.</param>
    public static IEnumerable<LabelledFile> List(DataSource source, string root, ICollection<string> remarks)
    {
        if (source.Manifest is { } manifest)
        {
            return FromManifest(source, ImageManifest.Read(Path.Combine(root, manifest), source.ManifestHash));
        }

        var folder = Path.Combine(root, source.Path);
        if (!Directory.Exists(folder))
        {
            throw new DataSetException($"The data folder has no folder '{source.Path}'.");
        }

        return (source.ClassFolders, source.Table) switch
        {
            ({ } classes, null) => FromFolders(source, classes, folder, root),
            (null, { } table) => FromTable(source, table, folder, root, remarks),
            _ => throw new DataSetException($"The source '{source.Path}' needs classFolders, a table or a manifest."),
        };
    }

    // What a manifest names as unreadable stays in: the reader says so again, and the run's log with it.
    static IEnumerable<LabelledFile> FromManifest(DataSource source, ImageManifest manifest) =>
        manifest.Images.Select(i => new LabelledFile(i.Path, i.Class, $"{source.Path}:{i.Patient}", source.Path, i.Part, i.PixelHash, i.Fold));

    static IEnumerable<LabelledFile> FromFolders(DataSource source, IReadOnlyDictionary<string, string> classes, string folder, string root)
    {
        foreach (var (name, label) in classes.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            var images = Path.Combine(folder, name);
            if (!Directory.Exists(images))
            {
                throw new DataSetException($"The source '{source.Path}' has no class folder '{name}'.");
            }

            foreach (var file in Directory.EnumerateFiles(images, "*", SearchOption.AllDirectories).Where(TrainingImages.IsNamedSo).Order(StringComparer.Ordinal))
            {
                yield return new(Relative(root, file), label, Patient(source, folder, file, null), source.Path);
            }
        }
    }

    static IEnumerable<LabelledFile> FromTable(DataSource source, TableMapping table, string folder, string root, ICollection<string> remarks)
    {
        var absent = 0;
        using var reader = OpenTable(Path.Combine(folder, table.File), table.File);
        foreach (var row in CsvTable.Read(reader))
        {
            var text = Column(row, table.ClassColumn, table.File);
            var label = table.Rules.FirstOrDefault(r => text.Contains(r.Text, StringComparison.OrdinalIgnoreCase))?.Class ?? table.Otherwise;
            // A table may name files outside the folder or that were never fetched: only what lies inside counts.
            var name = Path.GetFileName(Column(row, table.FileColumn, table.File));
            var file = Path.Combine(folder, table.ImageFolder, name);
            if (label is null || name.Length == 0)
            {
                continue;
            }

            if (!File.Exists(file))
            {
                absent++;
            }
            else
            {
                yield return new(Relative(root, file), label, Patient(source, folder, file, table.PatientColumn is { } c ? Column(row, c, table.File) : null), source.Path);
            }
        }

        if (absent > 0)
        {
            remarks.Add($"{source.Path}: {absent} rows of {table.File} name files that are not there.");
        }
    }

    static StreamReader OpenTable(string path, string name)
    {
        try
        {
            return new StreamReader(path);
        }
        catch (IOException e)
        {
            throw new DataSetException($"The table '{name}' cannot be read.", e);
        }
    }

    static string Column(IReadOnlyDictionary<string, string> row, string column, string table) =>
        row.TryGetValue(column, out var value) ? value : throw new DataSetException($"The table '{table}' has no column '{column}'.");

    static string Patient(DataSource source, string folder, string file, string? column)
    {
        var match = source.PatientPattern is { } pattern ? Regex.Match(Path.GetFileNameWithoutExtension(file), pattern, RegexOptions.None, TimeSpan.FromSeconds(1)) : Match.Empty;
        // An image of which nothing says the patient is a patient of its own, not one with every other such image, nor with its namesake in another folder.
        return $"{source.Path}:{(string.IsNullOrWhiteSpace(column) ? match.Groups.Count > 1 ? match.Groups[1].Value : Relative(folder, file) : column.Trim())}";
    }

    static string Relative(string root, string file) => Path.GetRelativePath(root, file).Replace('\\', '/');
}
