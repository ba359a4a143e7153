namespace CovidCxr.Engine.Training.Callbacks;

/// <summary>Saves the run after every epoch and when it is interrupted; keeps the last three files.</summary>
public sealed class CheckpointCallback(string folder, string manifestHash) : TrainingCallback
{
    const int Kept = 3;

    readonly List<string> _saved = [];

    /// <summary>The folder's checkpoints, newest first.</summary>
    public static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "checkpoint-*.ckpt").OrderDescending(StringComparer.Ordinal);

    /// <summary>Those written through this object that are still there, newest first.</summary>
    public IEnumerable<string> Saved => _saved.Distinct().Where(File.Exists).OrderDescending(StringComparer.Ordinal);

    public override void EpochDone(TrainingState state) => Save(state);

    public override void Interrupted(TrainingState state)
    {
        // After a loss that is no number there is nothing to go on from; the epochs before it are saved.
        if (double.IsFinite(state.Loss))
        {
            Save(state);
        }
    }

    void Save(TrainingState state)
    {
        var path = Path.Combine(folder, $"checkpoint-{state.Iteration:D9}.ckpt");
        try
        {
            TrainingCheckpoint.Save(path, state, manifestHash);
        }
        catch (IOException e)
        {
            throw new IOException(
                $"A checkpoint cannot be written: {e.Message}. The one before it stands; make room and resume from it.", e);
        }

        _saved.Add(path);
        foreach (var old in Files(folder).Skip(Kept).ToList())
        {
            File.Delete(old);
        }
    }
}
