namespace CovidCxr.Storage.Files;

/// <summary>The folder of <see cref="StorageOptions"/>, absolute and present, and what stands where in it.</summary>
public sealed class DataFolder
{
    /// <summary>Whatever the modes of the files in it, nobody but the program's account comes through this folder.</summary>
    public DataFolder(string path)
    {
        Root = PrivateFiles.CreateFolder(Path.GetFullPath(path)).FullName;
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        try
        {
            File.SetUnixFileMode(Root, PrivateFiles.OwnFolder);
        }
        catch (UnauthorizedAccessException)
        {
            // A volume that belongs to another account, which sets its mode.
        }
    }

    public string Root { get; }

    public string Database => Path.Combine(Root, "covidcxr.db");

    /// <summary>Copies of the database from before each upgrade.</summary>
    public string Backups => Path.Combine(Root, "backups");

    public string Blobs => Path.Combine(Root, "blobs");

    public string Models => Path.Combine(Root, "models");

    /// <summary>A folder for every retraining run.</summary>
    public string Runs => Path.Combine(Root, "runs");

    /// <summary>The versions of imported data sets and their images.</summary>
    public string DataSets => Path.Combine(Root, "data-sets");

    /// <summary>What the hospital's network sent and was not filed, or not yet.</summary>
    public string Received => Path.Combine(Root, "received");

    /// <summary>Where a transfer under way is written; nothing in it was acknowledged.</summary>
    public string Incoming => Path.Combine(Root, "incoming");

    /// <summary>Objects while they are sent; each is made again at the next attempt.</summary>
    public string Outgoing => Path.Combine(Root, "outgoing");

    /// <summary>Audit entries of a time when the database could not be written.</summary>
    public string AuditSpill => Path.Combine(Root, "audit.spill");

    public string Keys => Path.Combine(Root, "keys");
}
