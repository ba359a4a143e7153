using static TorchSharp.torch;

namespace CovidCxr.Engine.Tests;

/// <summary>The tiny network with a fault in its way.</summary>
/// <param name="pass">What becomes of a batch before it is computed; it may throw.</param>
sealed class FailingNetwork(Func<FailingNetwork, Tensor, Tensor> pass) : TinyNetwork
{
    public override Tensor Features(Tensor images) => base.Features(pass(this, images));
}
