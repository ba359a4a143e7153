using CovidCxr.Application;
using CovidCxr.Application.Training;
using CovidCxr.Storage;
using CovidCxr.Web;

if (args is [TrainingProcess.Argument, var runFolder])
{
    return await TrainingProcess.RunAsync(runFolder, Console.In, TimeProvider.System);
}

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddCovidCxrStorage(builder.Configuration);
builder.Services.AddCovidCxrApplication(builder.Configuration);
builder.Services.AddCovidCxrJobWorker();
builder.Services.AddCovidCxrWeb(builder.Configuration);

var app = builder.Build();
await app.Services.PrepareCovidCxrAsync(isDemo: app.Environment.IsDevelopment(), app.Lifetime.ApplicationStopping);
app.MapCovidCxrWeb();
await app.RunAsync();
return 0;

/// <summary>Names the program to the tests that host it.</summary>
public partial class Program;
