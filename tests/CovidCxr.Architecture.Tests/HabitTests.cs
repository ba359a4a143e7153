using System.Text.RegularExpressions;

namespace CovidCxr.Architecture.Tests;

/// <summary>What every file and room of the house has in common.</summary>
public partial class HabitTests
{
    static readonly string[] TopLevel =
        ["src", "tests", "wwwroot-assets", "appsettings.templates", "CovidCxr.Web.sln", "Dockerfile", "README.md"];

    // Made by builds and runs, and ignored by git.
    static readonly string[] Made = ["artifacts", "data", "TestResults"];

    [Fact]
    public void TopLevel_HoldsTheHouseAlone()
    {
        var entries = Directory.EnumerateFileSystemEntries(SourceTree.Root).Select(e => Path.GetFileName(e)!).Where(e => e[0] != '.');

        Assert.Equal(TopLevel.Order(StringComparer.Ordinal), entries.Except(Made).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Namespaces_AreTheirFolders()
    {
        var strays = from file in SourceTree.Files("src", ".cs").Concat(SourceTree.Files("tests", ".cs"))
                     let declared = NamespaceDeclaration().Match(File.ReadAllText(file))
                     where declared.Success
                     let expected = string.Join('.', SourceTree.Relative(file).Split('/')[1..^1])
                     where declared.Groups[1].Value != expected
                     select $"{SourceTree.Relative(file)}: {declared.Groups[1].Value}, not {expected}";

        Assert.Empty(strays);
    }

    [Fact]
    public void Options_EachHaveAValidatorAndATemplateKey()
    {
        var templates = string.Concat(SourceTree.Files("appsettings.templates", ".json").Select(File.ReadAllText));
        var source = string.Concat(SourceTree.Files("src", ".cs").Select(File.ReadAllText));
        var lacking = from Match options in OptionsWithSection().Matches(source)
                      let name = options.Groups[1].Value
                      let section = options.Groups[2].Value
                      from lack in new[]
                      {
                          source.Contains($"class {name}Validator", StringComparison.Ordinal) ? null : $"{name} has no {name}Validator",
                          templates.Contains($"\"{section}\"", StringComparison.Ordinal) ? null : $"no template has the section \"{section}\" of {name}",
                      }
                      where lack is not null
                      select lack;

        Assert.Empty(lacking);
    }

    [Fact]
    public void Rooms_EachHaveAReadme()
    {
        var lacking = SourceTree.Projects("src").Select(p => Path.GetDirectoryName(p)!).Where(d => !File.Exists(Path.Combine(d, "README.md")));

        Assert.Empty(lacking.Select(SourceTree.Relative));
    }

    [Fact]
    public void Packages_AreVersionedInOnePlace()
    {
        var strays = SourceTree.Projects("src").Concat(SourceTree.Projects("tests"))
            .Where(p => VersionAttribute().IsMatch(File.ReadAllText(p)))
            .Select(SourceTree.Relative);

        Assert.Empty(strays);
    }

    [GeneratedRegex(@"^namespace\s+([\w.]+)\s*[;{]?", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(@"class (\w+Options)\b[^{]*\{[^{}]*?const string Section\w* = ""([\w:]+)""", RegexOptions.Singleline)]
    private static partial Regex OptionsWithSection();

    [GeneratedRegex(@"<PackageReference[^>]*\sVersion=")]
    private static partial Regex VersionAttribute();
}
