using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;
using Microsoft.ML.OnnxRuntime;

namespace CovidCxr.Engine.Serving;

/// <summary>Writes a model's ONNX graph only where it says what TorchSharp says.</summary>
public static class VerifiedGraph
{
    public const double Tolerance = 1e-4;

    /// <summary>The whole new graph at the path, or none.</summary>
    /// <returns>The distance of <see cref="OnnxVerification"/>.</returns>
    /// <exception cref="ModelFileException">The weights are not those of the architecture, or the graph differs by more than the
    /// tolerance.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be written.</exception>
    public static double Write(ModelFile file, string path)
    {
        // A name of its own: two processes may write the same graph at once.
        var temporary = $"{path}.{Path.GetRandomFileName()}";
        try
        {
            double distance;
            File.WriteAllBytes(temporary, Graph(file));
            using (var candidate = new OnnxNetwork(temporary, Environment.ProcessorCount, spins: false))
            {
                distance = OnnxVerification.Distance(file, candidate);
            }

            if (!(distance <= Tolerance))
            {
                throw new ModelFileException(
                    $"The model's ONNX graph differs from TorchSharp by {distance:G3}, more than {Tolerance:G1}: it is not used.");
            }

            File.Move(temporary, path, overwrite: true);
            return distance;
        }
        catch (OnnxRuntimeException e)
        {
            throw new ModelFileException($"The weights are not those of {file.Header.Architecture}: no graph can be made of them.", e);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    static byte[] Graph(ModelFile file)
    {
        try
        {
            return OnnxExport.Write(file.Header.Architecture, file.ToWeights(), [new("covidcxr", file.Header.ToJson())]);
        }
        catch (Exception e) when (e is KeyNotFoundException or ArgumentException or IndexOutOfRangeException)
        {
            throw new ModelFileException($"The weights are not those of {file.Header.Architecture}: {e.Message}", e);
        }
    }
}
