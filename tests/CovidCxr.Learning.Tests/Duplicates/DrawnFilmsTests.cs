using CovidCxr.Imaging.Phantoms;
using CovidCxr.Learning.Duplicates;

namespace CovidCxr.Learning.Tests.Duplicates;

public class DrawnFilmsTests
{
    [Fact]
    public void Phantoms_InAPoseOfTheirOwn_HardlyLookAlike()
    {
        var looks = Enumerable.Range(1000, 60).Select(seed => PhantomDrawer.Draw(
            (PhantomKind)(seed % 3), seed, 128, bits: 8, PhantomPose.Of(seed))).Select(
            i => PerceptualHash.Of([.. i.Samples.Select(s => s / 255f)], i.Width, i.Height)).ToList();

        var alike = looks.Where((look, i) => looks.Where((_, j) => j != i)
            .Any(other => look.DistanceTo(other) <= PerceptualHash.DuplicateDistance));

        Assert.InRange(alike.Count(), 0, 6);
    }
}
