using CovidCxr.Engine.Optimization;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Optimization;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Training;

/// <summary>One step's images and classes. Owns its pixels.</summary>
/// <param name="pixels">(N, H, W) float32 in 0..1: the three channels are one grey, and a GPU is sent no more than that.</param>
public sealed class Batch(Tensor pixels, long[] labels) : IDisposable
{
    public long[] Labels { get; } = labels;

    public int Count => Labels.Length;

    /// <summary>
    /// The images as parts of about equal size, none above the limit and, with a limit of 4 or more, none of a single image.
    /// </summary>
    /// <param name="most">Null for one part.</param>
    public IEnumerable<Range> Parts(int? most)
    {
        var parts = most is { } limit ? (Count + limit - 1) / limit : 1;
        return Enumerable.Range(0, parts).Select(i => (Count * i / parts)..(Count * (i + 1) / parts));
    }

    /// <summary>What a network takes: (N, 3, H, W), each channel normalised as the preset says, with the channels last in memory.</summary>
    /// <param name="part">Of the images; all where left out.</param>
    public Tensor ToInput(PreprocessingPreset preset, Device device, Precision precision, Range? part = null)
    {
        using var scope = NewDisposeScope();
        var (start, count) = (part ?? ..).GetOffsetAndLength(Count);
        var grey = pixels.narrow(0, start, count).to(device, non_blocking: true).unsqueeze(3);
        var normalised = grey.sub(tensor([.. preset.Mean], device: device)).div_(tensor([.. preset.Deviation], device: device));
        return normalised.permute(0, 3, 1, 2).to_type(MixedPrecision.TypeOf(precision)).MoveToOuterDisposeScope();
    }

    public void Dispose() => pixels.Dispose();
}
