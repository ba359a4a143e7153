using System.Text.Json;

namespace CovidCxr.Learning.Tests;

/// <summary>Expected values computed elsewhere; the script that made each file stands beside it.</summary>
static class GoldenFile
{
    public static JsonElement Read(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", name))).RootElement;

    public static double[] Doubles(this JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];
}
