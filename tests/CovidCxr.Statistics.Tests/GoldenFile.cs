using System.Text.Json;

namespace CovidCxr.Statistics.Tests;

/// <summary>Expected values computed elsewhere; the script that made each file stands beside it.</summary>
static class GoldenFile
{
    public static JsonElement Read(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", name))).RootElement;

    public static double[] Doubles(this JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];

    public static int[] Ints(this JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetInt32())];

    public static bool[] Flags(this JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetInt32() == 1)];

    public static double? Optional(this JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetDouble();
}
