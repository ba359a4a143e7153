using System.Text.RegularExpressions;

namespace CovidCxr.Architecture.Tests;

/// <summary>What a version in the shadow says is read in one folder, and that folder is shown on one page.</summary>
public partial class ShadowTests
{
    [Fact]
    public void ShadowPredictions_AreNamedInTheirFolderAlone()
    {
        string[] allowed =
        [
            "src/CovidCxr.Domain/Models/ShadowPrediction.cs", "src/CovidCxr.Storage/CovidCxrDbContext.cs",
            "src/CovidCxr.Storage/Configurations/ShadowConfiguration.cs",
        ];

        Assert.Empty(
            from file in SourceTree.Files("src", ".cs", ".razor")
            let path = SourceTree.Relative(file)
            where !allowed.Contains(path) && !path.StartsWith("src/CovidCxr.Clinic/Shadow/", StringComparison.Ordinal)
                && !path.StartsWith("src/CovidCxr.Storage/Migrations/", StringComparison.Ordinal)
            where Predictions().IsMatch(File.ReadAllText(file))
            select path);
    }

    [Fact]
    public void TheShadowsFolder_IsShownOnItsPageAlone() => Assert.Empty(
        from file in SourceTree.Files("src", ".cs", ".razor")
        let path = SourceTree.Relative(file)
        where !path.StartsWith("src/CovidCxr.Clinic/Shadow/", StringComparison.Ordinal)
            && !path.StartsWith("src/CovidCxr.Web/Features/Clinic/Shadow/", StringComparison.Ordinal)
            && path != "src/CovidCxr.Clinic/ClinicRegistration.cs"
        where Folder().IsMatch(File.ReadAllText(file))
        select path);

    [GeneratedRegex(@"\bShadowPredictions?\b")]
    private static partial Regex Predictions();

    [GeneratedRegex(@"\bCovidCxr\.Clinic\.Shadow\b|\bClinic\.Shadow\b|\bCompareShadow\b")]
    private static partial Regex Folder();
}
