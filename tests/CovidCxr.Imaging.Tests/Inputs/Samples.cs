using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;

namespace CovidCxr.Imaging.Tests.Inputs;

/// <summary>Pictures of which a test knows every sample.</summary>
static class Samples
{
    /// <summary>No two rows or columns alike, so that a turned, mirrored or shifted picture shows.</summary>
    public static GreyImage Uneven(int width, int height, int bits)
    {
        var samples = new ushort[width * height];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = (ushort)((((i % width * 7) + (i / width * 13)) * (bits == 16 ? 211 : 1)) & ((1 << bits) - 1));
        }

        return new GreyImage(width, height, bits, samples);
    }

    public static GreyImage Noise(int width, int height, int bits, int seed)
    {
        var random = new SplitMix64(seed);
        return new GreyImage(width, height, bits, [.. Enumerable.Range(0, width * height).Select(_ => (ushort)random.Below(1 << bits))]);
    }

    public static byte[] Bytes(this GreyImage image) => Array.ConvertAll(image.Samples, s => (byte)s);

    /// <summary>Low byte first.</summary>
    public static byte[] WideBytes(this GreyImage image) => [.. image.Samples.SelectMany(s => new[] { (byte)s, (byte)(s >> 8) })];
}
