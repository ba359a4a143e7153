namespace CovidCxr.Engine.Training;

/// <summary>Everything optional in a run hangs on one of these events; each is called on the trainer's thread.</summary>
public abstract class TrainingCallback
{
    public virtual void RunStarting(TrainingState state)
    {
    }

    public virtual void EpochStarting(TrainingState state)
    {
    }

    public virtual void StepStarting(TrainingState state)
    {
    }

    public virtual void StepDone(TrainingState state)
    {
    }

    /// <summary>After validation; the epoch's metrics are the last of the history.</summary>
    public virtual void EpochDone(TrainingState state)
    {
    }

    /// <summary>The run was asked to stop in the middle of an epoch.</summary>
    public virtual void Interrupted(TrainingState state)
    {
    }
}
