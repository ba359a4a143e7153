using CovidCxr.Storage.Files;
using Microsoft.Extensions.Options;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>The folder of <see cref="TrainingMachineOptions.DataRoot"/>, absolute.</summary>
public sealed class RetrainingRoot(DataFolder folder, IOptions<TrainingMachineOptions> options)
{
    public string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(folder.Root, options.Value.DataRoot));
}
