using CovidCxr.Imaging.Augmentation;

namespace CovidCxr.Learning.Data;

public enum Balance
{
    None,

    /// <summary>Every class as often as the largest, by repetition.</summary>
    Oversample,

    /// <summary>Every class as seldom as the smallest, another choice each epoch.</summary>
    Undersample,

    /// <summary>Every image once; the loss is weighted by the inverse of its class's share.</summary>
    Weighted,
}

/// <summary>Which sample is seen when: a pure function of seed and epoch, so that a resumed run sees the same.</summary>
public static class EpochPlan
{
    /// <param name="labels">Class of each training sample.</param>
    /// <returns>Indices into the training samples, in the order of the epoch.</returns>
    public static int[] Order(IReadOnlyList<int> labels, Balance balance, long seed, int epoch)
    {
        var random = new SplitMix64(seed, 0xE90C, epoch);
        var byClass = Enumerable.Range(0, labels.Count).GroupBy(i => labels[i]).OrderBy(g => g.Key).Select(g => g.ToArray()).ToList();
        byClass.ForEach(members => random.Shuffle<int>(members));
        var size = balance switch
        {
            Balance.Oversample => byClass.Max(m => m.Length),
            Balance.Undersample => byClass.Min(m => m.Length),
            _ => 0,
        };
        var order = byClass.SelectMany(members => size == 0 ? members : Enumerable.Range(0, size).Select(i => members[i % members.Length]))
            .ToArray();
        random.Shuffle<int>(order);
        return order;
    }
}
