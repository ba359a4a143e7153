using System.CommandLine;
using System.Globalization;
using CovidCxr.Laboratory.Cards;
using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Cli.Commands;

/// <summary>`model show`, `model import` and `model export`.</summary>
static class ModelCommand
{
    public static Command Create() => new("model", "Shows, imports and exports model files.") { Show(), Import(), Export() };

    static Command Show()
    {
        var file = new Argument<FileInfo>("file") { Description = "A model file." };
        var items = new Option<bool>("--items")
        {
            Description = "The items of CLAIM 2024 and TRIPOD+AI instead, as far as the file alone says anything of them."
        };
        var command = new Command("show", "What a model file says of itself: network, training, figures, card.") { file, items };
        command.SetAction(
            async (arguments, cancellation) => await ShowModel.RunAsync(arguments.GetRequiredValue(file).FullName, cancellation) switch
            {
                ShowModelResult.Shown when arguments.GetValue(items) => PrintItems(arguments.GetRequiredValue(file).FullName),
                ShowModelResult.Shown shown => Print(shown),
                ShowModelResult.Refused refused => Refuse(refused.Message),
                _ => 1,
            });
        return command;
    }

    static Command Import()
    {
        var file = new Argument<FileInfo>("file")
        {
            Description = "A state dict of a torchvision network: .pth (PyTorch 1.6 or later) or .safetensors."
        };
        var architecture = new Option<string?>("--architecture")
        {
            Description = "resnet18, resnet50, resnet152, densenet121 or densenet169; recognised where left out."
        };
        var classes = new Option<string>("--classes")
        {
            Description = "Names in the order of the outputs, separated by commas, the positive one first.",
            Required = true
        };
        var output = new Option<FileInfo>("--out") { Description = "The model file to write (.safetensors).", Required = true };
        var name = new Option<string?>("--name") { Description = "The model's name for people." };
        var size = new Option<int>("--size")
        {
            Description = "Pixels of each side of the network's input.",
            DefaultValueFactory = _ => 224
        };
        var command = new Command("import", "Makes a model file of another program's weights. Executes nothing that the file asks for.")
        {
            file, architecture, classes, output, name, size
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            var request = new ImportModelRequest(
                arguments.GetRequiredValue(file).FullName, arguments.GetValue(architecture),
                arguments.GetRequiredValue(classes).Split(',', StringSplitOptions.TrimEntries), arguments.GetRequiredValue(output).FullName,
                arguments.GetValue(name), arguments.GetValue(size));
            return await ImportModel.RunAsync(request, cancellation) switch
            {
                ImportModelResult.Imported imported => Print(imported),
                ImportModelResult.Refused refused => Refuse(refused.Message),
                _ => 1,
            };
        });
        return command;
    }

    static Command Export()
    {
        var file = new Argument<FileInfo>("file") { Description = "A model file." };
        var onnx = new Option<FileInfo>("--onnx") { Description = "The ONNX file to write.", Required = true };
        var command = new Command("export", "Writes a model as ONNX: input images, outputs logits and features.") { file, onnx };
        command.SetAction(async (arguments, cancellation) =>
            await ExportModel.RunAsync(
                arguments.GetRequiredValue(file).FullName, arguments.GetRequiredValue(onnx).FullName, cancellation) switch
                {
                    ExportModelResult.Exported exported => Print(exported),
                    ExportModelResult.Refused refused => Refuse(refused.Message),
                    _ => 1,
                });
        return command;
    }

    static int Print(ShowModelResult.Shown shown)
    {
        var model = shown.Model;
        Console.WriteLine(model.Name);
        Line(
            "network",
            string.Create(CultureInfo.InvariantCulture, $"{model.Architecture}, {shown.Weights:N0} values as {shown.Precision}"));
        Line("classes", string.Join(", ", model.Classes));
        Line("threshold", $"{model.PositiveClass} from {Number(model.Threshold)}");
        Line("input", $"{model.InputSize} pixels");
        Line("sha256", model.Sha256);
        Line("trained", model.DataSet is null
            ? "not here"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"on {model.DataSet}, split by {model.GroupedBy}, {model.Epochs} epochs, best {model.BestEpoch}, seed {model.Seed}, "
                    + $"{model.TrainedAt:yyyy-MM-dd}, {model.Machine}"));
        foreach (var part in model.Parts)
        {
            Line("data", string.Create(
                CultureInfo.InvariantCulture, $"{part.Part}, {part.Class}: {part.Images} images of {part.Patients} patients"));
        }

        Line("figures", model.Figures.Count == 0 ? "none: not measured" : "");
        foreach (var figure in model.Figures)
        {
            Line("", Words(figure));
        }

        Lines("checks", model.Card.Checks ?? []);
        Lines("severity", model.SeverityFigures);
        Line("for", model.Card.IntendedUse);
        Lines("limits", model.Card.Limitations);
        Lines("sources", model.Card.DataSources);
        Line("licence", model.Card.Licence);
        Lines("versions", [.. model.Versions.Select(v => $"{v.Key} {v.Value}")]);
        return 0;
    }

    static int PrintItems(string path)
    {
        foreach (var guideline in GetReportingItems.OfFile(path))
        {
            Console.WriteLine($"{guideline.Name} ({guideline.Source})");
            foreach (var item in guideline.Items)
            {
                Line(item.Number, $"{item.Title}: {Words(item.Answer.State)}. {item.Answer.Text}");
            }
        }

        return 0;
    }

    static string Words(ItemState state) => state switch
    {
        ItemState.Recorded => "recorded",
        ItemState.InPart => "in part",
        ItemState.NotRecorded => "not recorded",
        _ => "not done here",
    };

    static int Print(ImportModelResult.Imported imported)
    {
        Console.WriteLine($"{imported.ModelPath}: {imported.Architecture}, imported and not measured.");
        Console.WriteLine(imported switch
        {
            { KeepsHead: true } => "The head is the file's.",
            { HeadClasses: { } classes } => string.Create(
                CultureInfo.InvariantCulture,
                $"The file's head has {classes} classes: the model has a new, random one and must be trained before it is of use."),
            _ => "The file has no head: the model has a new, random one and must be trained before it is of use.",
        });
        return 0;
    }

    static int Print(ExportModelResult.Exported exported)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{exported.OnnxPath}: {exported.Bytes / 1e6:F1} MB, differs from TorchSharp by {exported.Distance:G2} of the largest logit."));
        return 0;
    }

    static int Refuse(string message)
    {
        Console.Error.WriteLine(message);
        return 1;
    }

    static string Words(MeasuredFigure figure) =>
        $"{figure.Part}: {figure.Name} {Number(figure.Value)}"
            + $"{(figure.Lower is null ? "" : $" ({Number(figure.Lower.Value)} to {Number(figure.Upper ?? double.NaN)})")}, n = "
            + $"{figure.Count}, {figure.Method}";

    static void Lines(string label, IReadOnlyList<string> texts)
    {
        foreach (var (i, text) in texts.Index())
        {
            Line(i == 0 ? label : "", text);
        }
    }

    static void Line(string label, string text) => Console.WriteLine($"  {label,-10}{text}".TrimEnd());

    static string Number(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
}
