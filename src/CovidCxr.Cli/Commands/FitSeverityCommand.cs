using System.CommandLine;
using CovidCxr.Laboratory.Training;

namespace CovidCxr.Cli.Commands;

/// <summary>`fit-severity`: gives a trained model the zones of the Brixia score.</summary>
static class FitSeverityCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config") { Description = "The configuration (JSON).", Required = true };
        var data = new Option<DirectoryInfo>("--data") { Description = "The folder that holds the data sources.", Required = true };
        var model = new Option<FileInfo>("--model") { Description = "A trained model; it is not changed.", Required = true };
        var output = new Option<FileInfo>("--out") { Description = "Gets the model with severity.", Required = true };
        var command = new Command("fit-severity", "Teaches a trained model how severe a film is, by zones.")
        {
            config, data, model, output
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            var request = new FitSeverityRequest(
                arguments.GetRequiredValue(config).FullName, arguments.GetRequiredValue(data).FullName,
                arguments.GetRequiredValue(model).FullName, arguments.GetRequiredValue(output).FullName);
            switch (await FitSeverity.RunAsync(request, Console.WriteLine, cancellation))
            {
                case FitSeverityResult.Written written:
                    written.Figures.ToList().ForEach(Console.WriteLine);
                    Console.WriteLine(written.Path);
                    return 0;
                case FitSeverityResult.Refused refused:
                    Console.Error.WriteLine(refused.Message);
                    return 1;
                default:
                    return 1;
            }
        });
        return command;
    }
}
