using CovidCxr.Imaging.Augmentation;

namespace CovidCxr.Learning.Data;

/// <summary>Divides groups into parts, class by class, so that every part has about the same mixture.</summary>
static class DataSplitter
{
    /// <param name="labels">Class of each image.</param>
    /// <param name="groups">Group of each image; a group is never divided. Its class is that of its first image.</param>
    /// <returns>The part of each image.</returns>
    /// <exception cref="DataSetException">The fractions are not shares of one.</exception>
    public static DataPart[] Split(int[] labels, int[] groups, SplitFractions fractions, long seed)
    {
        double[] shares = [fractions.Train, fractions.Validation, fractions.Test];
        if (shares.Any(s => !(s is >= 0 and <= 1)) || Math.Abs(shares.Sum() - 1) > 1e-9 || fractions.Train == 0)
        {
            throw new DataSetException("The split's fractions must be 0 to 1, add up to 1 and leave something to train on.");
        }

        var parts = new DataPart[labels.Length];
        var random = new SplitMix64(seed, 0x5117);
        var byGroup = Enumerable.Range(0, labels.Length).GroupBy(i => groups[i]).Select(g => g.ToArray()).ToList();
        foreach (var stratum in byGroup.GroupBy(g => labels[g[0]]).OrderBy(s => s.Key))
        {
            var members = stratum.OrderBy(g => g[0]).ToArray();
            random.Shuffle<int[]>(members);
            Assign(members, shares, parts);
        }

        return parts;
    }

    // Each group goes where most is still owed, counted in images, so that a patient with many scans does not upset the shares.
    static void Assign(int[][] members, double[] shares, DataPart[] parts)
    {
        double total = members.Sum(m => m.Length);
        var filled = new double[shares.Length];
        foreach (var member in members)
        {
            var part = Enumerable.Range(0, shares.Length).Where(p => shares[p] > 0).MaxBy(p => shares[p] - (filled[p] / total));
            filled[part] += member.Length;
            Array.ForEach(member, i => parts[i] = (DataPart)part);
        }
    }
}
