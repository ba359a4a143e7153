using System.Text.Json;

namespace CovidCxr.Learning.Tests;

/// <summary>The files of this project's Golden folder, read where they lie in the checkout.</summary>
static class GoldenFiles
{
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static string Root { get; } = FindRoot();

    public static string Path(string name) => System.IO.Path.Combine(Root, "tests", "CovidCxr.Learning.Tests", "Golden", name);

    public static T Json<T>(string name) => JsonSerializer.Deserialize<T>(File.ReadAllText(Path(name)), Web)!;

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "CovidCxr.Web.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("No CovidCxr.Web.sln above the test's folder.");
    }
}
