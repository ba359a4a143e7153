namespace CovidCxr.Learning.Tests;

/// <summary>The development X-rays beside the repository; not in it, for their licences.</summary>
static class SharedData
{
    public static string RootOrSkip()
    {
        var root = Environment.GetEnvironmentVariable("COVIDCXR_DATA") ?? Beside(AppContext.BaseDirectory);
        Assert.SkipUnless(root is not null && Directory.Exists(Path.Combine(root, "covid-chestxray")), "The development X-rays are not on this machine.");
        return root!;
    }

    static string? Beside(string start)
    {
        var folder = new DirectoryInfo(start);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CovidCxr.Web.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.Parent is { } parent ? Path.Combine(parent.FullName, "shared", "data") : null;
    }
}
