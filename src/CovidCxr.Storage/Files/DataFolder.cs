namespace CovidCxr.Storage.Files;

/// <summary>The folder of <see cref="StorageOptions"/>, absolute and present, and what stands where in it.</summary>
public sealed class DataFolder
{
    public DataFolder(string path)
    {
        Root = Path.GetFullPath(path);
        Directory.CreateDirectory(Root);
    }

    public string Root { get; }

    public string Database => Path.Combine(Root, "covidcxr.db");

    public string Blobs => Path.Combine(Root, "blobs");

    public string Models => Path.Combine(Root, "models");

    /// <summary>A folder for every retraining run.</summary>
    public string Runs => Path.Combine(Root, "runs");

    /// <summary>The versions of imported data sets and their images.</summary>
    public string DataSets => Path.Combine(Root, "data-sets");

    public string Keys => Path.Combine(Root, "keys");
}
