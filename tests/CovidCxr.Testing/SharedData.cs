namespace CovidCxr.Testing;

/// <summary>The development X-rays beside the repository; not in it, for their licences.</summary>
public static class SharedData
{
    /// <summary>Null where they are not on this machine.</summary>
    /// <param name="collection">The folder that must be there.</param>
    public static string? Root(string collection)
    {
        var root = Environment.GetEnvironmentVariable("COVIDCXR_DATA") ?? Beside(AppContext.BaseDirectory);
        return root is not null && Directory.Exists(Path.Combine(root, collection)) ? root : null;
    }

    /// <summary>Files that importers failed on, with notes, beside the repository; null where they are not on this machine.</summary>
    public static string? Cases() =>
        Beside(AppContext.BaseDirectory) is { } data && Path.Combine(data, "..", "cases") is var cases && Directory.Exists(cases)
            ? Path.GetFullPath(cases)
            : null;

    /// <summary>The repository that the tests were built in; null where they run elsewhere.</summary>
    public static string? Repository() => Above(AppContext.BaseDirectory)?.FullName;

    static string? Beside(string start) =>
        Above(start)?.Parent is { } parent ? Path.Combine(parent.FullName, "shared", "data") : null;

    static DirectoryInfo? Above(string start)
    {
        var folder = new DirectoryInfo(start);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CovidCxr.Web.sln")))
        {
            folder = folder.Parent;
        }

        return folder;
    }
}
