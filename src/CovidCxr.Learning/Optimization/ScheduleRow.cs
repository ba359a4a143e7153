namespace CovidCxr.Learning.Optimization;

/// <summary>Rate and momentum of one layer at one iteration.</summary>
/// <param name="Iteration">Over the whole run, from 0.</param>
/// <param name="Epoch">From 1.</param>
/// <param name="Layer">In forward order, from 0.</param>
/// <param name="Name">As in the state dict.</param>
/// <param name="Stage">stem, stage1 .. stage4 or head.</param>
public sealed record ScheduleRow(long Iteration, int Epoch, int Layer, string Name, string Stage, double Rate, double Momentum);
