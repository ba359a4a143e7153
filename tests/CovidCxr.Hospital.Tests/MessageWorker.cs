using System.Globalization;
using System.Reflection;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Hospital.Tests;

/// <summary>A process that receives messages until it is killed. A file of its folder says the port.</summary>
static class MessageWorker
{
    public const string Role = "--messages";

    public static async Task<WorkerProcess> StartAsync(string folder)
    {
        var worker = WorkerProcess.Start(Assembly.GetExecutingAssembly(), Role, folder);
        await worker.SaysAsync("listens", CancellationToken.None);
        return worker;
    }

    public static async Task<int> RunAsync(string folder)
    {
        var port = int.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "port")), CultureInfo.InvariantCulture);
        await using var services = TestClinic.Build(folder, TimeProvider.System, more: s => TestHospital.AddTo(s, Adt.Settings(port)));
        await services.GetRequiredService<Hl7Receiver>().StartAsync(CancellationToken.None);
        await TestHospital.WaitAsync(() => Task.FromResult(services.GetRequiredService<MessageReceiverState>().IsListening));
        await Console.Out.WriteLineAsync("listens");
        // Until the end of the test, should it forget to kill.
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
