using CovidCxr.Imaging.Augmentation;

namespace CovidCxr.Imaging.Tests.Inputs;

/// <summary>What happens to a file on its way: the end is lost, or some bytes become others.</summary>
/// <param name="At">Where, as a share of the file.</param>
/// <param name="Length">Bytes overwritten; 0: the file is cut.</param>
sealed record Damage(double At, int Length, int Seed)
{
    public byte[] Apply(byte[] file) => Apply(file, 0, file.Length);

    /// <summary>Within a part of the file alone.</summary>
    public byte[] Apply(byte[] file, int from, int to)
    {
        var at = from + (int)(At * (to - from));
        if (Length == 0)
        {
            return file[..at];
        }

        var (bytes, random) = (file.ToArray(), new SplitMix64(Seed));
        for (var i = at; i < Math.Min(to, at + Length); i++)
        {
            bytes[i] = (byte)random.Below(256);
        }

        return bytes;
    }
}
