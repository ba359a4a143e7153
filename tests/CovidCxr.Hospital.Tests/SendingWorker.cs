using System.Reflection;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Hospital.Tests;

/// <summary>A process that sends results until it is killed. A file of its folder says whereto.</summary>
static class SendingWorker
{
    public const string Role = "--sender";

    const string Settings = "destination";

    /// <summary>Starts it, once the settings are written.</summary>
    public static async Task<WorkerProcess> StartAsync(
        string folder, (string Key, string Value)[] settings, params (string Name, string Value)[] environment)
    {
        await File.WriteAllLinesAsync(Path.Combine(folder, Settings), settings.Select(s => $"{s.Key}={s.Value}"));
        var worker = WorkerProcess.Start(Assembly.GetExecutingAssembly(), Role, folder, environment);
        await worker.SaysAsync("sends", CancellationToken.None);
        return worker;
    }

    public static async Task<int> RunAsync(string folder)
    {
        var settings = (await File.ReadAllLinesAsync(Path.Combine(folder, Settings))).Select(l => l.Split('=', 2))
            .Select(p => (p[0], p[1])).ToArray();
        await using var services = TestClinic.Build(folder, TimeProvider.System, more: s => TestHospital.AddTo(s, settings));
        await services.GetServices<IHostedService>().OfType<DeliveryWorker>().Single().StartAsync(CancellationToken.None);
        await Console.Out.WriteLineAsync("sends");
        // Until the end of the test, should it forget to kill.
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
