using TorchSharp;

namespace CovidCxr.Engine.Tests;

public class TorchTests
{
    [Fact]
    public void Torch_OnThisMachine_LoadsAndComputes()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(4, torch.ones(2, 2).sum().item<float>());
    }
}
