using System.CommandLine;
using CovidCxr.Laboratory.Evaluation;

namespace CovidCxr.Cli.Commands;

/// <summary>`cross-validate`: one model per fold. The same command after Ctrl-C goes on where it was.</summary>
static class CrossValidateCommand
{
    const string ByPatient = "patient", ByImage = "none";

    public static Command Create(TimeProvider time)
    {
        var config = new Option<FileInfo>("--config")
        {
            Description = "The run's configuration (JSON); its split is not used.",
            Required = true
        };
        var data = new Option<DirectoryInfo>("--data") { Description = "The folder that holds the data sources.", Required = true };
        var folds = new Option<int>("--folds")
        {
            Description = $"{CrossValidate.MinFolds} to {CrossValidate.MaxFolds}.",
            DefaultValueFactory = _ => 5
        };
        var group = new Option<string>("--group")
        {
            Description = "patient keeps a patient's images in one fold; none does not, and the figures are too good.",
            DefaultValueFactory = _ => ByPatient
        };
        var output = new Option<DirectoryInfo>("--out")
        {
            Description = "Gets a folder per fold and the report; a finished fold is not trained again.",
            DefaultValueFactory = _ => new("cross-validation")
        };
        group.AcceptOnlyFromAmong(ByPatient, ByImage);
        folds.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < CrossValidate.MinFolds or > CrossValidate.MaxFolds)
            {
                result.AddError($"--folds must be {CrossValidate.MinFolds} to {CrossValidate.MaxFolds}.");
            }
        });
        var command = new Command("cross-validate", "Trains a model per fold and tests it on the fold it has not seen.")
        {
            config, data, folds, group, output
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            var request = new CrossValidateRequest(
                arguments.GetRequiredValue(config).FullName, arguments.GetRequiredValue(data).FullName, arguments.GetValue(folds),
                arguments.GetValue(group) == ByPatient, arguments.GetRequiredValue(output).FullName);
            return Conclude(await new CrossValidate(time).RunAsync(request, TrainCommand.Print, cancellation));
        });
        return command;
    }

    static int Conclude(CrossValidateResult result)
    {
        switch (result)
        {
            case CrossValidateResult.Measured measured:
                FigurePrinter.Print(measured.Figures, measured.Statements);
                Console.WriteLine(measured.ReportPath);
                return 0;
            case CrossValidateResult.Interrupted:
                Console.WriteLine("Interrupted; the same command goes on from here.");
                return 1;
            case CrossValidateResult.Refused refused:
                Console.Error.WriteLine(refused.Message);
                return 1;
            default:
                return 1;
        }
    }
}
