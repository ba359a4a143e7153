using System.CommandLine;
using System.Globalization;
using CovidCxr.Laboratory.Evaluation;
using CovidCxr.Laboratory.Training;

namespace CovidCxr.Cli.Commands;

/// <summary>`train`: one run, with a line per epoch and a running line between them. Ctrl-C saves a checkpoint and exits.</summary>
static class TrainCommand
{
    public static Command Create(TimeProvider time)
    {
        var config = new Option<FileInfo>("--config") { Description = "The run's configuration (JSON).", Required = true };
        var data = new Option<DirectoryInfo>("--data") { Description = "The folder that holds the data sources.", Required = true };
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "Gets checkpoints and the model.",
            DefaultValueFactory = _ => new("run")
        };
        var resume = new Option<bool>("--resume") { Description = "Go on from the newest checkpoint in --out." };
        var cache = new Option<long>("--cache-megabytes")
        {
            Description = "Decoded images held in memory; those above it lie in a file in --out while the run lasts.",
            DefaultValueFactory = _ => 1024
        };
        cache.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<long>() is < 0 or > 1_000_000)
            {
                result.AddError("--cache-megabytes must be 0 to 1000000.");
            }
        });
        var command = new Command("train", "Trains a network by discriminative fine-tuning.") { config, data, output, resume, cache };
        command.SetAction(async (arguments, cancellation) =>
        {
            var request = new TrainModelRequest(
                arguments.GetRequiredValue(config).FullName, arguments.GetRequiredValue(data).FullName,
                arguments.GetRequiredValue(output).FullName, arguments.GetValue(resume))
            {
                CacheBytes = arguments.GetValue(cache) << 20,
            };
            var result = await new TrainModel(time).RunAsync(request, Print, cancellation);
            if (result is TrainModelResult.Ended { ModelPath: { } model } run)
            {
                Console.WriteLine(run.StopReason ?? "Done.");
                await MeasureAsync(model, request.DataFolder, time, cancellation);
            }

            return Conclude(result, cancellation.IsCancellationRequested);
        });
        return command;
    }

    internal static void Print(TrainingProgress progress)
    {
        switch (progress)
        {
            case TrainingProgress.Note note:
                Console.WriteLine(note.Text);
                break;
            case TrainingProgress.Step step when !Console.IsOutputRedirected:
                Console.Write($"\repoch {step.Number}/{step.Epochs} step {step.StepInEpoch}/{step.Steps} loss {Number(step.PlainLoss)}   ");
                break;
            case TrainingProgress.Epoch m:
                var optimised = m.IsOptimisedOtherwise ? $" (optimised: {Number(m.TrainLoss)})" : "";
                Console.WriteLine(
                    $"\repoch {m.Number,3}  train loss {Number(m.PlainTrainLoss)}{optimised} accuracy {Number(m.TrainAccuracy)}  "
                        + $"validation loss {Number(m.ValidationLoss)} accuracy {Number(m.ValidationAccuracy)} "
                        + $"sensitivity {Number(m.Sensitivity)} "
                        + $"specificity {Number(m.Specificity)} AUC {Number(m.Area)}  "
                        + $"{m.ImagesPerSecond.ToString("F1", CultureInfo.InvariantCulture)} images/s  waited {Number(m.WaitedSeconds)} s");
                break;
        }
    }

    // As a run of the web does: what stands on the card is what the evaluation says.
    static async Task MeasureAsync(string model, string data, TimeProvider time, CancellationToken cancellation)
    {
        switch (await new EvaluateModel(time).RunAsync(new(model, data) { WritesCard = true }, cancellation))
        {
            case EvaluateModelResult.Measured measured:
                FigurePrinter.Print(measured.Figures, measured.Statements);
                break;
            case EvaluateModelResult.Refused refused:
                Console.Error.WriteLine($"The model is not measured: {refused.Message}");
                break;
        }
    }

    static int Conclude(TrainModelResult result, bool isCancelled)
    {
        switch (result)
        {
            case TrainModelResult.Refused refused:
                Console.Error.WriteLine(refused.Message);
                return 1;
            case TrainModelResult.Ended { ModelPath: { } model }:
                Console.WriteLine(model);
                return 0;
            case TrainModelResult.Ended run:
                Console.WriteLine(run.StopReason ?? (isCancelled ? "Interrupted; --resume goes on from here." : "Done."));
                Console.WriteLine("No model was written.");
                return 1;
            default:
                return 1;
        }
    }

    static string Number(double? value) => value?.ToString("F4", CultureInfo.InvariantCulture) ?? "–";
}
