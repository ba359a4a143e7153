using System.CommandLine;
using CovidCxr.Laboratory.Evaluation;

namespace CovidCxr.Cli.Commands;

/// <summary>`evaluate`: a model's figures on its own test part or on another data set.</summary>
static class EvaluateCommand
{
    public static Command Create(TimeProvider time)
    {
        var model = new Option<FileInfo>("--model") { Description = "The model file.", Required = true };
        var data = new Option<DirectoryInfo>("--data") { Description = "The folder that holds the data sources.", Required = true };
        var config = new Option<FileInfo?>("--config")
        {
            Description = "A run's configuration whose data are evaluated instead, all images as test."
        };
        var part = new Option<EvaluatedPart?>("--part") { Description = "test, validation or all; test where there is a test part." };
        var json = new Option<bool>("--json") { Description = "Print the whole report as one JSON document and nothing else." };
        var report = new Option<FileInfo?>("--report") { Description = "Gets the report as one HTML file." };
        var scores = new Option<FileInfo?>("--scores") { Description = "Gets what the model said of every image, as CSV." };
        var images = new Option<bool>("--images")
        {
            Description = "Put the most confused images into --report: patients' images leave the machine with it."
        };
        var command =
            new Command("evaluate", "Measures a model: figures with intervals, ROC, calibration, most confused images, honesty checks.")
            {
                model, data, config, part, json, report, scores, images
            };
        command.Validators.Add(result =>
        {
            if (result.GetValue(images) && result.GetValue(report) is null)
            {
                result.AddError("--images needs --report.");
            }
        });
        command.SetAction(async (arguments, cancellation) =>
        {
            var request = new EvaluateModelRequest(arguments.GetRequiredValue(model).FullName, arguments.GetRequiredValue(data).FullName)
            {
                ConfigurationPath = arguments.GetValue(config)?.FullName,
                Part = arguments.GetValue(part),
                ReportPath = arguments.GetValue(report)?.FullName,
                ScoresPath = arguments.GetValue(scores)?.FullName,
                WithImages = arguments.GetValue(images),
            };
            return Conclude(await new EvaluateModel(time).RunAsync(request, cancellation), arguments.GetValue(json));
        });
        return command;
    }

    static int Conclude(EvaluateModelResult result, bool isJson)
    {
        switch (result)
        {
            case EvaluateModelResult.Measured measured when isJson:
                Console.WriteLine(measured.Json);
                return 0;
            case EvaluateModelResult.Measured measured:
                FigurePrinter.Print(measured.Figures, measured.Statements);
                return 0;
            case EvaluateModelResult.Refused refused:
                Console.Error.WriteLine(refused.Message);
                return 1;
            default:
                return 1;
        }
    }
}
