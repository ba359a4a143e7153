using System.Text.Json.Serialization;

namespace CovidCxr.Storage.Backups;

/// <summary>A file of a backup.</summary>
/// <param name="Path">In the backup and in the data folder, with slashes.</param>
/// <param name="Sha256">In lower case hexadecimal.</param>
public sealed record BackupFile(string Path, long Bytes, string Sha256);

/// <summary>What a backup holds; it is written last, so a folder without it is no backup.</summary>
/// <param name="Schema">The last migration of the database.</param>
/// <param name="Studies">In the database.</param>
/// <param name="Readings">Likewise.</param>
/// <param name="AuditEntries">Likewise.</param>
/// <param name="LostImages">Of studies whose file was gone before.</param>
public sealed record BackupManifest(
    DateTimeOffset MadeAt, string Schema, int Studies, int Readings, int AuditEntries, int LostImages, IReadOnlyList<BackupFile> Files)
{
    public const string FileName = "manifest.json";

    public long Bytes => Files.Sum(f => f.Bytes);

    /// <summary>Of the audit trail's own folder.</summary>
    [JsonIgnore]
    public int AuditFiles => Files.Count(BackupScope.IsOfAudit);
}

/// <summary>A backup cannot be made, is not whole, or cannot be restored; the message says why and what to do.</summary>
public sealed class BackupException(string message, Exception? cause = null) : Exception(message, cause);
