using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Duplicates;
using CovidCxr.Learning.Evaluation;

namespace CovidCxr.Learning.Tests.Evaluation;

public class SeenImagesTests
{
    static readonly PerceptualHash Hash = new(1, 2, 3, 4);

    [Fact]
    public void Among_EqualPixelsAndNearDuplicates_AreFound()
    {
        Sample[] tested =
        [
            Film("equal", Films.Pixels(1), new(~0UL, 0, 0, 0)), Film("near", Films.Pixels(2), Hash with { A = 1 ^ 0xFF }),
            Film("far", Films.Pixels(3), Hash with { A = 1 ^ 0x1FF }),
        ];
        Assert.Equal(["equal", "near"], SeenImages.Among(tested, TrainedImages.Of([Film("t", Films.Pixels(1), Hash)], null)).Order());
    }

    [Fact]
    public void Among_ImagesOfWhichOnlyThePixelsAreKnown_FindsEqualPixels()
    {
        var trained = new TrainedImages([new(TrainedImages.Digits(Films.Pixels(1)), null)], [], []);
        Sample[] tested = [Film("x", Films.Pixels(1), Hash), Film("y", Films.Pixels(2), Hash)];
        Assert.Equal("x", Assert.Single(SeenImages.Among(tested, trained)));
    }

    [Fact]
    public void WithPatients_OneFilmOfAPatientSeen_TakesTheOthersOfThatPatientAlone()
    {
        var far = new PerceptualHash(~0UL, ~0UL, 0, 0);
        Sample[] data =
        [
            Films.Of("first", Films.Pixels(1), Hash, group: 1), Films.Of("later", Films.Pixels(2), far, group: 1),
            Films.Of("another's", Films.Pixels(3), far, group: 2),
        ];
        var trained = new TrainedImages([new(TrainedImages.Digits(Films.Pixels(1)), null)], [], []);

        Assert.Equal(["first", "later"], SeenImages.WithPatients(data, trained).Order());
    }

    static Sample Film(string path, string pixels, PerceptualHash hash) => Films.Of(path, pixels, hash);
}
