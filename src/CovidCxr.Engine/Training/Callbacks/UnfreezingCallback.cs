using CovidCxr.Engine.Backbones;
using CovidCxr.Learning.Training;

namespace CovidCxr.Engine.Training.Callbacks;

/// <summary>
/// Freezes what the retraining mode leaves alone. A frozen layer's batch norm keeps and uses its running statistics: it is part of the
/// feature extractor and must not drift towards the new data.
/// </summary>
public sealed class UnfreezingCallback : TrainingCallback
{
    public override void EpochStarting(TrainingState state)
    {
        var layers = state.Network.Layers;
        var stages = layers.Select(l => l.Stage).Distinct().ToList();
        var trainedStages = state.Options.Mode switch
        {
            UnfreezingMode.HeadOnly => 1,
            UnfreezingMode.Gradual => Math.Min(stages.Count, 1 + (state.Epoch / state.Options.EpochsPerStage)),
            _ => stages.Count,
        };
        var frozen = Math.Max(stages.Count - trainedStages, Math.Min(state.Options.FrozenStages, stages.Count - 1));
        state.FirstTrainedLayer = layers.TakeWhile(l => stages.IndexOf(l.Stage) < frozen).Count();

        for (var i = 0; i < layers.Count; i++)
        {
            foreach (var norm in layers[i].Modules.OfType<Norm2d>())
            {
                norm.train(i >= state.FirstTrainedLayer);
            }
        }

        foreach (var parameter in state.Parameters)
        {
            parameter.Working.requires_grad_(parameter.Layer >= state.FirstTrainedLayer);
        }
    }
}
