using System.Security.Cryptography;
using System.Text;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Files;
using Microsoft.ML.OnnxRuntime;

namespace CovidCxr.Engine.Serving;

/// <summary>
/// ONNX Runtime on a graph that was compared with TorchSharp when it was written, and that stands beside the model file with its hash. One
/// that is no longer what was compared is written anew.
/// </summary>
sealed class OnnxServing : IServedNetwork
{
    readonly OnnxNetwork _network;
    readonly string? _ownFolder;

    OnnxServing(OnnxNetwork network, string? ownFolder)
    {
        _network = network;
        _ownFolder = ownFolder;
    }

    /// <exception cref="ModelFileException">The graph does not agree with TorchSharp.</exception>
    public static OnnxServing Open(ModelFile file, string modelPath, int threads)
    {
        var graph = $"{modelPath}.{file.Sha256[..16]}.onnx";
        try
        {
            if (IsAsCompared(graph))
            {
                return new(new(graph, threads, spins: false), ownFolder: null);
            }
        }
        catch (OnnxRuntimeException)
        {
            // Compared by an older runtime: written anew.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Not to be read, so not to be trusted either.
        }

        try
        {
            VerifiedGraph.Write(file, graph);
            DurableFile.Write(SealOf(graph), stream => stream.Write(Encoding.ASCII.GetBytes(HashOf(graph))));
            return new(new(graph, threads, spins: false), ownFolder: null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The program's own folder is often read-only.
            return OpenElsewhere(file, threads);
        }
    }

    public NetworkOutput Run(float[] images, int count, int height, int width) => _network.Run(images, count, height, width);

    public void Dispose()
    {
        _network.Dispose();
        if (_ownFolder is not null)
        {
            Directory.Delete(_ownFolder, recursive: true);
        }
    }

    static bool IsAsCompared(string graph) =>
        File.Exists(graph) && File.Exists(SealOf(graph)) && File.ReadAllText(SealOf(graph)) == HashOf(graph);

    static string SealOf(string graph) => graph + ".sha256";

    static string HashOf(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    static OnnxServing OpenElsewhere(ModelFile file, int threads)
    {
        var folder = Directory.CreateTempSubdirectory("covidcxr-").FullName;
        try
        {
            var graph = Path.Combine(folder, "model.onnx");
            VerifiedGraph.Write(file, graph);
            return new(new(graph, threads, spins: false), folder);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }
}
