using CovidCxr.Engine.Serving;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Laboratory.Models;

/// <summary>Writes a model as ONNX, for other systems: compared with TorchSharp, or not written.</summary>
public static class ExportModel
{
    public static async Task<ExportModelResult> RunAsync(string modelPath, string onnxPath, CancellationToken cancellation)
    {
        try
        {
            return await Task.Run(() => Run(modelPath, onnxPath), cancellation);
        }
        catch (Exception e) when (e is ModelFileException or IOException or UnauthorizedAccessException)
        {
            return new ExportModelResult.Refused(e.Message);
        }
    }

    static ExportModelResult.Exported Run(string modelPath, string onnxPath)
    {
        var file = ModelFile.Read(modelPath);
        var distance = VerifiedGraph.Write(file, onnxPath);
        return new(onnxPath, new FileInfo(onnxPath).Length, distance);
    }
}

public abstract record ExportModelResult
{
    private ExportModelResult()
    {
    }

    /// <param name="Distance">The largest difference of logits to TorchSharp's on noise, relative to the largest logit.</param>
    public sealed record Exported(string OnnxPath, long Bytes, double Distance) : ExportModelResult;

    public sealed record Refused(string Message) : ExportModelResult;
}
