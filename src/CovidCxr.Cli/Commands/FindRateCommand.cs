using System.CommandLine;
using System.Globalization;
using CovidCxr.Laboratory.Training;
using CovidCxr.Learning.Optimization;

namespace CovidCxr.Cli.Commands;

/// <summary>`lr-find`: the range test's curve and the rates it suggests.</summary>
static class FindRateCommand
{
    const int PrintedPoints = 40;

    public static Command Create()
    {
        var config = new Option<FileInfo>("--config") { Description = "The run's configuration (JSON).", Required = true };
        var data = new Option<DirectoryInfo>("--data") { Description = "The folder that holds the data sources.", Required = true };
        var iterations = new Option<int?>("--iterations")
        {
            Description = "Steps from the lowest to the highest rate; rangeTestSteps of the configuration where left out. "
                + $"For a suggestion at least {RangeTestCurve.FewestSteps}."
        };
        var csv = new Option<FileInfo?>("--csv") { Description = "Gets every point of the curve." };
        iterations.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() < 2)
            {
                result.AddError("--iterations must be at least 2.");
            }
        });
        var command = new Command("lr-find", "Measures the loss against a growing learning rate and suggests schedule.minRate and maxRate.")
        {
            config, data, iterations, csv
        };
        command.SetAction(async (arguments, cancellation) =>
        {
            var request = new FindLearningRateRequest(
                arguments.GetRequiredValue(config).FullName, arguments.GetRequiredValue(data).FullName, arguments.GetValue(iterations));
            return Conclude(
                await FindLearningRate.RunAsync(request, Console.Error.WriteLine, point: null, cancellation), arguments.GetValue(csv));
        });
        return command;
    }

    static int Conclude(FindLearningRateResult result, FileInfo? csv)
    {
        if (result is not FindLearningRateResult.Measured measured)
        {
            Console.Error.WriteLine((result as FindLearningRateResult.Refused)?.Message);
            return 1;
        }

        var lines = measured.Curve.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Rate:R},{p.Loss:R},{p.SmoothedLoss:R}"))
            .Prepend("rate,loss,smoothed_loss");
        if (csv is not null)
        {
            File.WriteAllLines(csv.FullName, lines);
        }

        Console.WriteLine("      rate      loss  smoothed");
        foreach (var point in measured.Curve.Where((_, i) => i % ((measured.Curve.Count / PrintedPoints) + 1) == 0))
        {
            Console.WriteLine(
                string.Create(CultureInfo.InvariantCulture, $"{point.Rate,10:E2}{point.Loss,10:F4}{point.SmoothedLoss,10:F4}"));
        }

        Console.WriteLine(measured.Suggestion is { } range
            ? string.Create(CultureInfo.InvariantCulture, $"Suggested: minRate {range.MinRate:E1}, maxRate {range.MaxRate:E1}")
            : measured.Reason);
        return 0;
    }
}
