using System.Text.RegularExpressions;

namespace CovidCxr.Architecture.Tests;

/// <summary>What every file and room of the house has in common.</summary>
public partial class HabitTests
{
    static readonly string[] TopLevel =
        ["src", "tests", "wwwroot-assets", "appsettings.templates", "CovidCxr.Web.sln", "Dockerfile", "README.md"];

    // Made by builds and runs, and ignored by git.
    static readonly string[] Made = ["artifacts", "data", "TestResults"];

    const int MaxCSharpLine = 140, MaxMarkupLine = 120, MaxFileLines = 400, MaxSiblings = 30;

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

    /// <summary>A room's folder is tested in a folder of the same name; so is one of wwwroot-assets.</summary>
    [Fact]
    public void TestFolders_RhymeWithTheirRooms() => AssertNone(
        from file in SourceTree.Files("tests", ".cs")
        where file.EndsWith("Tests.cs", StringComparison.Ordinal)
        let path = SourceTree.Relative(file).Split('/')
        let room = Path.Combine(SourceTree.Src, path[1][..^".Tests".Length])
        where path.Length > 3 && Directory.Exists(room)
        let folder = Path.Combine([room, .. path[2..^1]])
        let assets = Path.Combine(SourceTree.Root, "wwwroot-assets", path[^2].ToLowerInvariant())
        where !Directory.Exists(folder) && !Directory.Exists(assets)
        select $"{SourceTree.Relative(file)}: there is no {SourceTree.Relative(folder)}");

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
                          templates.Contains($"\"{section}\"", StringComparison.Ordinal)
                              ? null
                              : $"no template has the section \"{section}\" of {name}",
                      }
                      where lack is not null
                      select lack;

        Assert.Empty(lacking);
    }

    [Fact]
    public void Rooms_EachHaveAReadme()
    {
        var lacking = SourceTree.Projects("src")
            .Select(p => Path.GetDirectoryName(p)!)
            .Where(d => !File.Exists(Path.Combine(d, "README.md")));

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

    [Fact]
    public void Lines_OfCSharp_FitTheScreen() => AssertNone(LongLines(MaxCSharpLine, ".cs"));

    [Fact]
    public void Lines_OfRazorStyleAndScript_FitTheScreen() => AssertNone(LongLines(MaxMarkupLine, ".razor", ".css", ".js"));

    /// <summary>An alarm: a file of this length has more than one reason to change.</summary>
    [Fact]
    public void Files_StayShort() => AssertNone(
        from file in Written(".cs", ".razor", ".js")
        let lines = File.ReadLines(file).Count()
        where lines > MaxFileLines
        orderby lines descending
        select $"{SourceTree.Relative(file)}: {lines} lines, not {MaxFileLines}");

    /// <summary>An alarm: in a folder of this size things are searched, not seen.</summary>
    [Fact]
    public void Folders_StaySmall() => AssertNone(
        from file in Written(".cs", ".razor")
        group file by Path.GetDirectoryName(file)! into folder
        where folder.Count() > MaxSiblings
        orderby folder.Count() descending
        select $"{SourceTree.Relative(folder.Key)}: {folder.Count()} files, not {MaxSiblings}");

    /// <summary>The compiler checks C# by .editorconfig but passes over the code in a .razor file.</summary>
    [Fact]
    public void PrivateFields_InRazor_AreWrittenAsInCSharp() => AssertNone(
        from file in Written(".razor")
        let names = BareField().Matches(File.ReadAllText(file)).Select(m => m.Groups[1].Value).ToList()
        where names.Count > 0
        select $"{SourceTree.Relative(file)}: {string.Join(", ", names)}");

    /// <summary>
    /// What the clinic reads for has one source, and what a model looks for is the model's own word. A name written out beside a figure
    /// would be wrong for the next model.
    /// </summary>
    [Fact]
    public void TheDisease_IsNamedInOnePlace()
    {
        // The word of the readings, and words that make a poor password.
        string[] allowed =
            ["src/CovidCxr.Domain/Readings/ReadDisease.cs", "src/CovidCxr.Platform/Accounts/CommonPasswordValidator.cs"];

        AssertNone(
            from file in Written(".cs", ".razor", ".js")
            let path = SourceTree.Relative(file)
            where !path.StartsWith("tests/", StringComparison.Ordinal) && !allowed.Contains(path)
            let lines = File.ReadLines(file).Select((line, i) => (Number: i + 1, Text: Comment().Replace(line, "")))
                .Where(l => DiseaseName().IsMatch(l.Text)).Select(l => l.Number).ToList()
            where lines.Count > 0
            select $"{path}: line {string.Join(", ", lines)}");
    }

    static IEnumerable<string> LongLines(int most, params string[] extensions) =>
        from file in Written(extensions)
        let tooLong = File.ReadLines(file).Select((line, i) => (Number: i + 1, line.Length)).Where(l => l.Length > most).ToList()
        where tooLong.Count > 0
        let places = string.Join(", ", tooLong.Select(l => $"{l.Number} ({l.Length})"))
        select $"{SourceTree.Relative(file)}: {tooLong.Count} over {most}: line {places}";

    // Not what Entity Framework wrote, nor what others wrote and minified.
    static IEnumerable<string> Written(params string[] extensions) =>
        new[] { "src", "tests", "wwwroot-assets" }.SelectMany(folder => SourceTree.Files(folder, extensions))
            .Where(f => !f.Contains("/Migrations/", StringComparison.Ordinal))
            .Where(f => !Vendored().IsMatch(f));

    // Assert.Empty shows the first five alone.
    static void AssertNone(IEnumerable<string> offenders)
    {
        var all = offenders.ToList();
        Assert.True(all.Count == 0, $"{all.Count} offenders:\n{string.Join('\n', all)}");
    }

    [GeneratedRegex(@"^namespace\s+([\w.]+)\s*[;{]?", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    [GeneratedRegex(@"class (\w+Options)\b[^{]*\{[^{}]*?const string Section\w* = ""([\w:]+)""", RegexOptions.Singleline)]
    private static partial Regex OptionsWithSection();

    [GeneratedRegex(@"<PackageReference[^>]*\sVersion=")]
    private static partial Regex VersionAttribute();

    [GeneratedRegex(@"(^|\s)//.*$|@\*.*\*@")]
    private static partial Regex Comment();

    // Not CovidCxr, nor the enumeration's Covid19.
    [GeneratedRegex(@"covid(?![a-z0-9])|sars-cov", RegexOptions.IgnoreCase)]
    private static partial Regex DiseaseName();

    [GeneratedRegex(@"\.(umd|min)\.(js|css)$")]
    private static partial Regex Vendored();

    // @page and @model, and the variables of patterns, collide with bare names.
    [GeneratedRegex("""
        ^[ ]{4}(?:readonly[ ])?(?!(?:return|await|throw|yield|const|static|public|internal|protected|using|goto|var)\b)
        [A-Za-z_][\w.]*(?:<[^;={}()\n]*>)?(?:\[\])?\??[ ]([a-z]\w*)(?:[ ]=[ ].*)?;
        """, RegexOptions.Multiline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex BareField();
}
