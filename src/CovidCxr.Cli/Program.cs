using System.CommandLine;
using CovidCxr.Cli.Commands;

// Ctrl-C waits for the step in hand and the checkpoint, which the default of two seconds would cut off.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(60) };
return await new RootCommand("CovidCxr: reads chest X-rays, trains and manages models.")
{
    TrainCommand.Create(TimeProvider.System),
    FindRateCommand.Create(),
    ScheduleCommand.Create(),
    EvaluateCommand.Create(TimeProvider.System),
    CrossValidateCommand.Create(TimeProvider.System),
}.Parse(args).InvokeAsync(invocation);
