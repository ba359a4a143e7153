using System.Text;
using CovidCxr.Engine.Backbones;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Tests.Backbones;

/// <summary>
/// The formula of Golden/backbones.py: a value for every weight from its name alone, so that no weights need to be stored.
/// </summary>
static class FormulaWeights
{
    public static void Fill(Backbone network)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach (var (name, target) in network.state_dict())
        {
            if (!name.EndsWith("num_batches_tracked", StringComparison.Ordinal))
            {
                target.copy_(tensor(Values(name, target.shape), target.shape));
            }
        }
    }

    /// <summary>(count, 3, height, width), uniform in -2..2.</summary>
    public static Tensor Images(int count, int height, int width) =>
        tensor(Array.ConvertAll(Uniform("input", count * 3 * height * width), u => (float)((4 * u) - 2)), [count, 3, height, width]);

    static float[] Values(string name, long[] shape)
    {
        var uniform = Uniform(name, (int)shape.Aggregate(1L, (a, b) => a * b));
        Func<double, double> scale = name switch
        {
            _ when name.EndsWith("running_var", StringComparison.Ordinal) => u => 0.5 + u,
            _ when name.EndsWith("running_mean", StringComparison.Ordinal) => u => (0.2 * u) - 0.1,
            _ when name.EndsWith("bias", StringComparison.Ordinal) => u => (0.4 * u) - 0.2,
            _ when shape.Length == 1 => u => 0.4 + (0.4 * u),
            _ => Bounded(Math.Sqrt(6.0 / shape.Skip(1).Aggregate(1L, (a, b) => a * b))),
        };
        return Array.ConvertAll(uniform, u => (float)scale(u));
    }

    static Func<double, double> Bounded(double bound) => u => ((2 * u) - 1) * bound;

    static double[] Uniform(string name, int count)
    {
        var key = Encoding.UTF8.GetBytes(name).Aggregate(0xCBF29CE484222325, (hash, b) => (hash ^ b) * 0x100000001B3);
        var values = new double[count];
        for (var i = 0; i < count; i++)
        {
            var z = key + ((ulong)(i + 1) * 0x9E3779B97F4A7C15);
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            z ^= z >> 31;
            values[i] = (z >> 11) / (double)(1UL << 53);
        }

        return values;
    }
}
