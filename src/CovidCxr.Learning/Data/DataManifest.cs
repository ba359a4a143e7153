using System.Security.Cryptography;
using System.Text.Json;

namespace CovidCxr.Learning.Data;

/// <summary>What was trained on and how it was divided, by the pixels' hashes: enough to check a repetition.</summary>
public sealed record DataManifest(string Name, IReadOnlyList<DataManifest.Entry> Entries)
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public sealed record Entry(string Path, string PixelHash, string Class, int Group, string Part);

    public static DataManifest Of(DataSet set) =>
        new(set.Options.Name, [.. set.Samples.Select(s =>
            new Entry(s.Image.File.Path, s.Image.PixelHash, set.Classes[s.Class], s.Group, DataSet.PartName(s.Part)))]);

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Lower-case hexadecimal SHA-256 of the JSON.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(ToJson())));
}
