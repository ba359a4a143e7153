using System.Globalization;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Runs;

/// <summary>
/// How often the process of a run has died since its last checkpoint. One that comes further each time may die as often as it likes; one
/// that does not is given up.
/// </summary>
public sealed class RunDeaths(RunFolder folder)
{
    public const int Most = 5;

    const string SystemCounters = "/proc/vmstat", KillsOfSystem = "oom_kill ";

    readonly long _killsBefore = Kills();

    string Note => Path.Combine(folder.Path, "deaths.txt");

    /// <summary>Counts one more. Where it was memory that ran out, the run is told to take less.</summary>
    /// <param name="lastMessage">The last lines of the process's standard error.</param>
    /// <param name="cause">Of the death, in words.</param>
    /// <returns>Deaths since the last checkpoint.</returns>
    public int Add(int exitCode, string lastMessage, out string cause)
    {
        var (checkpoint, count) = Read();
        count = checkpoint == folder.NewestCheckpoint ? count + 1 : 1;
        File.WriteAllText(Note, FormattableString.Invariant($"{count} {folder.NewestCheckpoint}"));
        var isForMemory = Kills() > _killsBefore || OutOfMemory.IsNamedIn(lastMessage);
        cause = FormattableString.Invariant($"{(isForMemory ? "memory ran out" : "nothing is known of why")}, exit code {exitCode}");
        if (isForMemory)
        {
            new MemoryShortages(folder.Path).Add();
        }

        return count;
    }

    (string? Checkpoint, int Count) Read()
    {
        var parts = File.Exists(Note) ? File.ReadAllText(Note).Split(' ', 2) : ["0", ""];
        return (parts[1].Length == 0 ? null : parts[1], int.Parse(parts[0], CultureInfo.InvariantCulture));
    }

    // Linux counts the processes that it killed for want of memory; elsewhere it stays 0.
    static long Kills() =>
        File.Exists(SystemCounters)
            && File.ReadLines(SystemCounters).FirstOrDefault(l => l.StartsWith(KillsOfSystem, StringComparison.Ordinal)) is { } line
        ? long.Parse(line[KillsOfSystem.Length..], CultureInfo.InvariantCulture)
        : 0;
}
