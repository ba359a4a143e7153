using System.Text;
using System.Text.RegularExpressions;
using CovidCxr.Learning.Data;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>Guesses how a source is meant and says what a mapping makes of it.</summary>
sealed class ImportPlanner(ImageSource source)
{
    const int MostTableBytes = 50 << 20, MostRows = 500_000;
    const string NihPattern = @"^(\d{8})_\d{3}$";

    static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(100);
    static readonly string[] FileNames = ["filename", "file", "image", "path", "imageindex", "imagename", "imagepath"], ClassNames = ["finding", "label", "class", "diagnosis", "findinglabels", "category", "target"],
        PatientNames = ["patientid", "patient", "patientnumber", "subject", "subjectid", "caseid"], ViewNames = ["view", "viewposition", "projection"];

    readonly Dictionary<string, List<IReadOnlyDictionary<string, string>>> tables = [];

    public IReadOnlyList<string> ColumnsOf(string table) => [.. Rows(table).FirstOrDefault()?.Keys ?? []];

    /// <summary>The Cohen collection's table and its like, else class folders; NIH's patient numbers in file names.</summary>
    public ImportMapping Guess()
    {
        foreach (var table in source.Tables.Select(t => t.Path).OrderBy(p => p.Count(c => c == '/')).ThenBy(p => !p.EndsWith("metadata.csv", StringComparison.OrdinalIgnoreCase)))
        {
            var mapping = GuessColumns(table);
            if (mapping is { FileColumn: not null, ClassColumn: not null } && Plan(mapping).Images.Count > 0)
            {
                return mapping;
            }
        }

        var names = source.Images.Select(i => Path.GetFileNameWithoutExtension(i.Path)).ToList();
        return new() { PatientPattern = names.Count(n => Regex.IsMatch(n, NihPattern, RegexOptions.None, PatternTime)) * 2 > names.Count ? NihPattern : null };
    }

    public ImportMapping GuessColumns(string table)
    {
        var columns = ColumnsOf(table);
        string? Find(string[] names) => names.Select(n => columns.FirstOrDefault(c => Plain(c) == n)).FirstOrDefault(c => c is not null);
        return new()
        {
            Table = table,
            FileColumn = Find(FileNames),
            ClassColumn = Find(ClassNames),
            PatientColumn = Find(PatientNames),
            ViewColumn = Find(ViewNames),
        };
    }

    public ImportPlan Plan(ImportMapping mapping)
    {
        Regex? pattern;
        try
        {
            pattern = string.IsNullOrWhiteSpace(mapping.PatientPattern) ? null : new(mapping.PatientPattern, RegexOptions.CultureInvariant, PatternTime);
        }
        catch (ArgumentException e)
        {
            return Refused($"The patient pattern is no regular expression: {e.Message}");
        }

        if (pattern is not null && pattern.GetGroupNumbers().Length < 2)
        {
            return Refused("The patient pattern needs a group in parentheses: what it catches is the patient.");
        }

        try
        {
            return mapping.Table is { } table ? ByTable(table, mapping, pattern) : ByFolders(pattern);
        }
        catch (RegexMatchTimeoutException)
        {
            return Refused("The patient pattern takes too long on a file name. Make it simpler.");
        }
    }

    ImportPlan Refused(string problem) => new([], source.Remarks, problem);

    ImportPlan ByFolders(Regex? pattern)
    {
        var images = source.Images.ToList();
        if (images.Count == 0)
        {
            return Refused("There is no PNG, JPEG or TIFF image in it.");
        }

        // An archive of one folder that holds the class folders is meant like one of the class folders themselves.
        var depth = 0;
        while (images.All(i => i.Path.Split('/').Length > depth + 2) && images.Select(i => i.Path.Split('/')[depth]).Distinct().Count() == 1)
        {
            depth++;
        }

        var inFolders = images.Where(i => i.Path.Split('/').Length > depth + 1).ToList();
        var planned = inFolders.ConvertAll(i => Planned(i, i.Path.Split('/')[depth], null, null, pattern));
        List<string> remarks = images.Count > inFolders.Count ? [$"{images.Count - inFolders.Count} images lie in no class folder and are left out."] : [];
        return planned.Count == 0 ? Refused("No image lies in a class folder.") : new(planned, [.. remarks, .. Ignored()], null);
    }

    ImportPlan ByTable(string table, ImportMapping mapping, Regex? pattern)
    {
        var columns = ColumnsOf(table);
        if (mapping.FileColumn is not { } file || mapping.ClassColumn is not { } label || !columns.Contains(file) || !columns.Contains(label))
        {
            return Refused("Say which column names the file and which the class.");
        }

        var rows = Rows(table);
        var images = new RowImages(source.Images, rows.Select(r => Cell(r, file)));
        var planned = new Dictionary<string, PlannedImage>(StringComparer.Ordinal);
        int absent = 0, ambiguous = 0, unlabelled = 0, repeated = 0;
        foreach (var row in rows)
        {
            var found = images.Find(Cell(row, file), out var isAmbiguous);
            var finding = Cell(row, label).Trim();
            ambiguous += isAmbiguous ? 1 : 0;
            absent += found is null && !isAmbiguous ? 1 : 0;
            unlabelled += found is not null && finding.Length == 0 ? 1 : 0;
            if (found is not null && finding.Length > 0)
            {
                var image = Planned(found, finding, Cell(row, mapping.PatientColumn), Cell(row, mapping.ViewColumn), pattern);
                repeated += planned.TryAdd(found.Path, image) ? 0 : 1;
            }
        }

        var without = source.Images.Count() - planned.Count;
        string[] remarks =
        [
            .. Remark(absent, "rows name files that are not there"), .. Remark(ambiguous, "rows could each mean several images, or share one with another row, and are left out"),
            .. Remark(unlabelled, "rows have no class"), .. Remark(repeated, "rows name a file again"), .. Remark(without, "images stand in no row and are left out"), .. Ignored(),
        ];
        return planned.Count > 0 ? new([.. planned.Values], remarks, null)
            : Refused(ambiguous > 0 ? $"Every row of the table could mean several images: the column '{file}' must say their folders too." : "No row of the table names an image that is there.");
    }

    IEnumerable<string> Ignored() => [.. Remark(source.Ignored.Count, "other files are not imported"), .. source.Remarks];

    static IEnumerable<string> Remark(int count, string words) => count == 0 ? [] : [$"{count} {words}."];

    static PlannedImage Planned(SourceFile file, string label, string? patient, string? view, Regex? pattern)
    {
        var name = Path.GetFileNameWithoutExtension(file.Path);
        var number = string.IsNullOrWhiteSpace(patient) ? pattern?.Match(name) is { Success: true } match ? match.Groups[1].Value : null : patient.Trim();
        // A row without a patient is a patient of its own, not one with every other such row.
        return new(file, label, string.IsNullOrEmpty(number) ? file.Path : number, !string.IsNullOrEmpty(number), string.IsNullOrWhiteSpace(view) ? null : view.Trim());
    }

    static string Cell(IReadOnlyDictionary<string, string> row, string? column) => column is not null && row.TryGetValue(column, out var value) ? value : "";

    static string Plain(string column) => new([.. column.Where(char.IsLetterOrDigit).Select(char.ToLowerInvariant)]);

    /// <exception cref="ImportRefusedException">The table is too large.</exception>
    List<IReadOnlyDictionary<string, string>> Rows(string table)
    {
        if (tables.TryGetValue(table, out var known))
        {
            return known;
        }

        var file = source.Tables.FirstOrDefault(t => t.Path == table) ?? throw new ImportRefusedException("There is no such table.");
        if (file.Bytes > MostTableBytes)
        {
            throw new ImportRefusedException($"The table is larger than {MostTableBytes >> 20} MB.");
        }

        using var reader = new StreamReader(new MemoryStream(source.Read(file)), Encoding.UTF8);
        return tables[table] = [.. CsvTable.Read(reader).Take(MostRows)];
    }
}
