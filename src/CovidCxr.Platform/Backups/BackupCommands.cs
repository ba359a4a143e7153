using System.Data.Common;
using CovidCxr.Platform.Audit;
using CovidCxr.Storage.Backups;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Platform.Backups;

/// <summary>
/// `backup FOLDER`, `verify-backup BACKUP` and `restore BACKUP`: the program with the same configuration, which does this and ends.
/// </summary>
public static class BackupCommands
{
    const string Plain = "--plain", KeepAudit = "--keep-audit";

    public static bool IsOne(string[] args) => args is ["backup" or "verify-backup" or "restore", _, ..];

    /// <returns>0 where it was done, 1 where it could not be, 2 where something else was asked for.</returns>
    public static async Task<int> RunAsync(IServiceProvider services, string[] args, TextWriter output)
    {
        if (OptionsOf(args) is not { } options)
        {
            await output.WriteLineAsync(
                "It is `backup FOLDER`, `verify-backup BACKUP [--plain]` or `restore BACKUP [--plain] [--keep-audit]`, with these options "
                    + "last.");
            return 2;
        }

        var place = Path.GetFullPath(args[1]);
        var choice = new RestoreChoice(TakesPlain: options.Contains(Plain), KeepsAudit: options.Contains(KeepAudit));
        try
        {
            var backup = services.GetRequiredService<Backup>();
            var (done, manifest) = args[0] switch
            {
                "backup" => await backup.MakeAsync(place, CancellationToken.None) is var (made, written)
                    ? ($"Backup made in {made}", written)
                    : default,
                "verify-backup" => ("The backup is whole", await backup.VerifyAsync(place, choice, CancellationToken.None)),
                _ => ("Restored", await backup.RestoreAsync(place, choice, CancellationToken.None)),
            };
            await output.WriteLineAsync(
                $"{done}: {manifest.Studies} studies, {manifest.Readings} readings, {manifest.AuditEntries} audit entries, "
                    + $"{manifest.Files.Count} files, {manifest.Bytes / 1e6:F1} MB, as of {manifest.MadeAt:u}.");
            if (manifest.AuditFiles > 0)
            {
                await output.WriteLineAsync(
                    $"{manifest.AuditFiles} of the files are of the audit trail's folder (Audit:Folder); audit.key there is in no backup.");
            }

            if (args[0] == "verify-backup" && !BackupCipher.IsEncrypted(Path.Combine(place, BackupManifest.FileName)))
            {
                await output.WriteLineAsync("The backup is not encrypted.");
            }

            if (manifest.LostImages > 0)
            {
                await output.WriteLineAsync($"Of {manifest.LostImages} studies the image was gone before the backup was made.");
            }

            if (args[0] == "restore")
            {
                return await AcceptTrailAsync(services, manifest, output);
            }

            return 0;
        }
        catch (BackupException e)
        {
            await output.WriteLineAsync(e.Message);
            return 1;
        }
    }

    // The configuration reads the arguments as well, and would take what follows an option without a value for its value.
    static string[]? OptionsOf(string[] args)
    {
        string[] known = args[0] switch
        {
            "restore" => [Plain, KeepAudit],
            "verify-backup" => [Plain],
            _ => [],
        };
        string[] options = [.. args.Skip(2).SkipWhile(a => a is not (Plain or KeepAudit))];
        return args[1].StartsWith('-') || options.Except(known).Any() ? null : options;
    }

    // What came back ends earlier than the trail did when the backup was made, or than its head elsewhere says. Anything else that does
    // not fit is for a person.
    static async Task<int> AcceptTrailAsync(IServiceProvider services, BackupManifest manifest, TextWriter output)
    {
        var trail = services.GetRequiredService<AuditTrail>();
        try
        {
            if (await trail.VerifyAsync(CancellationToken.None) is { DoEntriesFit: false } altered)
            {
                await output.WriteLineAsync($"The audit trail in it was altered in {altered.Altered} places: see `audit verify`.");
                return 1;
            }

            await trail.AcceptAsync($"Restored from the backup of {manifest.MadeAt:u}.", CancellationToken.None);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            await output.WriteLineAsync($"The data is restored, and the audit trail cannot be looked at: {e.Message}");
            return 1;
        }
        catch (DbException)
        {
            await output.WriteLineAsync("The database is of an earlier version: start the program once, then run `audit accept REASON`.");
        }

        return 0;
    }
}
