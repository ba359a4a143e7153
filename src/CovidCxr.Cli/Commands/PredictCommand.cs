using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using CovidCxr.Laboratory.Models;

namespace CovidCxr.Cli.Commands;

/// <summary>`predict`: reads image files. Exit code 1 where any of them could not be read; the others are done all the same.</summary>
static class PredictCommand
{
    static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        // For terminals and files, not for pages: names of files stay readable.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static Command Create(TimeProvider time)
    {
        var files = new Argument<string[]>("file")
        {
            Description = "PNG, JPEG, TIFF or DICOM; a DICOMDIR for the films that it names.",
            Arity = ArgumentArity.OneOrMore,
        };
        files.Validators.Add(result =>
        {
            // A mistyped option would pass for a file.
            if (result.Tokens.FirstOrDefault(t => t.Value.StartsWith("--", StringComparison.Ordinal) && !File.Exists(t.Value)) is { } stray)
            {
                result.AddError($"Unrecognized option '{stray.Value}'.");
            }
        });
        var model = new Option<FileInfo?>("--model") { Description = "A model file; the starter model where left out." };
        var heatMaps = new Option<DirectoryInfo?>("--heatmap")
        {
            Description = "Gets a PNG per file: the X-ray under the predicted class's heat map."
        };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output and nothing else." };
        var evenWithheld = new Option<bool>("--even-withheld")
        {
            Description = "Score also what is withheld: no chest film, upside down, turned, inverted, cut off; or by a DICOM header "
                + "lateral, of another body part, of a child."
        };
        var command = new Command("predict", "Reads chest X-rays. Decision support, not a diagnosis.")
        {
            files, model, heatMaps, evenWithheld, json
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            var isJson = arguments.GetValue(json);
            var request = new PredictFilesRequest(
                arguments.GetRequiredValue(files), arguments.GetValue(model)?.FullName, arguments.GetValue(heatMaps)?.FullName,
                arguments.GetValue(evenWithheld));
            var result = await new PredictFiles(time).RunAsync(request, isJson ? _ => { } : Print, cancellation);
            return isJson ? PrintJson(result) : Conclude(result);
        });
        return command;
    }

    static void Print(FilePrediction file)
    {
        if (file.Error is not null)
        {
            Console.Error.WriteLine($"{file.File}: {file.Error}");
            return;
        }

        if (file.Prediction is null)
        {
            Console.WriteLine($"{file.File}: withheld. {file.Withheld}");
            return;
        }

        var probabilities = string.Join(", ", file.Probabilities.Select(p => $"{p.Class} {Number(p.Probability)}"));
        var heatMap = file.HeatMap is null ? "" : $", {file.HeatMap}";
        var severity = file.Severity is { } s
            ? string.Create(CultureInfo.InvariantCulture, $", severity {s.Sum:F0} of 18 ({s.Lower:F0} to {s.Upper:F0})")
            : "";
        Console.WriteLine(
            $"{file.File}: {file.Prediction} ({probabilities}){severity}, "
                + $"{file.Milliseconds!.Value.ToString("F0", CultureInfo.InvariantCulture)} "
                + $"ms{heatMap}{(file.Withheld is null ? "" : $"; scored although withheld. {file.Withheld}")}");
    }

    static int Conclude(PredictFilesResult result)
    {
        switch (result)
        {
            case PredictFilesResult.Done done:
                Console.WriteLine(
                    $"{done.ModelName} ({done.Architecture}, {done.ModelSha256[..12]}) on {done.Device}; {done.PositiveClass} from "
                        + $"{Number(done.Threshold)}. Decision support, not a diagnosis.");
                return ExitCode(done);
            case PredictFilesResult.Refused refused:
                Console.Error.WriteLine(refused.Message);
                return 1;
            default:
                return 1;
        }
    }

    static int PrintJson(PredictFilesResult result)
    {
        Console.WriteLine(JsonSerializer.Serialize(
            result is PredictFilesResult.Done done ? Document(done) : new { error = (result as PredictFilesResult.Refused)?.Message },
            Json));
        return result is PredictFilesResult.Done all ? ExitCode(all) : 1;
    }

    static object Document(PredictFilesResult.Done done) => new
    {
        model = new
        {
            name = done.ModelName,
            architecture = done.Architecture,
            sha256 = done.ModelSha256,
            positiveClass = done.PositiveClass,
            threshold = done.Threshold
        },
        device = done.Device,
        files = done.Files.Select(f => f.Error is not null
            ? (object)new { file = f.File, error = f.Error }
            : f.Prediction is null
            ? new { file = f.File, withheld = f.Withheld }
            : new
            {
                file = f.File,
                withheld = f.Withheld,
                probabilities = f.Probabilities.ToDictionary(p => p.Class, p => p.Probability),
                prediction = f.Prediction,
                threshold = done.Threshold,
                milliseconds = Math.Round(f.Milliseconds!.Value, 1),
                heatMap = f.HeatMap,
                heatMapInLungs = f.InLungs,
                severity = f.Severity is { } s
                    ? new { zones = s.Zones, sum = s.Sum, lower = s.Lower, upper = s.Upper, lungScores = s.Scores }
                    : null,
            }),
    };

    static int ExitCode(PredictFilesResult.Done done) => done.Files.All(f => f.Error is null) ? 0 : 1;

    static string Number(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
