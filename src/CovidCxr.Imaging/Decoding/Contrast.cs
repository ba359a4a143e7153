namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// Tells a blank picture: a screen saved before the film was on it, a lost channel. The darkest and the brightest hundredth of the pixels
/// do not count, so that a burnt-in label or a few bad pixels make no film of it. Between the rest an X-ray has well over a hundred grey
/// levels, even the 8 bits of it that somebody put into 16 unstretched; a blank one has only the noise of its detector or its compression.
/// </summary>
static class Contrast
{
    const int IgnoredShare = 100;
    const int LevelsOf8Bits = 8;

    // The same levels of a picture of 10 bits, the coarsest that detectors give in 16.
    const int LevelsOf16Bits = 32;

    /// <param name="visible">How often each brightness is visible; null where every pixel is.</param>
    public static bool IsBlank(GreyImage image, int[]? visible)
    {
        var histogram = visible ?? Histogram(image);
        var seen = visible is null ? image.Samples.Length : visible.Sum();
        if (seen < image.Samples.Length / IgnoredShare)
        {
            return true;
        }

        var (low, high, ignored) = (0, histogram.Length - 1, seen / IgnoredShare);
        for (var below = histogram[low]; below <= ignored; below += histogram[low])
        {
            low++;
        }

        for (var above = histogram[high]; above <= ignored; above += histogram[high])
        {
            high--;
        }

        return high - low < (image.BitsStored == 16 ? LevelsOf16Bits : LevelsOf8Bits);
    }

    static int[] Histogram(GreyImage image)
    {
        var histogram = new int[image.MaxSample + 1];
        foreach (var sample in image.Samples)
        {
            histogram[sample]++;
        }

        return histogram;
    }
}
