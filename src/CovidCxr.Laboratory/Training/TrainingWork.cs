using CovidCxr.Engine.Training;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Training;

/// <summary>Runs work that computes with tensors, and says in words why it cannot be done.</summary>
static class TrainingWork
{
    /// <param name="work">On a thread of its own: dispose scopes and OpenMP's pool belong to the thread that calls.</param>
    /// <param name="refuse">Makes a result of the reason.</param>
    /// <param name="interrupted">The reason where it was cancelled.</param>
    public static async Task<TResult> RunAsync<TResult>(
        Func<TResult> work, Func<string, TResult> refuse, string interrupted, CancellationToken cancellation)
    {
        try
        {
            NativeHeap.KeepFreedMemory();
            return await Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        }
        catch (Exception e) when (
            e is TrainingException or DataSetException or ModelFileException or IOException or UnauthorizedAccessException)
        {
            return refuse(e.Message);
        }
        catch (Exception e) when (OutOfMemory.Is(e))
        {
            return refuse(OutOfMemory.Advice);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return refuse(interrupted);
        }
    }
}
