using System.Text.RegularExpressions;
using CovidCxr.Application.Accounts;
using CovidCxr.Domain.Accounts;
using CovidCxr.Learning.Data;

namespace CovidCxr.Application.Training;

/// <summary>What an administrator may train on: the folders below the root, recognised by their shape.</summary>
public sealed partial class ListDataFolders(RetrainingRoot root)
{
    static readonly string[] TableColumns = ["filename", "finding", "patientid"];
    static readonly string[] Extensions = [".png", ".jpg", ".jpeg", ".tif", ".tiff"];

    /// <summary>Where the folders are looked for.</summary>
    public string Root => root.Path;

    public async Task<IReadOnlyList<DataFolderView>> RunAsync(Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        return Directory.Exists(root.Path)
            ? await Task.Run(() => Directory.EnumerateDirectories(root.Path).Order(StringComparer.Ordinal).Select(Recognise).OfType<DataFolderView>().ToList(), cancellation)
            : [];
    }

    DataFolderView? Recognise(string path) => FromMetadata(path) ?? FromClassFolders(path);

    // The Cohen collection's own table (github.com/ieee8023/covid-chestxray-dataset).
    static DataFolderView? FromMetadata(string path)
    {
        var table = Path.Combine(path, "metadata.csv");
        if (!File.Exists(table))
        {
            return null;
        }

        using var reader = new StreamReader(table);
        var rows = CsvTable.Read(reader).ToList();
        if (rows.Count == 0 || !TableColumns.All(rows[0].ContainsKey))
        {
            return null;
        }

        var present = rows.Where(r => File.Exists(Path.Combine(path, "images", Path.GetFileName(r["filename"])))).ToList();
        var classes = present.GroupBy(r => r["finding"].Trim()).OrderByDescending(g => g.Count()).Select(g => new FoundClass(g.Key, g.Count())).ToList();
        return new(Path.GetFileName(path), "metadata.csv, patients by its column patientid", classes, IsTable: true, null);
    }

    static DataFolderView? FromClassFolders(string path)
    {
        var folders = Directory.EnumerateDirectories(path).Order(StringComparer.Ordinal)
            .Select(f => (Name: Path.GetFileName(f), Files: Directory.EnumerateFiles(f, "*", SearchOption.AllDirectories).Where(IsImage).Select(Path.GetFileNameWithoutExtension).ToList()))
            .Where(f => f.Files.Count > 0).ToList();
        if (folders.Count == 0)
        {
            return null;
        }

        var names = folders.SelectMany(f => f.Files).ToList();
        var hasPatients = names.Count(n => PatientInName().IsMatch(n!)) * 2 > names.Count;
        return new(
            Path.GetFileName(path), hasPatients ? "class folders, patients by the number before _ in the file name" : "class folders, every image its own patient unless it is a duplicate",
            [.. folders.Select(f => new FoundClass(f.Name, f.Files.Count))], IsTable: false, hasPatients ? PatientPattern : null);
    }

    static bool IsImage(string file) => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);

    const string PatientPattern = @"^(\d{8})_\d{3}$";

    [GeneratedRegex(PatientPattern)]
    private static partial Regex PatientInName();
}

/// <param name="Path">Below the root.</param>
/// <param name="Shape">How it was recognised, in words.</param>
/// <param name="PatientPattern">Null where the table says the patient, or nothing does.</param>
public sealed record DataFolderView(string Path, string Shape, IReadOnlyList<FoundClass> Classes, bool IsTable, string? PatientPattern)
{
    /// <summary>The source that trains on this folder's classes under the names given; a class without a name is left out.</summary>
    internal DataSource ToSource(IReadOnlyDictionary<string, string> names) => IsTable
        ? new(Path, Table: new("metadata.csv", "images", "filename", "finding", "patientid", [.. Classes.Where(c => names.ContainsKey(c.Name)).OrderByDescending(c => c.Name.Length).Select(c => new ClassRule(c.Name, names[c.Name]))]))
        : new(Path, ClassFolders: Classes.Where(c => names.ContainsKey(c.Name)).ToDictionary(c => c.Name, c => names[c.Name]), PatientPattern: PatientPattern);
}

/// <summary>A class as the folder names it.</summary>
public sealed record FoundClass(string Name, int Images);
