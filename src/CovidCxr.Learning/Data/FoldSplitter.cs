using CovidCxr.Imaging.Augmentation;

namespace CovidCxr.Learning.Data;

/// <summary>Divides groups into folds of about equal size, class by class.</summary>
public static class FoldSplitter
{
    /// <param name="labels">Class of each image.</param>
    /// <param name="groups">Group of each image; a group is never divided. Its class is that of its first image.</param>
    /// <param name="folds">At least 3: one to test, one to validate, the rest to train.</param>
    /// <returns>The fold of each image, from 0.</returns>
    /// <exception cref="DataSetException">A class has fewer groups than there are folds.</exception>
    public static int[] Assign(IReadOnlyList<int> labels, IReadOnlyList<int> groups, int folds, long seed)
    {
        var assigned = new int[labels.Count];
        var sizes = new int[folds];
        var random = new SplitMix64(seed, 0xF01D);
        var byGroup = Enumerable.Range(0, labels.Count).GroupBy(i => groups[i]).Select(g => g.ToArray());
        foreach (var stratum in byGroup.GroupBy(g => labels[g[0]]).OrderBy(s => s.Key))
        {
            var members = stratum.OrderBy(g => g[0]).ToArray();
            if (members.Length < folds)
            {
                throw new DataSetException($"A class has images of {members.Length} patients only: too few for {folds} folds.");
            }

            random.Shuffle<int[]>(members);
            // Large groups first, each to the fold with least of this class: patients with many films do not upset the shares.
            var filled = new int[folds];
            foreach (var member in members.OrderByDescending(m => m.Length))
            {
                var fold = Enumerable.Range(0, folds).MinBy(f => (filled[f], sizes[f], f));
                filled[fold] += member.Length;
                sizes[fold] += member.Length;
                Array.ForEach(member, i => assigned[i] = fold);
            }
        }

        return assigned;
    }

    /// <summary>The parts where <paramref name="test"/> is the fold that is tested: the next one validates, the others train.</summary>
    public static DataPart PartOf(int fold, int test, int folds) =>
        fold == test ? DataPart.Test : fold == (test + 1) % folds ? DataPart.Validation : DataPart.Train;
}
