using System.Text.Json;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Duplicates;

namespace CovidCxr.Learning.Tests.Duplicates;

public class FilmThumbnailTests
{
    const int Side = Textures.Side;

    static readonly float[] Film = Textures.Of(1);

    [Fact]
    public void CorrelationWith_TheSameFilmCroppedAtAnotherSize_IsHigh()
    {
        // 5% off one side and the bottom.
        const int Kept = Side * 95 / 100;
        var crop = Enumerable.Range(0, Kept * Kept).Select(i => Film[(i / Kept * Side) + (i % Kept)]).ToArray();

        var cropped = Textures.Thumbnail(Resizer.Resize(crop, Kept, Kept, Side, Side));

        Assert.InRange(Textures.Thumbnail(Film).CorrelationWith(cropped), 0.85, 1);
    }

    [Fact]
    public void CorrelationWith_ItselfInOtherContrast_IsOne()
    {
        var pale = Textures.Thumbnail(Array.ConvertAll(Film, v => (0.5f * v) + 0.2f));

        Assert.InRange(Textures.Thumbnail(Film).CorrelationWith(pale), 0.999, 1.001);
    }

    [Fact]
    public void CorrelationWith_OtherStructureOnTheSameAnatomy_IsLow()
    {
        // What all chests have in common: two dark fields, several times as strong as what tells the films apart.
        var anatomy = Enumerable.Range(0, Side * Side).Select(i => 0.5f * (float)Math.Cos(4 * Math.PI * (i % Side) / Side)).ToArray();
        FilmThumbnail Chest(long seed) => Textures.Thumbnail([.. Textures.Of(seed).Zip(anatomy, (film, common) => film + common)]);

        Assert.InRange(Chest(1).CorrelationWith(Chest(2)), -1, 0.5);
    }

    [Fact]
    public void CorrelationWith_APictureOfOneGrey_IsNone() =>
        Assert.Equal(0, Textures.Thumbnail(Film).CorrelationWith(Textures.Thumbnail(Array.ConvertAll(Film, _ => 0.3f))));

    [Fact]
    public void Json_WrittenAndRead_IsTheSame()
    {
        var thumbnail = Textures.Thumbnail(Film);

        Assert.Equal(thumbnail, JsonSerializer.Deserialize<FilmThumbnail>(JsonSerializer.Serialize(thumbnail)));
        Assert.NotEqual(thumbnail, Textures.Thumbnail(Textures.Of(2)));
    }

    [Theory]
    [InlineData("\"AAAA\"")]
    [InlineData("\"no Base64!\"")]
    [InlineData("5")]
    public void Json_OfSomethingElse_IsRefused(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<FilmThumbnail>(json));
}
