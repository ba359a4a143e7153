using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace CovidCxr.Architecture.Tests;

/// <summary>The checkout as text: what the rules of the house are checked against.</summary>
static partial class SourceTree
{
    public static string Root { get; } = FindRoot();

    public static string Src => Path.Combine(Root, "src");

    public static IEnumerable<string> Projects(string under) =>
        Directory.EnumerateFiles(Path.Combine(Root, under), "*.csproj", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    public static IEnumerable<string> References(string project, string item) =>
        XDocument.Load(project).Descendants(item).Select(e => (string)e.Attribute("Include")!);

    /// <summary>The .cs and .razor files that people wrote below a folder of the root.</summary>
    public static IEnumerable<string> Files(string under, params string[] extensions) =>
        Directory.EnumerateFiles(Path.Combine(Root, under), "*", SearchOption.AllDirectories)
            .Where(f => extensions.Contains(Path.GetExtension(f)))
            .Where(f => !BuildOutput().IsMatch(f))
            .Order(StringComparer.Ordinal);

    public static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CovidCxr.Web.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("No CovidCxr.Web.sln above the test's folder.");
    }

    [GeneratedRegex(@"[/\\](bin|obj|wwwroot)[/\\]")]
    private static partial Regex BuildOutput();
}
