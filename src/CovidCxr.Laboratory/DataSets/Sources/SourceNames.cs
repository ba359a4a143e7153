using CovidCxr.Learning.Data;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>What a file is to an import.</summary>
enum SourceKind
{
    Image,
    Table,

    /// <summary>Left there by a system or an editor: never meant.</summary>
    Litter,

    /// <summary>Anything else: left out and counted.</summary>
    Foreign,
}

/// <summary>Which names of files an import accepts, and what they say of the file.</summary>
static class SourceNames
{
    const int MostCharacters = 400, MostCharactersOfPart = 180;

    static readonly string[] Tables = [".csv", ".tsv"];

    public static bool IsImage(string path) => TrainingImages.IsNamedSo(path);

    public static bool IsTable(string path) => Tables.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);

    /// <param name="path">As <see cref="Relative"/> gives it.</param>
    public static SourceKind KindOf(string path) =>
        ImagePaths.IsLitter(
            path) ? SourceKind.Litter : IsImage(path) ? SourceKind.Image : IsTable(path) ? SourceKind.Table : SourceKind.Foreign;

    /// <summary>The name with forward slashes, without parts that say nothing, and with its accents composed.</summary>
    /// <exception cref="ImportRefusedException">It points outside its folder.</exception>
    public static string Relative(string name)
    {
        var path = name.Replace('\\', '/');
        if (path.StartsWith('/') || (path.Length > 1 && path[1] == ':'))
        {
            throw new ImportRefusedException("A file has an absolute name: the archive reaches outside its own folder.");
        }

        var parts = path.Split('/');
        return parts.Contains("..")
            ? throw new ImportRefusedException("A file's name contains '..': the archive reaches outside its own folder.")
            : ImagePaths.Composed(string.Join('/', parts.Where(p => p is not ("." or ""))));
    }

    /// <summary>The path, if a file that is kept can safely have it.</summary>
    /// <exception cref="ImportRefusedException">It cannot.</exception>
    public static string Check(string path) =>
        path.Length > MostCharacters || path.Split('/').Any(p => p.Length > MostCharactersOfPart) || path.Any(char.IsControl)
        ? throw new ImportRefusedException("A file's name is too long or contains control characters.")
        : path;
}
