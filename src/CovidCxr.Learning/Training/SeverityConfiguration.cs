using System.Globalization;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Severity;

namespace CovidCxr.Learning.Training;

/// <summary>Which films radiologists have scored; the file that `fit-severity --config` reads.</summary>
/// <param name="Classes">Those of the sources' films; they do not matter here, but the sources name them.</param>
/// <param name="Scores">A table with a row per film, relative to the data folder.</param>
/// <param name="FileColumn">Of the table: the film's file name.</param>
/// <param name="ZoneColumns">For each zone, A to F, the columns of those who scored it, 0..3; their mean is taken.</param>
/// <param name="LungScores">Scores of the lungs as a whole; none where nobody gave any.</param>
/// <param name="Penalty">Of the ridge regression, above 0.</param>
/// <param name="Folds">Of the patients, 2 to 20.</param>
public sealed record SeverityConfiguration(
    DataSetOptions Data, IReadOnlyList<string> Classes, string Scores, string FileColumn, IReadOnlyList<IReadOnlyList<string>> ZoneColumns,
    double Penalty = 1, int Folds = 5, long Seed = 1, IReadOnlyList<LungScoreSource>? LungScores = null)
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
            { LungScores: { } scores } when scores.Any(s => s is not
            { Name.Length: > 0 and <= 60, Scores: not null, FileColumn: not null, Columns.Count: > 0, Max: > 0 and <= 1000 }) =>
                throw new TrainingException(
                    "Configuration: a lung score needs a name, scores, fileColumn, columns and max, 0 to 1000."),
            var configuration => configuration,
        };
    }

    /// <summary>The zones A to F of every film that the table scores, by file name; a row with an empty or impossible cell is left
    /// out.</summary>
    /// <param name="dataFolder">Where the table's path starts.</param>
    /// <exception cref="DataSetException">The table or a column cannot be read.</exception>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> ReadScores(string dataFolder) =>
        ScoreTable.Read(dataFolder, Scores, FileColumn, ZoneColumns, SeverityHead.MaxZone);
}

/// <summary>A score of the lungs as a whole that radiologists gave.</summary>
/// <param name="Scores">A table with a row per film, relative to the data folder.</param>
/// <param name="FileColumn">Of the table: the film's file name.</param>
/// <param name="Columns">Those of who scored it, 0..Max; their mean is taken.</param>
public sealed record LungScoreSource(string Name, string Scores, string FileColumn, IReadOnlyList<string> Columns, double Max)
{
    /// <inheritdoc cref="SeverityConfiguration.ReadScores"/>
    public IReadOnlyDictionary<string, IReadOnlyList<double>> ReadScores(string dataFolder) =>
        ScoreTable.Read(dataFolder, Scores, FileColumn, [Columns], Max);
}

/// <summary>Scores by film from a table.</summary>
static class ScoreTable
{
    /// <param name="columns">For each score, the columns whose mean it is.</param>
    public static Dictionary<string, IReadOnlyList<double>> Read(
        string dataFolder, string path, string fileColumn, IReadOnlyList<IReadOnlyList<string>> columns, double max)
    {
        CsvTable table;
        try
        {
            table = CsvTable.Read(File.ReadAllBytes(Path.Combine(dataFolder, path)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataSetException($"The table '{path}' cannot be read.", e);
        }

        var file = TableLayout.Column(table, fileColumn);
        var found = columns.Select(score => score.Select(c => TableLayout.Column(table, c)).ToList()).ToList();
        var scores = new Dictionary<string, IReadOnlyList<double>>(StringComparer.Ordinal);
        foreach (var row in table.Rows)
        {
            double[] means = [.. found.Select(score => score.Average(c => ScoreOf(row[c], max)))];
            if (Array.TrueForAll(means, double.IsFinite))
            {
                scores[row[file]] = means;
            }
        }

        return scores;
    }

    // One that is no number makes none of the mean.
    static double ScoreOf(string cell, double max) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value >= 0 && value <= max
            ? value
            : double.NaN;
}
