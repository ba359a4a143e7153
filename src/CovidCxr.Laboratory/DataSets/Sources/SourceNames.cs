using CovidCxr.Learning.Data;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>Which names of files an import accepts, and what they say of the file.</summary>
static class SourceNames
{
    const int MostCharacters = 400, MostCharactersOfPart = 180;

    static readonly string[] Tables = [".csv"];

    // What collections carry beside their images; anything else is a reason to ask what the archive is.
    static readonly string[] Harmless = [".txt", ".md", ".json", ".pdf", ".yml", ".yaml", ".tsv", ".xlsx", ".ds_store", ".db", ".ini", ""];

    public static bool IsImage(string path) => TrainingImages.IsNamedSo(path);

    public static bool IsTable(string path) => Tables.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    public static bool IsHarmless(string path) => Harmless.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase) || path.StartsWith("__MACOSX/", StringComparison.Ordinal);

    /// <summary>The name with forward slashes.</summary>
    /// <exception cref="ImportRefusedException">It points outside its folder or is no name that a file can safely have.</exception>
    public static string Check(string name)
    {
        var path = name.Replace('\\', '/');
        if (path.StartsWith('/') || (path.Length > 1 && path[1] == ':'))
        {
            throw new ImportRefusedException("A file has an absolute name: the archive reaches outside its own folder.");
        }

        var parts = path.TrimEnd('/').Split('/');
        if (parts.Any(p => p is ".." or "." or ""))
        {
            throw new ImportRefusedException("A file's name contains '..' or an empty part: the archive reaches outside its own folder.");
        }

        return path.Length > MostCharacters || parts.Any(p => p.Length > MostCharactersOfPart) || path.Any(char.IsControl)
            ? throw new ImportRefusedException("A file's name is too long or contains control characters.")
            : path;
    }
}
