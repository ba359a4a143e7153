using CovidCxr.Learning.Files;

namespace CovidCxr.Learning.Checkpoints;

/// <summary>Bare weights on disk, written so that a crash leaves the old file or the whole new one.</summary>
public static class WeightsFile
{
    public static void Write(string path, IReadOnlyDictionary<string, StoredTensor> tensors) =>
        DurableFile.Write(path, stream => SafetensorsFile.Write(stream, tensors, new Dictionary<string, string>()));

    /// <exception cref="ModelFileException">Not a valid safetensors file.</exception>
    public static IReadOnlyDictionary<string, StoredTensor> Read(string path) => SafetensorsFile.Parse(File.ReadAllBytes(path)).Tensors;
}
