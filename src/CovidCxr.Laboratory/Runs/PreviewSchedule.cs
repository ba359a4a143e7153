using CovidCxr.Engine.Backbones;
using CovidCxr.Learning.Optimization;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Runs;

/// <summary>One stage's course through a cycle: what its last layer, the fastest of it, will do.</summary>
/// <param name="Rates">At even steps of the cycle.</param>
public sealed record StageCourse(string Stage, IReadOnlyList<double> Rates, IReadOnlyList<double> Momenta);

/// <summary>The schedule that a configuration means, to be looked at before anything runs.</summary>
public static class PreviewSchedule
{
    public const int Points = 100;

    /// <returns>The courses, or why there are none.</returns>
    public static async Task<(IReadOnlyList<StageCourse> Courses, string? Refusal)> RunAsync(
        TrainingConfiguration configuration, CancellationToken cancellation)
    {
        try
        {
            configuration.Schedule.Validate();
            return (await Task.Run(() => Courses(configuration.Architecture, configuration.Schedule), cancellation), null);
        }
        catch (ArgumentException e)
        {
            return ([], e.Message);
        }
    }

    static List<StageCourse> Courses(string architecture, ScheduleOptions schedule)
    {
        using var network = BackboneCatalog.Create(architecture, classes: 2, seed: 0);
        var groups = Schedule.Groups(network.Layers.Select(l => l.Stage), schedule.Grouping);
        var layers = network.Layers.Zip(groups, (l, group) => (l.Stage, Group: group)).GroupBy(l => l.Stage)
            .Select(g => (Stage: g.Key, g.Last().Group)).ToList();
        return layers.ConvertAll(l =>
        {
            var course = Enumerable.Range(0, Points + 1)
                .Select(t => Schedule.At(schedule, l.Group, groups[^1] + 1, Math.Min(t, Points - 1), Points, Points)).ToList();
            return new StageCourse(l.Stage, [.. course.Select(c => c.Rate)], [.. course.Select(c => c.Momentum)]);
        });
    }
}
