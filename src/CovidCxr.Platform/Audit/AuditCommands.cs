using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Audit;

/// <summary>
/// `audit verify` and `audit accept REASON`: the program with the same configuration, which does this and ends.
/// </summary>
public static class AuditCommands
{
    public static bool IsOne(string[] args) => args is ["audit", ..];

    /// <returns>0 where the trail is whole, 1 where it was altered, 2 where something else was asked for.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, string[] args, TextWriter output)
    {
        var trail = services.GetRequiredService<AuditTrail>();
        if (args is not ([_, "verify"] or [_, "accept", { Length: > 0 }]))
        {
            await output.WriteLineAsync("It is `audit verify`, or `audit accept \"REASON\"` with the reason in quotes.");
            return 2;
        }

        if (args is [_, "accept", var reason])
        {
            await trail.AcceptAsync(reason, CancellationToken.None);
        }

        var report = await trail.VerifyAsync(CancellationToken.None);
        foreach (var finding in report.Findings)
        {
            await output.WriteLineAsync(finding);
        }

        await output.WriteLineAsync(report.IsWhole
            ? $"The audit trail is whole: {report.Sealed} entries sealed, {report.Waiting} waiting for their seal."
            : $"The audit trail was altered in {report.Altered} places.");
        return report.IsWhole ? 0 : 1;
    }
}
