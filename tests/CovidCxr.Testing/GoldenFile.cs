using System.Text.Json;

namespace CovidCxr.Testing;

/// <summary>Expected values computed elsewhere, in a test project's Golden folder; the script that made each stands beside it.</summary>
public static class GoldenFile
{
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Golden", name);

    public static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(Path(name))).RootElement;

    public static T Json<T>(string name) => JsonSerializer.Deserialize<T>(File.ReadAllText(Path(name)), Web)!;

    public static double[] Doubles(this JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];
}
