using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Audit;

/// <summary>
/// `audit verify`, `audit verify --against FILE` and `audit accept REASON`: the program with the same configuration, which does this
/// and ends.
/// </summary>
public static class AuditCommands
{
    public static bool IsOne(string[] args) => args is ["audit", ..];

    /// <returns>0 where the trail is whole, 1 where it was altered, 2 where something else was asked for.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, string[] args, TextWriter output)
    {
        var trail = services.GetRequiredService<AuditTrail>();
        switch (args)
        {
            case [_, "verify"]:
                return await VerifyAsync(trail, output);
            case [_, "verify", "--against", var file]:
                return Math.Max(await VerifyAsync(trail, output), await CompareAsync(services, file, output));
            case [_, "accept", { Length: > 0 } reason]:
                await trail.AcceptAsync(reason, CancellationToken.None);
                return await VerifyAsync(trail, output);
            default:
                await output.WriteLineAsync(
                    "It is `audit verify [--against FILE]`, or `audit accept \"REASON\"` with the reason in quotes.");
                return 2;
        }
    }

    static async Task<int> VerifyAsync(AuditTrail trail, TextWriter output)
    {
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

    static async Task<int> CompareAsync(IServiceProvider services, string path, TextWriter output)
    {
        if (!File.Exists(path))
        {
            await output.WriteLineAsync("The collector's file is not there.");
            return 2;
        }

        using var file = File.OpenText(path);
        var report = await services.GetRequiredService<CompareWithCollector>().RunAsync(file, CancellationToken.None);
        foreach (var line in report.Remarks.Concat(report.Findings))
        {
            await output.WriteLineAsync(line);
        }

        await output.WriteLineAsync(report.Altered == 0
            ? $"The trail is the one that the collector has: {report.Compared} lines compared."
            : $"The trail is not the one that the collector has, in {report.Altered} places.");
        return report.Altered == 0 ? 0 : 1;
    }
}
