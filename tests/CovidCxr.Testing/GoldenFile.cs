using System.Text.Json;

namespace CovidCxr.Testing;

/// <summary>Expected values computed elsewhere, in a test project's Golden folder; the script that made each stands beside it.</summary>
/// <remarks>Statistics.Tests and Imaging.Tests compile this one file, so that neither waits for the rooms above its own.</remarks>
public static class GoldenFile
{
    static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    public static string Path(string name) => System.IO.Path.Combine(AppContext.BaseDirectory, "Golden", name);

    public static JsonElement Read(string name) => JsonDocument.Parse(File.ReadAllText(Path(name))).RootElement;

    public static T Json<T>(string name) => JsonSerializer.Deserialize<T>(File.ReadAllText(Path(name)), Web)!;

    public static double[] Doubles(this JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetDouble())];

    public static int[] Ints(this JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetInt32())];

    /// <summary>True where there is a 1, false where there is a 0.</summary>
    public static bool[] Flags(this JsonElement array) => [.. array.EnumerateArray().Select(v => v.GetInt32() == 1)];

    public static double? Optional(this JsonElement value) => value.ValueKind == JsonValueKind.Null ? null : value.GetDouble();

    public static float[] Floats(this JsonElement owner, string name) =>
        [.. owner.GetProperty(name).EnumerateArray().Select(v => v.GetSingle())];

    public static int Int(this JsonElement owner, string name) => owner.GetProperty(name).GetInt32();

    public static string Text(this JsonElement owner, string name) => owner.GetProperty(name).GetString()!;
}
