using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Duplicates;

namespace CovidCxr.Learning.Tests.Duplicates;

/// <summary>Pictures of random structure, which stand for films whose likeness is known.</summary>
static class Textures
{
    public const int Side = 128;

    /// <summary>Values around 0.5; every seed another one, and no two alike.</summary>
    public static float[] Of(long seed)
    {
        var random = new SplitMix64(seed, 0x7E47);
        var coarse = new float[40 * 40];
        for (var i = 0; i < coarse.Length; i++)
        {
            coarse[i] = (float)random.Normal();
        }

        return Array.ConvertAll(Resizer.Resize(coarse, 40, 40, Side, Side), v => 0.5f + (0.1f * v));
    }

    /// <summary>A mixture whose correlation with the first is the cosine of the angle.</summary>
    public static float[] Between(float[] first, float[] other, double degrees)
    {
        var (cos, sin) = ((float)Math.Cos(degrees * Math.PI / 180), (float)Math.Sin(degrees * Math.PI / 180));
        return [.. first.Zip(other, (a, b) => 0.5f + (cos * (a - 0.5f)) + (sin * (b - 0.5f)))];
    }

    public static FilmThumbnail Thumbnail(float[] unit) => FilmThumbnail.Of(unit, Side, Side);
}
