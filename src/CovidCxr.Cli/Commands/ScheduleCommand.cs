using System.CommandLine;
using System.Globalization;
using CovidCxr.Laboratory.Training;

namespace CovidCxr.Cli.Commands;

/// <summary>`schedule`: rate and momentum of every layer at every iteration, as CSV, or the peaks of every layer.</summary>
static class ScheduleCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config") { Description = "The run's configuration (JSON).", Required = true };
        var data = new Option<DirectoryInfo?>("--data")
        {
            Description = "The folder that holds the data sources, to count the steps of an epoch."
        };
        var steps = new Option<long?>("--steps") { Description = "Steps of an epoch, in place of --data." };
        var csv = new Option<bool>("--csv") { Description = "Every layer at every iteration, as CSV." };
        var command = new Command("schedule", "Tabulates the rate and momentum of every layer without training.")
        {
            config, data, steps, csv
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(data) is null && result.GetValue(steps) is not >= 1)
            {
                result.AddError("Give --data, or --steps of at least 1.");
            }
        });
        command.SetAction(async (arguments, cancellation) =>
        {
            var request = new TabulateScheduleRequest(
                arguments.GetRequiredValue(config).FullName, arguments.GetValue(data)?.FullName, arguments.GetValue(steps));
            switch (await TabulateSchedule.RunAsync(request, cancellation))
            {
                case TabulateScheduleResult.Tabulated table when arguments.GetValue(csv):
                    PrintAll(table, cancellation);
                    return 0;
                case TabulateScheduleResult.Tabulated table:
                    PrintPeaks(table);
                    return 0;
                case TabulateScheduleResult.Refused refused:
                    Console.Error.WriteLine(refused.Message);
                    return 1;
                default:
                    return 1;
            }
        });
        return command;
    }

    static void PrintAll(TabulateScheduleResult.Tabulated table, CancellationToken cancellation)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput());
        output.WriteLine("iteration,epoch,layer,name,stage,rate,momentum");
        foreach (var row in table.Rows.TakeWhile(_ => !cancellation.IsCancellationRequested))
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Iteration},{row.Epoch},{row.Layer},{row.Name},{row.Stage},{row.Rate:R},{row.Momentum:R}"));
        }
    }

    static void PrintPeaks(TabulateScheduleResult.Tabulated table)
    {
        Console.WriteLine($"{table.StepsPerEpoch} steps per epoch");
        foreach (var layer in table.Rows.GroupBy(r => (r.Layer, r.Name, r.Stage)))
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{layer.Key.Layer,4}  {layer.Key.Stage,-8}{layer.Key.Name,-40} rate {layer.Min(r => r.Rate):E2} to "
                    + $"{layer.Max(r => r.Rate):E2}  momentum {layer.Min(r => r.Momentum):F4} to {layer.Max(r => r.Momentum):F4}"));
        }
    }
}
