using static TorchSharp.torch;

namespace CovidCxr.Engine.Optimization;

/// <summary>
/// Arithmetic on many tensors at once, each with a number of its own. TorchSharp does not show PyTorch's functions over lists; its script
/// compiler does. On a GPU one kernel then serves hundreds of parameters, where the kernels of each alone would take longer to start than
/// to run.
/// </summary>
static class TensorLists
{
    const string Source =
        """
        def listed(numbers: Tensor) -> List[number]:
            result: List[number] = []
            values: List[float] = numbers.tolist()
            for value in values:
                result.append(value)
            return result

        def to_float32(tensors: List[Tensor]) -> List[Tensor]:
            return [t.float() for t in tensors]

        def largest(tensors: List[Tensor]) -> Tensor:
            return torch.stack(torch._foreach_norm(tensors, float("inf"))).max()

        def norm(tensors: List[Tensor]) -> Tensor:
            return torch.stack(torch._foreach_norm(tensors, 2)).norm()

        def scale(tensors: List[Tensor], factors: Tensor):
            torch._foreach_mul_(tensors, listed(factors))

        def add_scaled(tensors: List[Tensor], others: List[Tensor], factors: Tensor):
            torch._foreach_add_(tensors, torch._foreach_mul(others, listed(factors)))

        def assign(tensors: List[Tensor], others: List[Tensor]):
            torch._foreach_copy_(tensors, others)

        def velocity(masters: List[Tensor], gradients: List[Tensor], velocities: List[Tensor], momenta: Tensor, steps: Tensor):
            torch._foreach_mul_(velocities, listed(momenta))
            torch._foreach_add_(velocities, torch._foreach_mul(gradients, listed(steps)))
            torch._foreach_add_(masters, velocities)

        def adam(masters: List[Tensor], gradients: List[Tensor], means: List[Tensor], squares: List[Tensor],
                 beta1s: Tensor, rests: Tensor, constants: Tensor, corrections: Tensor, steps: Tensor):
            fixed = listed(constants)
            beta2 = fixed[0]
            torch._foreach_mul_(means, listed(beta1s))
            torch._foreach_add_(means, torch._foreach_mul(gradients, listed(rests)))
            torch._foreach_mul_(squares, beta2)
            torch._foreach_addcmul_(squares, gradients, gradients, 1 - beta2)
            denominators = torch._foreach_sqrt(squares)
            torch._foreach_mul_(denominators, listed(corrections))
            torch._foreach_add_(denominators, fixed[1])
            torch._foreach_addcdiv_(masters, means, denominators, listed(steps))

        """;

    static readonly Lazy<jit.CompilationUnit> Script = new(() => jit.compile(Source));

    /// <summary>Copies in float32, where they are not float32 already.</summary>
    public static Tensor[] ToFloat32(Tensor[] tensors) =>
        Array.TrueForAll(tensors, t => t.dtype == ScalarType.Float32) ? tensors : (Tensor[])Script.Value.invoke("to_float32", [tensors]);

    /// <summary>The greatest magnitude in any of the tensors; infinite or NaN where one of their values is.</summary>
    public static Tensor Largest(Tensor[] tensors) => (Tensor)Script.Value.invoke("largest", [tensors]);

    /// <summary>The Euclidean norm of all values of all tensors together.</summary>
    public static double Norm(Tensor[] tensors) => ((Tensor)Script.Value.invoke("norm", [tensors])).item<float>();

    /// <summary>tensor = tensor * factor.</summary>
    public static void Scale(Tensor[] tensors, double[] factors) => Script.Value.invoke("scale", tensors, Numbers(factors));

    /// <summary>tensor = tensor + factor * other.</summary>
    public static void AddScaled(Tensor[] tensors, Tensor[] others, double[] factors) =>
        Script.Value.invoke("add_scaled", tensors, others, Numbers(factors));

    /// <summary>tensor = other, in the tensor's own precision.</summary>
    public static void Assign(Tensor[] tensors, Tensor[] others) => Script.Value.invoke("assign", tensors, others);

    /// <summary>velocity = momentum * velocity + step * gradient ; master = master + velocity.</summary>
    public static void Velocity(Tensor[] masters, Tensor[] gradients, Tensor[] velocities, double[] momenta, double[] steps) =>
        Script.Value.invoke("velocity", masters, gradients, velocities, Numbers(momenta), Numbers(steps));

    /// <summary>
    /// mean = beta1 mean + (1 - beta1) gradient ; square = beta2 square + (1 - beta2) gradient^2 ;
    /// master = master + step mean / (sqrt(square) correction + epsilon).
    /// </summary>
    public static void Adam(
        Tensor[] masters, Tensor[] gradients, Tensor[] means, Tensor[] squares, double[] beta1s, double beta2, double epsilon,
        double[] corrections, double[] steps) =>
        Script.Value.invoke(
            "adam", masters, gradients, means, squares, Numbers(beta1s), Numbers(Array.ConvertAll(beta1s, b => 1 - b)),
            Numbers([beta2, epsilon]), Numbers(corrections), Numbers(steps));

    static Tensor Numbers(double[] numbers) => tensor(numbers);
}
