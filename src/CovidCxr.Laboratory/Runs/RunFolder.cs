using System.Globalization;
using System.Text.Json.Serialization;
using System.Text.Json;
using CovidCxr.Domain.Runs;
using CovidCxr.Laboratory.Evaluation;
using CovidCxr.Laboratory.Training;
using CovidCxr.Learning.Files;
using CovidCxr.Learning.Optimization;
using CovidCxr.Storage.Files;

namespace CovidCxr.Laboratory.Runs;

/// <summary>What stands in the folder of one run: written by the process that trains, read by whoever watches.</summary>
public sealed class RunFolder(string path)
{
    /// <summary>Where a run of this id stands.</summary>
    public static RunFolder Of(DataFolder folder, Guid runId) =>
        new(System.IO.Path.Combine(folder.Runs, runId.ToString("N", CultureInfo.InvariantCulture)));

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals
    };

    /// <param name="DataRoot">Where the sources' paths start.</param>
    /// <param name="StopReason">Train no further: measure the best epoch that there is, and say this; null to train.</param>
    /// <param name="ActiveModel">The file of the model at work, which a new one is put beside; null where none is.</param>
    /// <param name="Margin">Of non-inferiority, as planned; null for the gate's own.</param>
    public sealed record Order(
        string DataRoot, RunKind Kind = RunKind.Training, string? StopReason = null, string? ActiveModel = null, double? Margin = null);

    /// <param name="ModelPath">Null where no model came of it.</param>
    /// <param name="Message">For a person; null where there is nothing to say.</param>
    public sealed record Result(Ending Ending, string? ModelPath, string? Message);

    public enum Ending
    {
        Finished,
        Interrupted,
        Refused,
    }

    public string Path { get; } = path;

    public string Configuration => System.IO.Path.Combine(Path, "run.json");

    /// <summary>The evaluation as JSON, and as a page that needs nothing else; absent until the run is done.</summary>
    public string Evaluation => System.IO.Path.Combine(Path, "evaluation.json");

    public string Report => System.IO.Path.Combine(Path, "report.html");

    /// <summary>What the gate says of it; absent until the run is done.</summary>
    public string Gate => System.IO.Path.Combine(Path, "gate.json");

    /// <summary>What the model said of every evaluated image.</summary>
    public string Scores => System.IO.Path.Combine(Path, "scores.csv");

    /// <summary>The report of a cross-validation; absent until it is done.</summary>
    public string CrossValidation => System.IO.Path.Combine(Path, CrossValidate.ReportFile);

    /// <summary>Of the most confused image at this place in the report, from 0.</summary>
    public string ConfusedPicture(int index) => ConfusedPictures.Place(Path, index);

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    public string Model => System.IO.Path.Combine(Path, "model.safetensors");

    string Progress => System.IO.Path.Combine(Path, "progress.jsonl");

    string Orders => System.IO.Path.Combine(Path, "order.json");

    string Trained => System.IO.Path.Combine(Path, "trained.json");

    string Results => System.IO.Path.Combine(Path, "result.json");

    public bool HasCheckpoint => NewestCheckpoint is not null;

    /// <summary>Its name, and its fold's; null where there is none.</summary>
    public string? NewestCheckpoint => Directory.Exists(Path)
        ? Directory.EnumerateFiles(Path, "checkpoint-*.ckpt", SearchOption.AllDirectories)
            .Select(f => System.IO.Path.GetRelativePath(Path, f)).Max(StringComparer.Ordinal)
        : null;

    /// <summary>Prepares the folder for a process; what an earlier one left to go on from stays.</summary>
    public void Prepare(string configuration, Order order)
    {
        Directory.CreateDirectory(Path);
        File.WriteAllText(Configuration, configuration);
        File.WriteAllText(Orders, JsonSerializer.Serialize(order, Json));
        File.Delete(Results);
    }

    /// <summary>
    /// For a process that writes here: waits for one before it that is given up and may still be saving, and lets no other write until it
    /// is closed. What that one said of its end is another's.
    /// </summary>
    /// <exception cref="IOException">The other one does not end.</exception>
    public async Task<FileStream> TakeAsync(TimeProvider time)
    {
        for (var begun = time.GetTimestamp(); ; await Task.Delay(TimeSpan.FromMilliseconds(100), time))
        {
            try
            {
                var alone = new FileStream(
                    System.IO.Path.Combine(Path, "run.lock"), FileMode.OpenOrCreate, FileAccess.Write, FileShare.None);
                File.Delete(Results);
                return alone;
            }
            catch (IOException) when (time.GetElapsedTime(begun) < Patience)
            {
                // Taken.
            }
        }
    }

    public Order ReadOrder() => JsonSerializer.Deserialize<Order>(File.ReadAllText(Orders), Json)!;

    /// <summary>Appends lines that <see cref="ReadProgress"/> gives back; a line is whole or absent to a reader.</summary>
    public StreamWriter OpenProgress() => new(new FileStream(Progress, FileMode.Append, FileAccess.Write, FileShare.Read))
    {
        AutoFlush = true
    };

    /// <summary>A line of the run's log, written while no process trains.</summary>
    public void Note(DateTimeOffset at, string words)
    {
        using var writer = OpenProgress();
        writer.WriteLine(Line(new(at, Note: words)));
    }

    public static string Line(RunLine line) => JsonSerializer.Serialize(line, Json);

    /// <summary>The whole lines from a place on, and the place after them.</summary>
    /// <param name="from">0, or what the last call returned.</param>
    public (IReadOnlyList<RunLine> Lines, long Next) ReadProgress(long from)
    {
        if (!File.Exists(Progress))
        {
            return ([], 0);
        }

        using var stream = new FileStream(Progress, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        stream.Seek(from, SeekOrigin.Begin);
        // A file system that several machines share may be behind.
        var bytes = new byte[Math.Max(0, stream.Length - from)];
        stream.ReadExactly(bytes);
        var end = bytes.AsSpan().LastIndexOf((byte)'\n') + 1;
        var lines = System.Text.Encoding.UTF8.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return ([.. lines.Select(Parse).OfType<RunLine>()], from + end);
    }

    public void WriteResult(Result result)
    {
        File.WriteAllText(Results + ".new", JsonSerializer.Serialize(result, Json));
        File.Move(Results + ".new", Results, overwrite: true);
    }

    /// <summary>Null where the process ended without a word.</summary>
    public Result? ReadResult() => Read(Results);

    /// <summary>Notes how the training ended: whoever is interrupted from here on has only to measure.</summary>
    public void WriteTrained(Result result) => DurableFile.Write(Trained, stream => JsonSerializer.Serialize(stream, result, Json));

    /// <summary>Null where there is still something to train.</summary>
    public Result? ReadTrained() => Read(Trained);

    static Result? Read(string path) => File.Exists(path) ? JsonSerializer.Deserialize<Result>(File.ReadAllText(path), Json) : null;

    // A process killed in the middle of a line leaves half of one, and the next process writes on behind it.
    static RunLine? Parse(string line)
    {
        try
        {
            return JsonSerializer.Deserialize<RunLine>(line, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>
/// One line of a run's progress: a note, a step, an epoch, the beginning of a fold, or a point of a range test and what it suggests.
/// </summary>
/// <param name="At">When it was written.</param>
/// <param name="MemoryMegabytes">Resident memory of the process that trains, with a step and an epoch.</param>
/// <param name="GpuMegabytes">Of the GPU's memory, held by all processes; null where there is none.</param>
/// <param name="GpuUtilisation">Percent of the time in which the GPU computed.</param>
public sealed record RunLine(
    DateTimeOffset At, string? Note = null, TrainingProgress.Step? Step = null, TrainingProgress.Epoch? Epoch = null,
    RangeTestPoint? Rate = null, RateRange? Suggestion = null,
    TrainingProgress.Fold? Fold = null, double? MemoryMegabytes = null, double? GpuMegabytes = null, int? GpuUtilisation = null);
