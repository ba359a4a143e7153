using CovidCxr.Clinic.Studies;
using CovidCxr.Imaging.Isolation;
using CovidCxr.Laboratory.Models;
using CovidCxr.Platform.Nodes;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web;

/// <summary>What the first requests need not wait for.</summary>
public static class WarmUp
{
    /// <summary>
    /// The processes that decode, and the active model into memory: seconds in which uploads are taken in and wait for it. Then the
    /// phantom studies of a demo.
    /// </summary>
    public static async Task WarmUpCovidCxrAsync(this IServiceProvider services, bool isDemo, CancellationToken cancellation)
    {
        try
        {
            services.GetRequiredService<DecoderPool>().Start();
        }
        catch (IOException)
        {
            // The system is short of processes; each film asks for one again, and is refused in words.
        }

        try
        {
            var starter = services.GetRequiredService<IOptions<ModelOptions>>().Value.StarterFile;
            if (!services.GetRequiredService<ThisNode>().Is(NodeRoles.Worker))
            {
                return;
            }

            // Of several programs one registers what the others find.
            await services.GetRequiredService<OneAtWork>().RunAsync(
                "model at start",
                async turn =>
                {
                    await services
                        .GetRequiredService<StartModel>()
                        .RunAsync(starter is { Length: > 0 } ? starter : StarterModel.Path, turn);
                    if (isDemo)
                    {
                        await services.GetRequiredService<SeedPhantomStudies>().RunAsync(turn);
                    }
                },
                wait: null, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Stopped again at once; the next start makes up for it.
        }
    }
}
