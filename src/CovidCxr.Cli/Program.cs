using System.CommandLine;
using CovidCxr.Cli.Commands;

return await new RootCommand("CovidCxr: reads chest X-rays, trains and manages models.")
{
    TrainCommand.Create(TimeProvider.System),
}.Parse(args).InvokeAsync();
