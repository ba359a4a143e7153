using System.Globalization;
using CovidCxr.Domain.Audit;
using CovidCxr.Storage.Files;
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
            case [_, "verify", "--archive", var file]:
                return await VerifyArchiveAsync(services, file, output);
            case [_, "export", .. var rest]:
                return await ExportAsync(services, rest, output);
            case [_, "accept", { Length: > 0 } reason]:
                await trail.AcceptAsync(reason, CancellationToken.None);
                return await VerifyAsync(trail, output);
            default:
                await output.WriteLineAsync(
                    "It is `audit verify [--against FILE | --archive FILE]`, `audit export [--from DAY] [--to DAY] [--format csv|jsonl] "
                    + "[--actor NAME] [--action ACTION] [--study ID] --out FILE`, or `audit accept \"REASON\"` with the reason in quotes.");
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

    static async Task<int> VerifyArchiveAsync(IServiceProvider services, string path, TextWriter output)
    {
        if (!File.Exists(path))
        {
            await output.WriteLineAsync("The archive is not there.");
            return 2;
        }

        var finding = await services.GetRequiredService<ArchiveAudit>().VerifyAsync(path, CancellationToken.None);
        await output.WriteLineAsync(finding ?? "The archive is whole, and the trail goes on from its end.");
        return finding is null ? 0 : 1;
    }

    static async Task<int> ExportAsync(IServiceProvider services, string[] options, TextWriter output)
    {
        var (query, format, path) = (new AuditQuery(), AuditFormat.Csv, "");
        for (var i = 0; i < options.Length; i += 2)
        {
            if (Read(options[i], i + 1 < options.Length ? options[i + 1] : "", query, format, path) is not { } read)
            {
                await output.WriteLineAsync(
                    $"{options[i]} is no option of the export, or its value is wrong. Days are like 2026-11-29, in UTC.");
                return 2;
            }

            (query, format, path) = read;
        }

        if (path.Length == 0 || File.Exists(path))
        {
            await output.WriteLineAsync("--out names a new file to write.");
            return 2;
        }

        await using var file = new FileStream(path, PrivateFiles.Writing(FileMode.CreateNew));
        var count = await services.GetRequiredService<ExportAudit>().RunAsync(query, format, file, actor: null, CancellationToken.None);
        await output.WriteLineAsync($"{count} entries are in {path}.");
        return 0;
    }

    static (AuditQuery Query, AuditFormat Format, string Path)? Read(
        string option, string value, AuditQuery query, AuditFormat format, string path) => option switch
        {
            "--from" when Day(value) is { } day => (query with { From = day }, format, path),
            // To the end of that day.
            "--to" when Day(value) is { } day => (query with { To = day.AddDays(1) }, format, path),
            "--format" when value is "csv" or "jsonl" => (query, value == "csv" ? AuditFormat.Csv : AuditFormat.Jsonl, path),
            "--actor" when value.Length > 0 => (query with { UserName = value }, format, path),
            "--action" when Enum.TryParse<AuditAction>(value, out var action) && Enum.IsDefined(action) =>
                (query with { Action = action }, format, path),
            "--study" when Guid.TryParse(value, out var study) => (query with { StudyId = study }, format, path),
            "--out" when value.Length > 0 => (query, format, value),
            _ => null,
        };

    static DateTimeOffset? Day(string text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? new DateTimeOffset(day.ToDateTime(default), TimeSpan.Zero)
            : null;

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
