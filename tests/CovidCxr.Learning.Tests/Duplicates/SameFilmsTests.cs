using CovidCxr.Learning.Data;
using CovidCxr.Learning.Duplicates;

namespace CovidCxr.Learning.Tests.Duplicates;

public class SameFilmsTests
{
    static readonly PerceptualHash Hash = new(1, 2, 3, 4);

    static readonly float[] One = Textures.Of(1), Other = Textures.Of(2);

    [Fact]
    public void Of_EqualHashesOfUnlikeFilms_StayApart() => Assert.Equal([0, 1], SameFilms.Of([Film("a", One), Film("b", Other)]));

    [Fact]
    public void Of_NearHashesOfOneFilm_AreJoined() =>
        Assert.Equal([0, 0], SameFilms.Of([
            Film("a", One), Film("b", Textures.Between(One, Other, 20)) with { Hash = Hash with { A = 1 ^ 0xFFFFF } }]));

    [Fact]
    public void Of_FarHashes_AreNotComparedFurther() =>
        Assert.Equal([0, 1], SameFilms.Of([Film("a", One), Film("b", One) with { Hash = Hash with { A = 1 ^ 0x1FFFFF } }]));

    [Fact]
    public void Of_AChainWithUnlikeEnds_IsNotOneGroup()
    {
        // Neighbours correlate by 0.87, the ends by 0.5.
        var groups = SameFilms.Of([.. new[] { 0.0, 30, 60 }.Select(angle => Film($"{angle}", Textures.Between(One, Other, angle)))]);

        Assert.Equal(groups[0], groups[1]);
        Assert.NotEqual(groups[0], groups[2]);
    }

    [Fact]
    public void Of_AFilmThatIsMostOfAGroup_JoinsDespiteOneWeakLink()
    {
        var groups = SameFilms.Of([.. new[] { 0.0, 20, 25, 50 }.Select(angle => Film($"{angle}", Textures.Between(One, Other, angle)))]);

        Assert.Single(groups.Distinct());
    }

    [Fact]
    public void Of_EqualPixels_AreJoinedWhateverElse() =>
        Assert.Equal([0, 0], SameFilms.Of([Film("a", One), Film("a", Other) with { Hash = new(~0UL, 0, 0, 0) }]));

    [Fact]
    public void Of_FilmsWithoutThumbnails_JoinsOnlyTheNearest()
    {
        FilmAppearance Bare(string pixels, ulong flipped) => new(pixels, Hash with { A = 1 ^ flipped }, null);

        Assert.Equal([0, 0, 2], SameFilms.Of([Bare("a", 0), Bare("b", 0xFF), Bare("c", 0x1FF00)]));
    }

    [Fact]
    public void Twins_OfAnotherSet_AreThoseOfTheSameFilm()
    {
        var twins = SameFilms.Twins([Film("a", Other), Film("b", One)], [Film("x", Textures.Of(3)), Film("y", One)]);

        Assert.Equal(new KeyValuePair<int, int>(1, 1), Assert.Single(twins));
    }

    // Of 28 pairs of strangers among a thousand NIH films whose hashes are near, none is one film.
    [Fact]
    [Trait("Speed", "Slow")]
    public void Of_FilmsOfTheNih_JoinsNoStrangers()
    {
        var root = DevelopmentData.RootOrSkip();
        var films = new[] { "No_findings", "Pneumonia" }
            .SelectMany(label => Directory.GetFiles(Path.Combine(root, "darkcovidnet", label))).Order(StringComparer.Ordinal)
            .Select(path => (
                Patient: Path.GetFileName(path).Split('_')[0],
                Seen: InspectedImage.Of(File.ReadAllBytes(path), TrainingDecoders.Here.Films))).ToList();

        var groups = SameFilms.Of([.. films.Select(f => new FilmAppearance(f.Seen.PixelHash!, f.Seen.Hash!.Value, f.Seen.Thumbnail))]);

        Assert.Equal(1000, films.Count);
        Assert.All(films.Zip(groups).GroupBy(p => p.Second), g => Assert.Single(g.Select(p => p.First.Patient).Distinct()));
    }

    static FilmAppearance Film(string pixels, float[] unit) => new(pixels, Hash, Textures.Thumbnail(unit));
}
