using System.Globalization;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Hospital.Tests;

/// <summary>A process that sends results until it is killed. A file of its folder says the archive's port.</summary>
static class SendingWorker
{
    public const string Role = "--sender";

    public static async Task<int> RunAsync(string folder)
    {
        var port = int.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "port")), CultureInfo.InvariantCulture);
        await using var services = TestClinic.Build(
            folder, TimeProvider.System, more: s => TestHospital.AddTo(s, StoragePeer.Destination(port)));
        await services.GetServices<IHostedService>().OfType<DeliveryWorker>().Single().StartAsync(CancellationToken.None);
        await Console.Out.WriteLineAsync("sends");
        // Until the end of the test, should it forget to kill.
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
