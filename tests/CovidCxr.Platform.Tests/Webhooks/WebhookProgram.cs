using CovidCxr.Platform.Webhooks;
using CovidCxr.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Tests.Webhooks;

/// <summary>A process that tells one address of events until it is killed.</summary>
static class WebhookProgram
{
    public const string Role = "--webhooks";

    public static (string Key, string Value)[] Settings(string folder, string address, string name = "RIS", int number = 0)
    {
        var secret = Path.Combine(folder, $"webhook{number}.secret");
        if (!File.Exists(secret))
        {
            File.WriteAllText(secret, Receiver.Secret + "\n");
        }

        var key = $"Webhooks:Addresses:{number}:";
        return [(key + "Name", name), (key + "Address", address), (key + "SecretFile", secret), (key + "Send", "true")];
    }

    public static WorkerProcess Start(string folder, string address)
    {
        File.WriteAllText(Path.Combine(folder, "address"), address);
        return WorkerProcess.Start(typeof(WebhookProgram).Assembly, Role, folder);
    }

    public static async Task<int> RunAsync(string folder)
    {
        var address = await File.ReadAllTextAsync(Path.Combine(folder, "address"));
        await using var services = TestClinic.Build(folder, TimeProvider.System, settings: Settings(folder, address));
        await services.GetRequiredService<WebhookWorker>().StartAsync(CancellationToken.None);
        await Console.Out.WriteLineAsync("tells");
        // Until the end of the test, should it forget to kill.
        await Console.In.ReadToEndAsync();
        return 0;
    }
}
