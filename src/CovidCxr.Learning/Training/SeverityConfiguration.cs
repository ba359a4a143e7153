using System.Globalization;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Severity;

namespace CovidCxr.Learning.Training;

/// <summary>Which films radiologists have scored; the file that `fit-severity --config` reads.</summary>
/// <param name="Classes">Those of the sources' films; they do not matter here, but the sources name them.</param>
/// <param name="Scores">A table with a row per film, relative to the data folder.</param>
/// <param name="FileColumn">Of the table: the film's file name.</param>
/// <param name="ZoneColumns">For each zone, A to F, the columns of those who scored it, 0..3; their mean is taken.</param>
/// <param name="Penalty">Of the ridge regression, above 0.</param>
/// <param name="Folds">Of the patients, 2 to 20.</param>
public sealed record SeverityConfiguration(
    DataSetOptions Data, IReadOnlyList<string> Classes, string Scores, string FileColumn, IReadOnlyList<IReadOnlyList<string>> ZoneColumns,
    double Penalty = 1, int Folds = 5, long Seed = 1)
{
    /// <exception cref="TrainingException">The text is not such a configuration, or a value is out of range; the message names
    /// it.</exception>
    public static SeverityConfiguration FromJson(string json)
    {
        return TrainingConfiguration.Parse<SeverityConfiguration>(json) switch
        {
            { Data: null } or { Classes: null } or { Scores: null } or { FileColumn: null } or { ZoneColumns: null } =>
                throw new TrainingException("Configuration: data, classes, scores, fileColumn and zoneColumns are needed."),
            { ZoneColumns.Count: not SeverityHead.ZoneCount } =>
                throw new TrainingException("Configuration: zoneColumns must name the columns of six zones."),
            { Penalty: not > 0 } or { Folds: < 2 or > 20 } =>
                throw new TrainingException("Configuration: penalty must be above 0 and folds 2 to 20."),
            var configuration => configuration,
        };
    }

    /// <summary>The zones A to F of every film that the table scores, by file name; a row with an empty or impossible cell is left
    /// out.</summary>
    /// <param name="dataFolder">Where the table's path starts.</param>
    /// <exception cref="DataSetException">The table or a column cannot be read.</exception>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> ReadScores(string dataFolder)
    {
        CsvTable table;
        try
        {
            table = CsvTable.Read(File.ReadAllBytes(Path.Combine(dataFolder, Scores)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataSetException($"The table '{Scores}' cannot be read.", e);
        }

        var file = TableLayout.Column(table, FileColumn);
        var columns = ZoneColumns.Select(zone => zone.Select(c => TableLayout.Column(table, c)).ToList()).ToList();
        var scores = new Dictionary<string, IReadOnlyList<double>>(StringComparer.Ordinal);
        foreach (var row in table.Rows)
        {
            double?[] zones = [.. columns.Select(zone => zone.Select(c => ZoneOf(row[c])).Average(v => v ?? double.NaN) is var mean
                && double.IsNaN(mean) ? (double?)null : mean)];
            if (Array.TrueForAll(zones, z => z is not null))
            {
                scores[row[file]] = [.. zones.Select(z => z!.Value)];
            }
        }

        return scores;
    }

    static double? ZoneOf(string cell) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= SeverityHead.MaxZone
            ? value
            : null;
}
