namespace CovidCxr.Learning.Training;

/// <summary>The figure of the validation by which the epoch is chosen whose weights are kept.</summary>
public enum BestEpoch
{
    LowestLoss,

    /// <summary>The largest area under the ROC curve of the positive class.</summary>
    LargestArea,
}

public static class BestEpochs
{
    /// <summary>The epoch whose weights are kept: the first of the best. Null where there is none.</summary>
    /// <param name="area">Null counts below every area.</param>
    public static TEpoch? Of<TEpoch>(
        this BestEpoch choice, IEnumerable<TEpoch> epochs, Func<TEpoch, double> validationLoss, Func<TEpoch, double?> area)
        where TEpoch : class =>
        choice == BestEpoch.LargestArea ? epochs.MaxBy(e => area(e) ?? double.NegativeInfinity) : epochs.MinBy(validationLoss);
}
