using System.CommandLine;
using System.CommandLine.Invocation;
using CovidCxr.Cli.Commands;

// Ctrl-C waits for the step in hand and the checkpoint, which the default of two seconds would cut off.
var invocation = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(60) };
var call = new RootCommand("CovidCxr: reads chest X-rays, trains and manages models.")
{
    PredictCommand.Create(TimeProvider.System),
    ModelCommand.Create(),
    TrainCommand.Create(TimeProvider.System),
    TrainLungsCommand.Create(),
    TrainGuardCommand.Create(),
    FitSeverityCommand.Create(),
    FindRateCommand.Create(),
    ScheduleCommand.Create(),
    EvaluateCommand.Create(TimeProvider.System),
    GateCommand.Create(TimeProvider.System),
    CrossValidateCommand.Create(TimeProvider.System),
}.Parse(args);
if (call.Action is ParseErrorAction mistake && args.Contains("--json"))
{
    // Help would go to standard output, which holds JSON or nothing.
    (mistake.ShowHelp, mistake.ShowTypoCorrections) = (false, false);
}

return await call.InvokeAsync(invocation);
