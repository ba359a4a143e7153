using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Tests.Data;

public class ImageGroupsTests
{
    [Fact]
    public void Of_EqualNamesInOneCollection_StayApart() =>
        Assert.Equal(
            [0, 1, 2], ImageGroups.Of([Image("p1", "a", "frontal", 1), Image("p2", "a", "frontal", 2), Image("p3", "a", "frontal", 3)]));

    [Fact]
    public void Of_FilmsOfTwoCollectionsThatAreNumberedAlike_StayApart() =>
        Assert.Equal(20, ImageGroups.Of(
            [.. Enumerable.Range(0, 20).Select(i => Image($"p{i}", i < 10 ? "a" : "b", $"{i % 10}", i))]).Distinct().Count());

    [Fact]
    public void Of_ACollectionThatBorrowsFromAnother_JoinsByNameWhatIsCropped()
    {
        // Every third shows the very picture of its namesake; the others are cropped beyond recognition.
        var images = Enumerable.Range(0, 9).Select(i => Image($"p{i}", "a", $"film-{i}", i))
            .Concat(Enumerable.Range(0, 9).Select(i => Image($"q{i}", "b", $"film-{i}", i % 3 == 0 ? i : 100 + i)));

        var groups = ImageGroups.Of([.. images]);

        Assert.Equal(groups[..9], groups[9..]);
        Assert.Equal(9, groups.Distinct().Count());
    }

    [Fact]
    public void Of_ANameThatStandsTwiceInACollection_IsNotJoinedWithAnothers()
    {
        var groups = ImageGroups.Of([
            Image("p1", "a", "x", 1), Image("p2", "b", "x", 1), Image("p3", "a", "frontal", 3), Image("p4", "a", "frontal", 4),
            Image("p5", "b", "frontal", 5)]);

        Assert.Equal(groups[0], groups[1]);
        Assert.Equal(4, groups.Distinct().Count());
    }

    // Different looks differ in about half of their bits.
    static ImageIdentity Image(string patient, string source, string name, int look)
    {
        var random = new CovidCxr.Imaging.Augmentation.SplitMix64(look, 0x100C);
        ulong Word() => (ulong)(random.NextDouble() * ulong.MaxValue);
        return new(patient, source, name, new($"{patient} {source}", new(Word(), Word(), Word(), Word()), null));
    }
}
