using TorchSharp;
using static TorchSharp.torch;

namespace CovidCxr.Learning.Optimization;

/// <summary>
/// Tensor arithmetic with numbers that live until it is done. TorchSharp 0.107 reads a Scalar's handle and then calls native code without
/// keeping the Scalar: one made by the implicit conversion can be finalised in between, and the process ends in "Expected false to be
/// true" (seen once in some 4,000 training steps). A `using` holds it; also the 1 by which add_(Scalar) would silently multiply.
/// </summary>
static class KeptScalars
{
    /// <summary>target = target * factor.</summary>
    public static Tensor ScaleBy(this Tensor target, double factor)
    {
        using var scalar = factor.ToScalar();
        return target.mul_(scalar);
    }

    /// <summary>value * factor, a new tensor.</summary>
    public static Tensor Scaled(this Tensor value, double factor)
    {
        using var scalar = factor.ToScalar();
        return value.mul(scalar);
    }

    /// <summary>target = target + factor * other.</summary>
    public static Tensor AddScaled(this Tensor target, Tensor other, double factor = 1)
    {
        using var scalar = factor.ToScalar();
        return target.add_(other, scalar);
    }

    /// <summary>target = target + number.</summary>
    public static Tensor AddNumber(this Tensor target, double number)
    {
        using var scalar = number.ToScalar();
        using var one = 1.ToScalar();
        return target.add_(scalar, one);
    }

    /// <summary>target = target + 1, of a whole number.</summary>
    public static Tensor CountOne(this Tensor target)
    {
        using var scalar = 1L.ToScalar();
        using var one = 1.ToScalar();
        return target.add_(scalar, one);
    }

    /// <summary>value + factor * other, a new tensor.</summary>
    public static Tensor PlusScaled(this Tensor value, Tensor other, double factor)
    {
        using var scalar = factor.ToScalar();
        return value.add(other, scalar);
    }

    /// <summary>target = target + factor * first * second.</summary>
    public static Tensor AddProduct(this Tensor target, Tensor first, Tensor second, double factor)
    {
        using var scalar = factor.ToScalar();
        return target.addcmul_(first, second, scalar);
    }

    /// <summary>target = target + factor * numerator / denominator.</summary>
    public static Tensor AddQuotient(this Tensor target, Tensor numerator, Tensor denominator, double factor)
    {
        using var scalar = factor.ToScalar();
        return target.addcdiv_(numerator, denominator, scalar);
    }
}
