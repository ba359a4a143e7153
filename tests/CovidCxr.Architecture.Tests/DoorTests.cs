using System.Text.RegularExpressions;

namespace CovidCxr.Architecture.Tests;

/// <summary>Which room may use which: the exact tables.</summary>
public partial class DoorTests
{
    static readonly Dictionary<string, string[]> AllowedRooms = new()
    {
        ["Domain"] = [],
        ["Statistics"] = [],
        ["Imaging"] = [],
        ["Learning"] = ["Imaging", "Statistics"],
        ["Engine"] = ["Imaging", "Learning", "Statistics"],
        ["Storage"] = ["Domain"],
        ["Platform"] = ["Domain", "Storage"],
        ["Clinic"] = ["Domain", "Engine", "Imaging", "Learning", "Platform", "Statistics", "Storage"],
        ["Laboratory"] = ["Domain", "Engine", "Imaging", "Learning", "Platform", "Statistics", "Storage"],
        ["Hospital"] = ["Clinic", "Domain", "Imaging", "Platform", "Storage"],
        ["Web"] = ["Clinic", "Domain", "Engine", "Hospital", "Imaging", "Laboratory", "Learning", "Platform", "Statistics", "Storage"],
        ["Cli"] = ["Laboratory", "Learning"],
    };

    static readonly Dictionary<string, string[]> PackageOwners = new()
    {
        ["TorchSharp"] = ["Engine"],
        ["libtorch-cpu-linux-x64"] = ["Engine"],
        ["TorchSharp-cuda-linux"] = ["Engine"],
        ["Microsoft.ML.OnnxRuntime"] = ["Engine"],
        ["NetVips"] = ["Imaging"],
        ["NetVips.Native.linux-x64"] = ["Imaging"],
        ["Hl7.Fhir.R4"] = ["Hospital"],
        ["MudBlazor"] = ["Web"],
        ["Microsoft.EntityFrameworkCore.Sqlite"] = ["Storage"],
        ["Npgsql.EntityFrameworkCore.PostgreSQL"] = ["Storage"],
        ["System.CommandLine"] = ["Cli"],
        ["Spectre.Console"] = ["Cli"],
    };

    [Fact]
    public void ProjectReferences_OfEveryRoom_AreTheTable()
    {
        var actual = SourceTree.Projects("src")
            .ToDictionary(Room, p => SourceTree.References(p, "ProjectReference").Select(Room).Order().ToArray());

        Assert.Equal(AllowedRooms.Keys.Order(), actual.Keys.Order());
        Assert.All(AllowedRooms, row => Assert.Equal(row.Value, actual[row.Key]));
    }

    [Fact]
    public void Packages_WithOneOwner_AreReferencedThereAlone()
    {
        var strays = from project in SourceTree.Projects("src")
                     from package in SourceTree.References(project, "PackageReference")
                     where PackageOwners.TryGetValue(package, out var owners) && !owners.Contains(Room(project))
                     select $"{Room(project)} references {package}";

        Assert.Empty(strays);
    }

    [Theory]
    [InlineData("TorchSharp", "Engine")]
    [InlineData("Microsoft.ML.OnnxRuntime", "Engine")]
    [InlineData("NetVips", "Imaging")]
    [InlineData("Hl7.Fhir", "Hospital")]
    [InlineData("Npgsql", "Storage")]
    [InlineData("MudBlazor", "Web")]
    [InlineData("System.CommandLine", "Cli")]
    [InlineData("Spectre.Console", "Cli")]
    public void Library_OfOneRoom_IsUsedNowhereElse(string library, string room)
    {
        var use = new Regex($@"\b(using|@using)\s+(static\s+)?{Regex.Escape(library)}\b");
        var strays = SourceTree.Files("src", ".cs", ".razor")
            .Where(f => !SourceTree.Relative(f).StartsWith($"src/CovidCxr.{room}/", StringComparison.Ordinal))
            .Where(f => use.IsMatch(File.ReadAllText(f)))
            .Select(SourceTree.Relative);

        Assert.Empty(strays);
    }

    [Theory]
    [InlineData("Web")]
    [InlineData("Cli")]
    public void Storage_IsNamedInProgramAlone(string room)
    {
        var strays = SourceTree.Files($"src/CovidCxr.{room}", ".cs", ".razor")
            .Where(f => Path.GetFileName(f) != "Program.cs")
            .Where(f => File.ReadAllText(f).Contains("CovidCxr.Storage", StringComparison.Ordinal))
            .Select(SourceTree.Relative);

        Assert.Empty(strays);
    }

    [Fact]
    public void WebFeatures_NeverUseEachOther()
    {
        var strays = from file in SourceTree.Files("src/CovidCxr.Web/Features", ".cs", ".razor")
                     let feature = string.Join('.', SourceTree.Relative(file).Split('/')[3..5])
                     from Match use in FeatureUse().Matches(File.ReadAllText(file))
                     where use.Groups[1].Value != feature
                     select $"{SourceTree.Relative(file)} uses {use.Groups[1].Value}";

        Assert.Empty(strays);
    }

    static string Room(string project) => Path.GetFileNameWithoutExtension(project).Split('.')[^1];

    [GeneratedRegex(@"CovidCxr\.Web\.Features\.(\w+\.\w+)")]
    private static partial Regex FeatureUse();
}
