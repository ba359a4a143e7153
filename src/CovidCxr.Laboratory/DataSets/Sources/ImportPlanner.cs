using System.Text.RegularExpressions;
using CovidCxr.Learning.Data;

namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>Guesses how a source is meant and says what a mapping makes of it.</summary>
sealed class ImportPlanner(ImageSource source)
{
    const int MostTableBytes = 50 << 20, KindsNamed = 6;
    const string NihPattern = @"^(\d{8})_\d{3}$";

    static readonly TimeSpan PatternTime = TimeSpan.FromMilliseconds(100);

    readonly Dictionary<string, CsvTable> _tables = [];

    /// <summary>What stands at each level of folders, to choose from.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Levels => ClassFolders.Levels([.. source.Images.Select(i => i.Path)]);

    /// <exception cref="ImportRefusedException">The table is too large.</exception>
    public IReadOnlyList<string> ColumnsOf(string table) => Table(table).Columns;

    /// <summary>The table that describes the most images, else class folders; NIH's patient numbers in file names.</summary>
    public ImportMapping Guess()
    {
        var tables = source.Tables.Select(t => t.Path).OrderBy(p => p.Count(c => c == '/'))
            .ThenBy(p => !p.EndsWith("metadata.csv", StringComparison.OrdinalIgnoreCase));
        var best = tables.Select(GuessIfReadable).OfType<ImportMapping>().Where(m => m is { FileColumn: not null, ClassColumn: not null })
            .Select(m => (Mapping: m, Plan: Plan(m))).Select(p => (p.Mapping, Images: p.Plan.Images.Count + p.Plan.Contradictions.Count))
            .Where(p => p.Images > 0).OrderByDescending(p => p.Images).FirstOrDefault();
        if (best.Mapping is not null)
        {
            return best.Mapping;
        }

        var names = source.Images.Select(i => Path.GetFileNameWithoutExtension(i.Path)).ToList();
        return new()
        {
            PatientPattern =
                names.Count(n => Regex.IsMatch(n, NihPattern, RegexOptions.None, PatternTime)) * 2 > names.Count ? NihPattern : null
        };
    }

    /// <exception cref="ImportRefusedException">The table is too large.</exception>
    public ImportMapping GuessColumns(string table)
    {
        var layout = TableLayout.Of(Table(table));
        return new()
        {
            Table = table,
            FileColumn = layout.Columns.File,
            ClassColumn = layout.Columns.Class,
            PatientColumn = layout.Columns.Patient,
            ViewColumn = layout.Columns.View,
            ModalityColumn = layout.Columns.Modality,
            SexColumn = layout.Columns.Sex,
            AgeColumn = layout.Columns.Age,
            JoinsRows = layout.Columns.Joins,
            PatientPattern = layout.PatientPattern,
        };
    }

    public ImportPlan Plan(ImportMapping mapping)
    {
        Regex? pattern;
        try
        {
            pattern = string.IsNullOrWhiteSpace(mapping.PatientPattern)
                ? null
                : new(mapping.PatientPattern, RegexOptions.CultureInvariant, PatternTime);
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
            return mapping.Table is { } table ? ByTable(table, mapping, pattern) : ByFolders(mapping, pattern);
        }
        catch (RegexMatchTimeoutException)
        {
            return Refused("The patient pattern takes too long on a file name. Make it simpler.");
        }
    }

    ImportPlan Refused(string problem) => new([], [.. NotImages(), .. source.Remarks], problem)
    {
        LeftOut = [.. Left(source.Images.Count(), "images are left out")]
    };

    ImportPlan ByFolders(ImportMapping mapping, Regex? pattern)
    {
        var images = source.Images.ToList();
        // Where all are called masks, that is the collection's name.
        var films = images.FindAll(i => !ImagePaths.IsMask(i.Path));
        films = films.Count == 0 ? images : films;
        if (images.Count == 0)
        {
            return Refused("There is no PNG, JPEG, TIFF or DICOM image in it.");
        }

        var folders = mapping.ClassLevel is { } level ? ClassFolders.At(level) : ClassFolders.Guess([.. films.Select(i => i.Path)]);
        List<PlannedImage> planned = [.. from film in films let label = folders.ClassOf(film.Path) where label is not null select Planned(
            film, label, null, null, pattern)];
        LeftOut[] left =
        [
            .. Left(images.Count - films.Count, "images are masks, as their folders or names say, and are left out"),
            .. Left(films.Count - planned.Count, "images lie in no class folder and are left out"),
        ];
        return planned.Count == 0
            ? Refused("No image lies in a class folder.")
            : Whole(new(planned, [.. left.Select(l => l.ToString())], null) { LeftOut = left }, mapping);
    }

    ImportPlan ByTable(string path, ImportMapping mapping, Regex? pattern)
    {
        try
        {
            var table = Table(path);
            if (table.Find(mapping.FileColumn) is null
                || (mapping.ClassColumn != TableColumns.EveryColumn && table.Find(mapping.ClassColumn) is null))
            {
                return Refused("Say which column names the file and which the class.");
            }

            var byPath = source.Images.ToDictionary(i => i.Path, StringComparer.Ordinal);
            var columns = new TableColumns(
                mapping.FileColumn, mapping.ClassColumn, mapping.PatientColumn, mapping.ViewColumn, mapping.ModalityColumn,
                mapping.JoinsRows, Sex: mapping.SexColumn, Age: mapping.AgeColumn);
            var found = TableImages.Read(table, columns, byPath.Keys, label => label, mapping.Decision);
            List<PlannedImage> planned = [
                .. found.Images.Select(i => Planned(byPath[i.Path], i.Class, i.Patient, i.View, pattern) with { Sex = i.Sex, Age = i.Age }),
            ];
            var problem = planned.Count > 0 ? null
                : found.Contradictions.Count > 0 ? "Rows of the table contradict each other about every image that is there."
                : found.HasAmbiguousRows
                ? $"Every row of the table could mean several images: the column '{mapping.FileColumn}' must say their folders too."
                : "No row of the table names an image that is there.";
            return Whole(
                new(planned, [.. table.Remarks, .. found.Remarks], problem)
                {
                    LeftOut = found.Files,
                    Contradictions = found.Contradictions
                },
                mapping);
        }
        catch (DataSetException e)
        {
            return Refused($"The table '{path}' {e.Message}");
        }
    }

    // What is to be said of every plan, however its images were found.
    ImportPlan Whole(ImportPlan found, ImportMapping mapping)
    {
        var plan = found with { Images = ImageCollections.Assign(found.Images, source.Images, mapping) };
        var sideways = plan.Images.Where(i => i.View is { } view && !ImageViews.IsFrontal(view)).GroupBy(i => i.View!)
            .OrderByDescending(g => g.Count()).Select(g => $"{g.Count()} {g.Key}").ToList();
        var parts = Enum.GetValues<DataPart>().Select(p => (Part: p, Images: plan.Images.Count(i => i.Part == p))).Where(p => p.Images > 0)
            .ToList();
        var isUsable = plan.Images.Count > 0
            && plan.Images.GroupBy(i => i.Class).All(c => new[] { DataPart.Train, DataPart.Validation }.All(p => c.Any(i => i.Part == p)));
        var takes = parts.Count > 0 && (mapping.TakesDivision ?? isUsable);
        return plan with
        {
            TakesDivision = takes,
            Remarks =
            [
                .. plan.Remarks, .. ImageCollections.Remarks(plan.Images),
                .. sideways.Count == 0
                    ? Array.Empty<string>()
                    : [
                        $"{plan.Images.Count(i => i.View is { } view && !ImageViews.IsFrontal(view))} images are no frontal X-rays "
                            + $"({Shown(sideways)}): the findings offer to leave them out."],
                .. parts.Count == 0
                    ? Array.Empty<string>()
                    : [
                        $"Folders divide the images: {string.Join(", ", parts.Select(p => $"{DataSet.PartName(p.Part)} {p.Images}"))}. "
                            + $"{(takes ? "That division is taken." : "It is not taken.")}"],
                .. NotImages(), .. source.Remarks,
            ],
        };
    }

    IEnumerable<string> NotImages()
    {
        if (source.Ignored.Count > 0)
        {
            var kinds = source.Ignored
                .GroupBy(i => Path.GetExtension(i).ToLowerInvariant() is { Length: > 0 } kind ? kind : "without extension")
                .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal);
            yield return $"{source.Ignored.Count} other files are not imported ({Shown([.. kinds.Select(k => $"{k.Count()} {k.Key}")])}).";
        }

        if (source.Litter > 0)
        {
            yield return $"{source.Litter} hidden files, as macOS, Windows or Jupyter leave them, are passed over.";
        }
    }

    static string Shown(List<string> words) =>
        string.Join(", ", words.Take(KindsNamed)) + (words.Count > KindsNamed ? $" and {words.Count - KindsNamed} more" : "");

    static IEnumerable<LeftOut> Left(int count, string words) => count == 0 ? [] : [new LeftOut(count, words)];

    static PlannedImage Planned(SourceFile file, string label, string? patient, string? view, Regex? pattern)
    {
        var name =
            pattern?.ToString().Contains('/', StringComparison.Ordinal) == true ? file.Path : Path.GetFileNameWithoutExtension(file.Path);
        var number = string.IsNullOrWhiteSpace(patient)
            ? pattern?.Match(name) is { Success: true } match
            ? match.Groups[1].Value
            : null
            : patient.Trim();
        // A row without a patient is a patient of its own, not one with every other such row.
        return new(
            file, label, string.IsNullOrEmpty(number) ? file.Path : number, !string.IsNullOrEmpty(number), view,
            ClassFolders.PartOf(file.Path));
    }

    ImportMapping? GuessIfReadable(string table)
    {
        try
        {
            return GuessColumns(table);
        }
        catch (Exception e) when (e is ImportRefusedException or DataSetException)
        {
            // Chosen by hand, it says why.
            return null;
        }
    }

    CsvTable Table(string path)
    {
        if (_tables.TryGetValue(path, out var known))
        {
            return known;
        }

        var file = source.Tables.FirstOrDefault(t => t.Path == path) ?? throw new ImportRefusedException("There is no such table.");
        return file.Bytes > MostTableBytes ? throw new ImportRefusedException(
            $"The table is larger than {MostTableBytes >> 20} MB.") : _tables[path] = CsvTable.Read(source.Read(file));
    }
}
