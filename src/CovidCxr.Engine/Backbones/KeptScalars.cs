using TorchSharp;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Backbones;

/// <summary>
/// Tensor arithmetic with numbers that live until it is done. TorchSharp 0.107 reads a Scalar's handle and then calls native code without
/// keeping the Scalar: one made by the implicit conversion can be finalised in between, and the process ends in "Expected false to be
/// true" (seen once in some 4,000 training steps). A `using` holds it; also the 1 by which add_(Scalar) would silently multiply.
/// </summary>
static class KeptScalars
{
    /// <summary>value * factor, a new tensor.</summary>
    public static Tensor Scaled(this Tensor value, double factor)
    {
        using var scalar = factor.ToScalar();
        return value.mul(scalar);
    }

    /// <summary>target = target + other.</summary>
    public static Tensor AddInPlace(this Tensor target, Tensor other)
    {
        using var one = 1.ToScalar();
        return target.add_(other, one);
    }

    /// <summary>target = target + 1, of a whole number.</summary>
    public static Tensor CountOne(this Tensor target)
    {
        using var scalar = 1L.ToScalar();
        using var one = 1.ToScalar();
        return target.add_(scalar, one);
    }
}
