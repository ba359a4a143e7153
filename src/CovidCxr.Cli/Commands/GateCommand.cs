using System.CommandLine;
using CovidCxr.Laboratory.Evaluation;
using CovidCxr.Learning.Gate;

namespace CovidCxr.Cli.Commands;

/// <summary>`gate`: whether a model may be put to work at all.</summary>
static class GateCommand
{
    // Of the exit code: what a script may go by.
    const int Refused = 2, NotKnown = 3;

    public static Command Create(TimeProvider time)
    {
        var model = new Argument<FileInfo>("model") { Description = "The model file." };
        var data = new Option<DirectoryInfo>("--data") { Description = "The folder that holds the data sources.", Required = true };
        var config = new Option<FileInfo?>("--config")
        {
            Description = "A run's configuration whose data are taken instead of those of the training, all images as test."
        };
        var part = new Option<EvaluatedPart?>("--part") { Description = "test, validation or all; test where there is a test part." };
        var active = new Option<FileInfo?>("--active") { Description = "The model at work, which it must not be inferior to." };
        var json = new Option<bool>("--json") { Description = "Print the verdict as one JSON document and nothing else." };
        var card = new Option<bool>("--write-card")
        {
            Description = "Write the figures into the model file, as its card: its weights stay, its hash becomes another."
        };
        var command = new Command(
            "gate", "Whether a model reads the disease: every check with limit and verdict. Exit code 0 passed, 2 refused, 3 not known.")
        {
            model, data, config, part, active, json, card
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(card) && result.GetValue(config) is not null)
            {
                result.AddError("A card tells of the model's own data: --write-card goes without --config.");
            }
        });
        command.SetAction(async (arguments, cancellation) =>
        {
            var request = new EvaluateModelRequest(arguments.GetRequiredValue(model).FullName, arguments.GetRequiredValue(data).FullName)
            {
                ConfigurationPath = arguments.GetValue(config)?.FullName,
                Part = arguments.GetValue(part),
                RivalPath = arguments.GetValue(active)?.FullName,
                WritesCard = arguments.GetValue(card),
            };
            return Conclude(await new EvaluateModel(time).RunAsync(request, cancellation), arguments.GetValue(json));
        });
        return command;
    }

    static int Conclude(EvaluateModelResult result, bool isJson)
    {
        if (result is not EvaluateModelResult.Measured { Gate: var gate })
        {
            Console.Error.WriteLine((result as EvaluateModelResult.Refused)?.Message);
            return 1;
        }

        if (isJson)
        {
            Console.WriteLine(gate.ToJson());
        }
        else
        {
            Print(gate);
        }

        return gate.Verdict switch
        {
            GateVerdict.Passed => 0,
            GateVerdict.Refused => Refused,
            _ => NotKnown,
        };
    }

    static void Print(GateReport gate)
    {
        Console.WriteLine($"{gate.Model.Name}, {gate.DataSet}, {gate.Part}: {gate.Films} films of {gate.Patients} patients.");
        foreach (var check in gate.Checks)
        {
            Console.WriteLine($"{Word(check.Verdict),-10}{check.Name}");
            Console.WriteLine($"          {check.Finding}");
            Console.WriteLine($"          Limit: {check.Limit}");
        }

        Console.WriteLine(gate.Summary);
        Console.WriteLine(gate.Note);
    }

    static string Word(GateVerdict verdict) => verdict switch
    {
        GateVerdict.Passed => "passed",
        GateVerdict.Refused => "REFUSED",
        _ => "not known",
    };
}
