using CovidCxr.Domain.Models;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Laboratory.Models;

/// <summary>What a model file says of itself, without registering it.</summary>
public static class ShowModel
{
    public static async Task<ShowModelResult> RunAsync(string path, CancellationToken cancellation)
    {
        try
        {
            var file = await Task.Run(() => ModelFile.Read(path), cancellation);
            var version = new ModelVersion
            {
                Name = file.Header.Name,
                Architecture = file.Header.Architecture,
                Sha256 = file.Sha256,
                FileKey = path,
                HeaderJson = file.Header.ToJson(),
            };
            var precisions = file.Tensors.Values.Where(t => t.Type is "F16" or "F32").Select(t => t.Type).Distinct()
                .Order(StringComparer.Ordinal);
            return new ShowModelResult.Shown(
                ListModels.View(version), file.Tensors.Values.Sum(t => t.Shape.Aggregate(1L, (a, b) => a * b)),
                string.Join(" and ", precisions));
        }
        catch (ModelFileException e)
        {
            return new ShowModelResult.Refused(e.Message);
        }
    }
}

public abstract record ShowModelResult
{
    private ShowModelResult()
    {
    }

    /// <param name="Model">Number, dates and activity of the registry are empty.</param>
    /// <param name="Weights">How many numbers the file holds.</param>
    /// <param name="Precision">Their types, such as F16 and F32.</param>
    public sealed record Shown(ModelView Model, long Weights, string Precision) : ShowModelResult;

    public sealed record Refused(string Message) : ShowModelResult;
}
