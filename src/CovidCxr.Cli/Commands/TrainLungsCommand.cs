using System.CommandLine;
using System.Globalization;
using CovidCxr.Laboratory.Training;

namespace CovidCxr.Cli.Commands;

/// <summary>`train-lungs`: the network that finds lungs, or with --folds how well it does by patient.</summary>
static class TrainLungsCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config") { Description = "The configuration (JSON).", Required = true };
        var data = new Option<DirectoryInfo>("--data") { Description = "The folder that holds the data sources.", Required = true };
        var output = new Option<FileInfo>("--out")
        {
            Description = "Gets the weights.",
            DefaultValueFactory = _ => new("lungs.safetensors")
        };
        var folds = new Option<int>("--folds") { Description = "Only measure, by so many folds of the patients." };
        folds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or 1 or > 100)
            {
                result.AddError("--folds must be 2 to 100.");
            }
        });
        var command = new Command("train-lungs", "Trains the network that finds lungs.") { config, data, output, folds };
        command.SetAction(async (arguments, cancellation) =>
        {
            var request = new TrainLungsRequest(
                arguments.GetRequiredValue(config).FullName, arguments.GetRequiredValue(data).FullName,
                arguments.GetRequiredValue(output).FullName, arguments.GetValue(folds));
            switch (await TrainLungs.RunAsync(request, Console.WriteLine, cancellation))
            {
                case TrainLungsResult.Written written:
                    Console.WriteLine(written.Path);
                    return 0;
                case TrainLungsResult.Measured measured:
                    var worst = measured.Dice.Min().ToString("F3", CultureInfo.InvariantCulture);
                    Console.WriteLine(
                        $"Dice {measured.Dice.Average().ToString("F4", CultureInfo.InvariantCulture)}, the mean of {measured.Dice.Count} "
                            + $"patients that the network had not seen; the worst {worst}.");
                    return 0;
                case TrainLungsResult.Refused refused:
                    Console.Error.WriteLine(refused.Message);
                    return 1;
                default:
                    return 1;
            }
        });
        return command;
    }
}
