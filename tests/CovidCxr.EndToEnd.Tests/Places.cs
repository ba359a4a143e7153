using System.Reflection;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>Where things stand on this machine, as the build wrote it down.</summary>
static class Places
{
    public const string Chromium = "/usr/bin/chromium";

    public static string Project { get; } = Metadata("ProjectFolder");

    public static string WebProject { get; } = Path.GetFullPath(Path.Combine(Project, "../../src/CovidCxr.Web"));

    public static string Program { get; } = Path.Combine(WebProject, "bin", Metadata("Configuration"), "net10.0", "CovidCxr.Web.dll");

    public static string Dashboard { get; } =
        Path.GetFullPath(Path.Combine(Project, "../../appsettings.templates/telemetry/dashboard.json"));

    /// <summary>Screenshots, the program's log and what was measured; ignored by git.</summary>
    public static string Results { get; } = Directory.CreateDirectory(Path.Combine(Project, "TestResults")).FullName;

    static string Metadata(string key) =>
        typeof(Places).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == key).Value!;
}
