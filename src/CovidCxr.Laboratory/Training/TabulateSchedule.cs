using CovidCxr.Engine.Lungs;
using CovidCxr.Engine.Training.Sessions;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Training;

/// <summary>Says which rate and momentum every layer gets at every iteration of a configuration, without training.</summary>
public static class TabulateSchedule
{
    public static async Task<TabulateScheduleResult> RunAsync(TabulateScheduleRequest request, CancellationToken cancellation)
    {
        try
        {
            var options = TrainingConfiguration.FromJson(await File.ReadAllTextAsync(request.ConfigurationPath, cancellation));
            var steps = request.StepsPerEpoch ?? Count(options, request.DataFolder!, cancellation);
            return new TabulateScheduleResult.Tabulated(steps, ScheduleTable.Rows(options, steps));
        }
        catch (Exception e) when (e is TrainingException or DataSetException or IOException or UnauthorizedAccessException)
        {
            return new TabulateScheduleResult.Refused(e.Message);
        }
    }

    static long Count(TrainingConfiguration options, string dataFolder, CancellationToken cancellation) => ScheduleTable.StepsPerEpoch(
        options,
        DataSet.Load(
            options.Data, dataFolder, options.Classes, options.Preset, options.Seed, null, cancellation,
            LungFinder.For(options.Preset)));
}

/// <param name="DataFolder">Needed where the steps are not given: the training images are counted.</param>
/// <param name="StepsPerEpoch">T, at least 1.</param>
public sealed record TabulateScheduleRequest(string ConfigurationPath, string? DataFolder, long? StepsPerEpoch);

public abstract record TabulateScheduleResult
{
    private TabulateScheduleResult()
    {
    }

    /// <param name="Rows">By iteration, then layer; made while they are read.</param>
    public sealed record Tabulated(long StepsPerEpoch, IEnumerable<ScheduleRow> Rows) : TabulateScheduleResult;

    public sealed record Refused(string Message) : TabulateScheduleResult;
}
