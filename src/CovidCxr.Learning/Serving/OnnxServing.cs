using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Onnx;
using Microsoft.ML.OnnxRuntime;

namespace CovidCxr.Learning.Serving;

/// <summary>ONNX Runtime on a graph that was compared with TorchSharp when it was written, and that stands beside the model file.</summary>
sealed class OnnxServing : IServedNetwork
{
    readonly OnnxNetwork network;
    readonly string? ownFolder;

    OnnxServing(OnnxNetwork network, string? ownFolder)
    {
        this.network = network;
        this.ownFolder = ownFolder;
    }

    /// <exception cref="ModelFileException">The graph does not agree with TorchSharp.</exception>
    public static OnnxServing Open(ModelFile file, string modelPath, int threads)
    {
        var graph = $"{modelPath}.{file.Sha256[..16]}.onnx";
        try
        {
            if (File.Exists(graph))
            {
                return new(new(graph, threads, spins: false), ownFolder: null);
            }
        }
        catch (OnnxRuntimeException)
        {
            // Cut short by a crash: written anew.
        }

        try
        {
            VerifiedGraph.Write(file, graph);
            return new(new(graph, threads, spins: false), ownFolder: null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The program's own folder is often read-only.
            return OpenElsewhere(file, threads);
        }
    }

    public NetworkOutput Run(float[] images, int count, int height, int width) => network.Run(images, count, height, width);

    public void Dispose()
    {
        network.Dispose();
        if (ownFolder is not null)
        {
            Directory.Delete(ownFolder, recursive: true);
        }
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
