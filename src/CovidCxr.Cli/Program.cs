using System.CommandLine;

return await new RootCommand("CovidCxr: reads chest X-rays, trains and manages models.").Parse(args).InvokeAsync();
