using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace CovidCxr.Learning.Data;

/// <summary>Lists the images of a source with class and patient, in a stable order.</summary>
static class SourceReader
{
    const int MostShown = 5;

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
            ({ } classes, null) => FromFolders(source, classes, folder, root, remarks),
            (null, { } table) => FromTable(source, table, folder, root, remarks),
            _ => throw new DataSetException($"The source '{source.Path}' needs classFolders, a table or a manifest."),
        };
    }

    // What a manifest names as unreadable stays in: the reader says so again, and the run's log with it.
    static IEnumerable<LabelledFile> FromManifest(DataSource source, ImageManifest manifest) =>
        manifest.Images.Select(
            i => new LabelledFile(
                i.Path, i.Class, $"{source.Path}:{i.PatientOfSource}", i.Source ?? source.Path, i.Part, i.PixelHash, i.Fold)
            {
                IsAugmented = i.Origin is not null,
                LungMask = i.LungMask,
                View = i.View,
                Sex = i.Sex,
                Age = i.Age,
            });

    static IEnumerable<LabelledFile> FromFolders(
        DataSource source, IReadOnlyDictionary<string, string> classes, string folder, string root, ICollection<string> remarks)
    {
        var all = Images(folder, source.Path, remarks);
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var masks = 0;
        foreach (var (name, label) in classes.OrderBy(c => c.Key, StringComparer.Ordinal))
        {
            var images = FolderOf(folder, name) ?? throw new DataSetException($"The source '{source.Path}' has no class folder '{name}'.");
            var inside = Relative(folder, images) + '/';
            var found = all.Where(i => i.StartsWith(inside, StringComparison.Ordinal)).ToList();
            // Where all are called so, it is the folder's name and no mask.
            var films = found.FindAll(i => !ImagePaths.IsMask(i[inside.Length..]));
            masks += films.Count == 0 ? 0 : found.Count - films.Count;
            taken.UnionWith(found);
            foreach (var file in films.Count == 0 ? found : films)
            {
                var path = Path.Combine(folder, file);
                yield return new(Relative(root, path), label, Patient(source, folder, path, null), source.Path);
            }
        }

        Remark(remarks, source, masks, "masks, as their folders or names say, are left out");
        Remark(remarks, source, all.Count - taken.Count, "images lie in none of the class folders and are left out");
    }

    static IEnumerable<LabelledFile> FromTable(
        DataSource source, TableMapping mapping, string folder, string root, ICollection<string> remarks)
    {
        if (!Directory.Exists(Path.Combine(folder, mapping.ImageFolder)))
        {
            throw new DataSetException($"The source '{source.Path}' has no folder '{mapping.ImageFolder}'.");
        }

        var table = ReadTable(Path.Combine(folder, mapping.File), mapping.File);
        var layout = TableLayout.Of(table);
        var inside = Path.Combine(mapping.ImageFolder, ".");
        // A table may name files outside the folder or that were never fetched: only what lies inside counts.
        var images = Images(Path.GetFullPath(Path.Combine(folder, inside)), source.Path, remarks)
            .ConvertAll(i => Relative(folder, Path.GetFullPath(Path.Combine(folder, mapping.ImageFolder, i))));
        TableImages found;
        try
        {
            CheckColumn(table, mapping.PatientColumn);
            CheckColumn(table, mapping.SiteColumn);
            var excepted = (mapping.Except ?? []).Select(e => (Column: TableLayout.Column(table, e.Column), e.Value)).ToList();
            bool Takes(CsvRow row) => !excepted.Exists(e => row[e.Column].Equals(e.Value, StringComparison.OrdinalIgnoreCase));
            var rules = new ClassRules(mapping.Rules, mapping.Otherwise);
            var labelOf = TableLayout.LabelOf(table, mapping.ClassColumn);
            rules.Decide(table.Rows.Where(r => !r.IsTooLong).Select(labelOf));
            var columns = new TableColumns(
                mapping.FileColumn, mapping.ClassColumn, mapping.PatientColumn, layout.Columns.View, layout.Columns.Modality,
                Site: mapping.SiteColumn, Sex: layout.Columns.Sex, Age: layout.Columns.Age);
            found = TableImages.Read(table, columns, images, rules.ClassOf, takes: Takes);
            Say(
                remarks, source, mapping,
                [.. table.Remarks, .. rules.Remarks, .. found.Remarks, .. found.Contradictions.Take(MostShown).Select(Words)]);
        }
        catch (DataSetException e)
        {
            throw new DataSetException($"The table '{mapping.File}' {e.Message}", e);
        }

        var sideways = found.Images.Where(i => i.View is { } view && !ImageViews.IsFrontal(view)).ToHashSet();
        Remark(
            remarks, source, sideways.Count,
            mapping.FrontalOnly
                ? "images are no frontal X-rays and are left out"
                : "images are no frontal X-rays, as the table says; frontalOnly leaves them out");
        foreach (var image in found.Images.Where(i => !mapping.FrontalOnly || !sideways.Contains(i)))
        {
            var path = Path.Combine(folder, image.Path);
            yield return new(
                Relative(root, path), image.Class, Patient(source, folder, path, image.Patient), source.Path, Site: image.Site)
            {
                View = image.View,
                Sex = image.Sex,
                Age = image.Age,
            };
        }
    }

    // A folder that cannot be entered stops the reading with its path.
    static readonly EnumerationOptions Everything =
        new() { RecurseSubdirectories = true, IgnoreInaccessible = false, AttributesToSkip = FileAttributes.None };

    // Every file that is named as an image, in a stable order, relative to the folder. Links to folders could lead round in circles.
    static List<string> Images(string folder, string source, ICollection<string> remarks)
    {
        var links = 0;
        var files = new FileSystemEnumerable<string>(folder, (ref FileSystemEntry entry) => entry.ToFullPath(), Everything)
        {
            ShouldIncludePredicate = (ref FileSystemEntry entry) => !entry.IsDirectory,
            ShouldRecursePredicate = (ref FileSystemEntry entry) =>
            {
                var isLink = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
                links += isLink ? 1 : 0;
                return !isLink;
            },
        };
        var named = files.Where(TrainingImages.IsNamedSo).Order(StringComparer.Ordinal).Select(f => Relative(folder, f)).ToList();
        if (links > 0)
        {
            remarks.Add($"{source}: {links} links to folders are not followed.");
        }

        var images = named.FindAll(i => !ImagePaths.IsLitter(i));
        if (images.Count < named.Count)
        {
            remarks.Add($"{source}: {named.Count - images.Count} hidden files, as macOS, Windows or Jupyter leave them, are passed over.");
        }

        return images;
    }

    // By its name, however an accent in it is written.
    static string? FolderOf(string folder, string name)
    {
        var exact = Path.Combine(folder, name);
        return Directory.Exists(exact) ? exact
            : Directory.EnumerateDirectories(folder).Where(
                d => ImagePaths.Composed(Path.GetFileName(d)) == ImagePaths.Composed(name)).ToList() is [var only] ? only : null;
    }

    static CsvTable ReadTable(string path, string name)
    {
        try
        {
            return CsvTable.Read(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataSetException($"The table '{name}' cannot be read.", e);
        }
    }

    static void CheckColumn(CsvTable table, string? column)
    {
        if (column is not null)
        {
            TableLayout.Column(table, column);
        }
    }

    static string Words(Contradiction contradiction) =>
        $"{contradiction.Path}: {string.Join(" and ", contradiction.Classes)}"
            + $"{(contradiction.Patients.Count > 1 ? $", of patients {string.Join(" and ", contradiction.Patients)}" : "")} (lines "
            + $"{string.Join(", ", contradiction.Lines)}).";

    static void Say(ICollection<string> remarks, DataSource source, TableMapping mapping, IEnumerable<string> words)
    {
        foreach (var text in words)
        {
            remarks.Add($"{source.Path}, {mapping.File}: {text}");
        }
    }

    static void Remark(ICollection<string> remarks, DataSource source, int count, string words)
    {
        if (count > 0)
        {
            remarks.Add($"{source.Path}: {count} {words}.");
        }
    }

    static string Patient(DataSource source, string folder, string file, string? column)
    {
        var match = source.PatientPattern is { } pattern
            ? Regex.Match(Path.GetFileNameWithoutExtension(file), pattern, RegexOptions.None, TimeSpan.FromSeconds(1))
            : Match.Empty;
        // An image of which nothing says the patient is a patient of its own, not one with every other such image, nor with its namesake in
        // another folder.
        var inName = match.Groups.Count > 1 ? match.Groups[1].Value : Relative(folder, file);
        return $"{source.Path}:{(string.IsNullOrWhiteSpace(column) ? inName : column.Trim())}";
    }

    static string Relative(string root, string file) => Path.GetRelativePath(root, file).Replace('\\', '/');
}
