using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;

namespace CovidCxr.Learning.Tests.Evaluation;

public class SeenImagesTests
{
    static readonly PerceptualHash Hash = new(1, 2, 3, 4);

    [Fact]
    public void Among_EqualPixelsAndNearDuplicates_AreFound()
    {
        Sample[] trained = [Film("t", "h1", Hash)];
        Sample[] tested =
        [
            Film("equal", "h1", new(~0UL, 0, 0, 0)), Film("near", "h2", Hash with { A = 1 ^ 0xFFFFF }),
            Film("far", "h3", Hash with { A = 1 ^ 0x1FFFFF }),
        ];
        Assert.Equal(["equal", "near"], SeenImages.Among(tested, trained).Order());
    }

    [Fact]
    public void Among_Manifest_KnowsEqualPixelsOfTheTrainingPartAlone()
    {
        var manifest = new DataManifest("m", [new("a", "h1", "Other", 0, "training"), new("b", "h2", "Other", 1, "test")]);
        Assert.Equal("x", Assert.Single(SeenImages.Among([Film("x", "h1", Hash), Film("y", "h2", Hash)], manifest)));
    }

    static Sample Film(string path, string pixels, PerceptualHash hash) =>
        new(new(new(path, "Other", path, "s"), pixels, hash, new CachedPixels([]), 1, 1, default), 1, 0, DataPart.Train);
}
