using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Tests.Data;

public class FoldSplitterTests
{
    // 30 patients of class 0 with 1 to 5 images, 50 of class 1 with one.
    static readonly (int Label, int Group)[] Images =
        [.. Enumerable.Range(0, 30).SelectMany(g => Enumerable.Repeat((0, g), 1 + (g % 5))), .. Enumerable.Range(30, 50).Select(g =>
            (1, g))];

    [Fact]
    public void Assign_GroupsOfSeveralImages_AreWholeAndFoldsAreEven()
    {
        var folds = Assign(5, 1);
        Assert.All(Images.Zip(folds).GroupBy(i => i.First.Group), g => Assert.Single(g.Select(i => i.Second).Distinct()));
        Assert.All(Enumerable.Range(0, 5), f =>
        {
            Assert.InRange(Images.Zip(folds).Count(i => i.First.Label == 0 && i.Second == f), 17, 19);
            Assert.Equal(10, Images.Zip(folds).Count(i => i.First.Label == 1 && i.Second == f));
        });
    }

    [Fact]
    public void Assign_Seed_DecidesAlone()
    {
        Assert.Equal(Assign(5, 1), Assign(5, 1));
        Assert.NotEqual(Assign(5, 1), Assign(5, 2));
    }

    [Fact]
    public void PartOf_EveryFold_IsTestedOnceAndValidatesOnce()
    {
        var parts = Enumerable.Range(0, 5)
            .Select(test => Enumerable.Range(0, 5).Select(fold => FoldSplitter.PartOf(fold, test, 5)).ToArray()).ToArray();
        Assert.All(parts, p => Assert.Equal(
            (1, 1, 3), (p.Count(x => x == DataPart.Test), p.Count(x => x == DataPart.Validation), p.Count(x => x == DataPart.Train))));
        Assert.All(Enumerable.Range(0, 5), fold => Assert.Single(parts, p => p[fold] == DataPart.Validation));
    }

    static int[] Assign(int folds, long seed) =>
        FoldSplitter.Assign([.. Images.Select(i => i.Label)], [.. Images.Select(i => i.Group)], folds, seed);
}
