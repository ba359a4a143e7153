using CovidCxr.Imaging.Augmentation;

namespace CovidCxr.Learning.Data;

public enum Balance
{
    None,

    /// <summary>Every class as often as the largest, by repetition.</summary>
    Oversample,

    /// <summary>Every class as seldom as the smallest, another choice each epoch.</summary>
    Undersample,

    /// <summary>
    /// As many images as there are: every class as often as another, and within a class every source as often as another, so that no source
    /// tells the class. No image comes more often than a few times.
    /// </summary>
    ClassAndSource,

    /// <summary>Every image once; the loss is weighted by the inverse of its class's share.</summary>
    Weighted,
}

/// <summary>Which sample is seen when: a pure function of seed and epoch, so that a resumed run sees the same.</summary>
public static class EpochPlan
{
    // Of a batch. A step over less moves the weights as far as a whole one, by statistics and a gradient of a few images.
    const double SmallestShare = 0.5;

    // Of a source with few images of a class: more would teach these images by heart.
    const int MostRepeats = 6;

    /// <param name="labels">Class of each training sample.</param>
    /// <param name="sources">Source of each training sample.</param>
    /// <returns>Indices into the training samples, in the order of the epoch.</returns>
    public static int[] Order(IReadOnlyList<int> labels, IReadOnlyList<string> sources, Balance balance, long seed, int epoch)
    {
        if (balance == Balance.ClassAndSource)
        {
            return ByClassAndSource(labels, sources, seed, epoch);
        }

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

    /// <summary>
    /// How many batches an epoch steps over. What is left at its end for less than half a batch is left out: the order is another in every
    /// epoch, and so are the images that stand at its end. Fewer images than a batch are one batch, where they are two or more: a batch
    /// norm cannot normalise a single one.
    /// </summary>
    /// <param name="images">In the order of the epoch.</param>
    public static int Steps(int images, int batchSize) => images < batchSize
        ? (images > 1 ? 1 : 0)
        : (images / batchSize) + (images % batchSize >= Math.Max(2, SmallestShare * batchSize) ? 1 : 0);

    static int[] ByClassAndSource(IReadOnlyList<int> labels, IReadOnlyList<string> sources, long seed, int epoch)
    {
        var random = new SplitMix64(seed, 0xE90C, epoch);
        var classes = Enumerable.Range(0, labels.Count).GroupBy(i => labels[i]).OrderBy(g => g.Key)
            .Select(c => c.GroupBy(i => sources[i]).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => g.ToArray()).ToList()).ToList();
        var order = classes.SelectMany(c => Drawn(c, labels.Count / classes.Count, random)).ToArray();
        random.Shuffle<int>(order);
        return order;
    }

    // What a small source cannot give the others do.
    static IEnumerable<int> Drawn(List<int[]> sources, int wanted, SplitMix64 random)
    {
        foreach (var (members, left) in sources.OrderBy(s => s.Length).Select((s, i) => (s, sources.Count - i)))
        {
            var share = Math.Min(wanted / left, members.Length * MostRepeats);
            wanted -= share;
            for (var taken = 0; taken < share; taken += members.Length)
            {
                random.Shuffle<int>(members);
                foreach (var member in members.Take(share - taken))
                {
                    yield return member;
                }
            }
        }
    }
}
