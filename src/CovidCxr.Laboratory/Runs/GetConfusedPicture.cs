using CovidCxr.Domain.Accounts;
using CovidCxr.Storage.Files;

namespace CovidCxr.Laboratory.Runs;

/// <summary>One of the images that confused a run's best epoch most, with the heat map of the class that it decided.</summary>
public sealed class GetConfusedPicture(DataFolder folder)
{
    /// <param name="index">In the report, worst first, from 0.</param>
    /// <returns>A PNG; null where there is no such run or picture.</returns>
    public async Task<byte[]?> RunAsync(Guid runId, int index, Actor actor, CancellationToken cancellation)
    {
        actor.Demand(Role.Admin);
        var path = RunFolder.Of(folder, runId).ConfusedPicture(index);
        return File.Exists(path) ? await File.ReadAllBytesAsync(path, cancellation) : null;
    }
}
