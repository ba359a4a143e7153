using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Testing;

/// <summary>One film in a scope of its own.</summary>
public static class OneAnswer
{
    /// <inheritdoc cref="InferenceService.RunAsync"/>
    public static async Task<ScanInference> RunAsync(this ModelHost host, GreyImage film, CancellationToken cancellation)
    {
        using var serving = new InferenceService(host);
        return await serving.RunAsync(film, InferencePriority.Reader, cancellation);
    }
}
