using static TorchSharp.torch.nn;

namespace CovidCxr.Engine.Backbones;

/// <summary>
/// One step of discriminative fine-tuning: a module that owns parameters, a convolution counted with its batch norm as one (Adedigba et al.
/// 2021, eq. 3-8).
/// </summary>
/// <param name="Name">The module that names the layer, as in the state dict.</param>
/// <param name="Stage">stem, stage1 .. stage4 or head: the coarser grouping.</param>
/// <param name="Modules">The convolution or linear module and its norm.</param>
public sealed record NetworkLayer(string Name, string Stage, IReadOnlyList<Module> Modules);
