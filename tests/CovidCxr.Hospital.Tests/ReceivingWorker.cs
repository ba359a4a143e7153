using CovidCxr.Hospital.Inbox;
using CovidCxr.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Hospital.Tests;

/// <summary>A process that receives until it is killed. Its folder's name says the port.</summary>
static class ReceivingWorker
{
    public const string Role = "--receiver";

    public static async Task<int> RunAsync(string folder)
    {
        var port = int.Parse(File.ReadAllText(Path.Combine(folder, "port")), System.Globalization.CultureInfo.InvariantCulture);
        await using var services = TestClinic.Build(
            folder, TimeProvider.System, more: s => TestHospital.AddTo(s, TestHospital.Settings(port)));
        foreach (var hosted in services.GetServices<IHostedService>().Where(h => h is InboxWorker or DicomReceiver))
        {
            await hosted.StartAsync(CancellationToken.None);
        }

        await TestHospital.WaitAsync(() => Task.FromResult(services.GetRequiredService<ReceiverState>().IsListening));
        await Console.Out.WriteLineAsync("listens");
        // Until the end of the test, should it forget to kill.
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
