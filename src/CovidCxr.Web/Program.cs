using CovidCxr.Clinic;
using CovidCxr.Engine;
using CovidCxr.Hospital;
using CovidCxr.Imaging.Isolation;
using CovidCxr.Laboratory;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Platform;
using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Backups;
using CovidCxr.Platform.Nodes;
using CovidCxr.Storage;
using CovidCxr.Web;

if (args is [TrainingProcess.Argument, var runFolder])
{
    return await TrainingProcess.RunAsync(runFolder, Console.In, TimeProvider.System);
}

if (args is [DecoderWorker.Argument, var seconds, var megabytes])
{
    return DecoderWorker.Run(seconds, megabytes, Console.OpenStandardInput(), Console.OpenStandardOutput());
}

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddCovidCxrStorage(builder.Configuration);
builder.Services.AddCovidCxrPlatform(builder.Configuration);
builder.Services.AddCovidCxrEngine(builder.Configuration);
builder.Services.AddCovidCxrDecoders();
builder.Services.AddCovidCxrClinic();
builder.Services.AddCovidCxrLaboratory(builder.Configuration);
builder.Services.AddCovidCxrHospital(builder.Configuration);
builder.Services.AddCovidCxrNode();
builder.Services.AddCovidCxrJobWorker();
var roles = NodeOptions.RolesOf(builder.Configuration);
if (roles.HasFlag(NodeRoles.Worker))
{
    builder.Services.AddCovidCxrWatches();
    builder.Services.AddCovidCxrModelWatch();
    builder.Services.AddCovidCxrBackups();
    builder.Services.AddCovidCxrAuditWatch();
    builder.Services.AddCovidCxrReceiver();
    builder.Services.AddCovidCxrWebhooks();
}

builder.Services.AddCovidCxrWeb(builder.Configuration);

await using var app = builder.Build();
if (BackupCommands.IsOne(args))
{
    return await BackupCommands.RunAsync(app.Services, args, Console.Out);
}

if (MoveCommand.IsOne(args))
{
    return await MoveCommand.RunAsync(app.Services, Console.Out);
}

if (AccountCommands.IsOne(args))
{
    return await AccountCommands.RunAsync(app.Services, args, Console.Out);
}

if (AuditCommands.IsOne(args))
{
    return await AuditCommands.RunAsync(app.Services, args, Console.Out);
}

var isDemo = app.Environment.IsDevelopment();
await app.Services.PrepareCovidCxrAsync(isDemo, app.Lifetime.ApplicationStopping);
app.MapCovidCxrWeb(roles);
await app.StartAsync();
await app.Services.WarmUpCovidCxrAsync(isDemo, app.Lifetime.ApplicationStopping);
await app.WaitForShutdownAsync();
return 0;

/// <summary>Names the program to the tests that host it.</summary>
public partial class Program;
