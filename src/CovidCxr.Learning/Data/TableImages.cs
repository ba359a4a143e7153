namespace CovidCxr.Learning.Data;

/// <summary>One image with what the rows that name it say.</summary>
/// <param name="Path">As it was given.</param>
/// <param name="Patient">Null where no row says one.</param>
/// <param name="View">As <see cref="ImageViews.Describe"/> gives it; null where no row says one.</param>
/// <param name="Site">Null where no row says one, or rows say different ones.</param>
public sealed record TableImage(string Path, string Class, string? Patient, string? View, string? Site = null)
{
    /// <summary>As <see cref="PatientTraits"/> writes it; null where no row says it, or rows say different things. Likewise Age.</summary>
    public string? Sex { get; init; }

    public string? Age { get; init; }
}

/// <summary>An image of which rows say different things.</summary>
/// <param name="Classes">At least two, or one where the rows name different patients.</param>
/// <param name="Patients">Those that the rows name.</param>
/// <param name="Lines">Of the table.</param>
/// <param name="IsDecided">Somebody said which class holds, and the image is taken.</param>
public sealed record Contradiction(
    string Path, IReadOnlyList<string> Classes, IReadOnlyList<string> Patients, IReadOnlyList<int> Lines, bool IsDecided);

/// <summary>So many rows, or images, of which nothing was taken, and why.</summary>
/// <param name="Words">After the number.</param>
public sealed record LeftOut(int Count, string Words)
{
    public override string ToString() => $"{Count} {Words}.";
}

/// <summary>Which images a table describes: every row and every image is taken or counted.</summary>
/// <param name="Images">In the order in which the rows name them first.</param>
/// <param name="Repeats">Rows that say again what another one said of the same image.</param>
/// <param name="Rows">Rows that gave no image, by reason. With the images and the repeats they are all rows of the table that are not
/// blank.</param>
/// <param name="Files">Images that no row gave a class, by reason. With the images taken they are all images that were given.</param>
public sealed record TableImages(
    IReadOnlyList<TableImage> Images, IReadOnlyList<Contradiction> Contradictions, int Repeats, IReadOnlyList<LeftOut> Rows,
    IReadOnlyList<LeftOut> Files)
{
    const string Several = "rows could each mean several images, or share one with another row, and are left out";

    /// <summary>Whether rows were left out because they could mean several images.</summary>
    public bool HasAmbiguousRows => Rows.Any(r => r.Words == Several);

    /// <summary>What a person should know, in words.</summary>
    public IEnumerable<string> Remarks =>
        [
            .. Rows.Select(r => r.ToString()), .. Repeats > 0 ? [$"{Repeats} rows name a file again."] : Array.Empty<string>(),
            .. Files.Select(f => f.ToString())];

    /// <param name="images">Paths, each once.</param>
    /// <param name="classOf">The class that a label means; null leaves its rows out.</param>
    /// <param name="takes">Which rows count; null for all.</param>
    /// <param name="decision">The class that holds where rows of one patient contradict each other about it; null where that is not
    /// decided.</param>
    /// <exception cref="DataSetException">A column is not there; the message goes on after the table's name.</exception>
    public static TableImages Read(
        CsvTable table, TableColumns columns, IReadOnlyCollection<string> images, Func<string, string?> classOf, string? decision = null,
        Func<CsvRow, bool>? takes = null)
    {
        if (columns.File is null || columns.Class is null)
        {
            throw new DataSetException("does not say which column names the file and which the class.");
        }

        var (file, patient, view, modality, site) = (
            TableLayout.Column(table, columns.File), table.Find(columns.Patient), table.Find(columns.View), table.Find(columns.Modality),
            table.Find(columns.Site));
        var (sex, age) = (table.Find(columns.Sex), table.Find(columns.Age));
        var labelOf = TableLayout.LabelOf(table, columns.Class);
        var usable = table.Rows.Where(r => !r.IsTooLong).ToList();
        var finder = new RowImages(images, usable.Select(r => r[file]));
        var claims = new Dictionary<string, List<Claim>>(StringComparer.Ordinal);
        var order = new List<string>();
        var named = new HashSet<string>(StringComparer.Ordinal);
        var exceptedImages = new HashSet<string>(StringComparer.Ordinal);
        int absent = 0, ambiguous = 0, nameless = 0, unlabelled = 0, unruled = 0, excepted = 0;
        foreach (var row in usable)
        {
            var found = finder.Find(row[file], out var isAmbiguous);
            if (found is null)
            {
                (nameless, ambiguous, absent) = row[file].Length == 0
                    ? (nameless + 1, ambiguous, absent)
                    : isAmbiguous
                    ? (nameless, ambiguous + 1, absent)
                    : (nameless, ambiguous, absent + 1);
                continue;
            }

            named.Add(found);
            if (takes?.Invoke(row) == false)
            {
                excepted++;
                exceptedImages.Add(found);
                continue;
            }

            var label = labelOf(row);
            if (label.Length == 0 || classOf(label) is not { } meant)
            {
                (unlabelled, unruled) = label.Length == 0 ? (unlabelled + 1, unruled) : (unlabelled, unruled + 1);
                continue;
            }

            if (!claims.TryGetValue(found, out var said))
            {
                claims[found] = said = [];
                order.Add(found);
            }

            said.Add(new(meant, row[patient], ImageViews.Describe(row[view], row[modality]), row[site], row.Line)
            {
                Sex = PatientTraits.Sex(row[sex]) ?? "",
                Age = PatientTraits.Age(row[age]) ?? "",
            });
        }

        List<TableImage> taken = [];
        List<Contradiction> contradictions = [];
        foreach (var path in order)
        {
            if (Agreed(path, claims[path], columns.Joins) is { } image)
            {
                taken.Add(image);
                continue;
            }

            var contradiction = Against(path, claims[path], decision);
            contradictions.Add(contradiction);
            if (contradiction.IsDecided)
            {
                taken.Add(new(path, decision!, contradiction.Patients is [var only] ? only : null, Views(claims[path]))
                {
                    Sex = Only(claims[path].Select(c => c.Sex)),
                    Age = Only(claims[path].Select(c => c.Age)),
                });
            }
        }

        var open = contradictions.FindAll(c => !c.IsDecided);
        var contrary = open.Sum(c => c.Lines.Count);
        exceptedImages.ExceptWith(order);
        var without = named.Count - taken.Count - open.Count - exceptedImages.Count;
        return new(
            taken, contradictions, claims.Values.Sum(c => c.Count) - taken.Count - contrary,
            Counted(
                (absent, "rows name files that are not there"), (ambiguous, Several),
                (nameless, "rows name no file"), (unlabelled, "rows have no class"),
                (unruled, "rows have a class that the rules leave out"), (excepted, "rows are excepted by what stands in another column"),
                (table.Rows.Count - usable.Count, "rows have more cells than there are columns, and are left out"),
                (contrary, "rows contradict each other about an image, and are left out")),
            Counted(
                (open.Count, "images have rows that contradict each other and are left out until that is decided"),
                (without, "images have rows without a class alone and are left out"),
                (exceptedImages.Count, "images have excepted rows alone and are left out"),
                (images.Count - named.Count, "images stand in no row and are left out")));
    }

    static LeftOut[] Counted(params (int Count, string Words)[] counts) =>
        [.. counts.Where(c => c.Count > 0).Select(c => new LeftOut(c.Count, c.Words))];

    static TableImage? Agreed(string path, List<Claim> claims, bool joins)
    {
        var findings = claims.Select(c => c.Class).Order(StringComparer.Ordinal).Distinct(StringComparer.OrdinalIgnoreCase).ToList();
        var patients = claims.Select(c => c.Patient).Where(p => p.Length > 0).Distinct(StringComparer.Ordinal).ToList();
        var isOne = findings.Count == 1 || (joins && !TableLayout.AreContrary(findings));
        return !isOne || patients.Count > 1
            ? null
            : new(path, findings.Count == 1 ? findings[0] : TableLayout.Joined(findings), patients.FirstOrDefault(), Views(claims),
                Only(claims.Select(c => c.Site)))
            {
                Sex = Only(claims.Select(c => c.Sex)),
                Age = Only(claims.Select(c => c.Age)),
            };
    }

    static string? Only(IEnumerable<string> cells) =>
        cells.Distinct(StringComparer.Ordinal).ToList() is [{ Length: > 0 } only] ? only : null;

    static string? Views(List<Claim> claims) =>
        claims.Select(c => c.View).OfType<string>().Distinct(StringComparer.OrdinalIgnoreCase).Order(
            StringComparer.OrdinalIgnoreCase).ToList() is { Count: > 0 } views ? string.Join(", ", views) : null;

    static Contradiction Against(string path, List<Claim> claims, string? decision)
    {
        string[] classes = [.. claims.Select(c => c.Class).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        string[] patients = [.. claims.Select(c => c.Patient).Where(p => p.Length > 0).Distinct(StringComparer.Ordinal).Order(
            StringComparer.Ordinal)];
        return new(
            path, classes, patients, [.. claims.Select(c => c.Line)],
            decision is not null && patients.Length < 2 && classes.Contains(decision));
    }

    readonly record struct Claim(string Class, string Patient, string? View, string Site, int Line)
    {
        public required string Sex { get; init; }

        public required string Age { get; init; }
    }
}
