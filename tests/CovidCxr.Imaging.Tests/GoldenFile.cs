using System.Text.Json;

namespace CovidCxr.Imaging.Tests;

/// <summary>Values of Pillow, NumPy and matplotlib; the script that made them lies beside them.</summary>
static class GoldenFile
{
    public static JsonElement Read(string part) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "imaging.json"))).RootElement.GetProperty(part);

    public static float[] Floats(this JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(v => v.GetSingle())];

    public static int Int(this JsonElement element, string name) => element.GetProperty(name).GetInt32();

    public static string Text(this JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
