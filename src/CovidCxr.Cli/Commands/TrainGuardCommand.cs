using System.CommandLine;
using CovidCxr.Laboratory.Training;

namespace CovidCxr.Cli.Commands;

/// <summary>`train-guard`: what decides whether a picture may have a score.</summary>
static class TrainGuardCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config") { Description = "A training's configuration (JSON).", Required = true };
        var data = new Option<DirectoryInfo>("--data") { Description = "The folder that holds the data sources.", Required = true };
        var output = new Option<FileInfo>("--out")
        {
            Description = "Gets the weights.",
            DefaultValueFactory = _ => new("guard.safetensors")
        };
        var measures = new Option<bool>("--measure")
        {
            Description = "Train nothing: measure the guard that comes with the program on the films that its training held out."
        };
        var command = new Command("train-guard", "Teaches the guard which pictures may have a score.") { config, data, output, measures };
        command.SetAction(async (arguments, cancellation) =>
        {
            var request = new TrainGuardRequest(
                arguments.GetRequiredValue(config).FullName, arguments.GetRequiredValue(data).FullName,
                arguments.GetValue(measures) ? null : arguments.GetRequiredValue(output).FullName);
            switch (await TrainGuard.RunAsync(request, Console.WriteLine, cancellation))
            {
                case TrainGuardResult.Written written:
                    foreach (var (kind, pictures, withheld, area) in written.Counts)
                    {
                        Console.WriteLine($"{kind}: {withheld} of {pictures} withheld{(area is null ? "" : $", AUC {area}")}");
                    }

                    Console.WriteLine($"All of them against good films: AUC {written.Area}");
                    Console.WriteLine(written.Path ?? "Nothing was trained.");
                    return 0;
                case TrainGuardResult.Refused refused:
                    Console.Error.WriteLine(refused.Message);
                    return 1;
                default:
                    return 1;
            }
        });
        return command;
    }
}
