using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Explanation;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Explanation;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Evaluation;

/// <summary>Where a network looked on the images that confused it.</summary>
static class ConfusedMaps
{
    /// <summary>The same images, each with the heat map of the class that was decided.</summary>
    /// <param name="network">As the images were judged by it.</param>
    /// <exception cref="IOException">The pixels are no longer there.</exception>
    public static IReadOnlyList<ConfusedImage> Draw(
        Backbone network, PreprocessingPreset preset, IReadOnlyList<string> classes, IEnumerable<ConfusedImage> images)
    {
        var wasTraining = network.training;
        network.eval();
        IReadOnlyList<ConfusedImage> drawn = [.. images.Select(
            i => i with { HeatMap = Of(network, preset, i.Pixels!.ToArray(), classes.ToList().IndexOf(i.Predicted)) })];
        network.train(wasTraining);
        return drawn;
    }

    internal static HeatMap Of(Backbone network, PreprocessingPreset preset, byte[] pixels, int classIndex)
    {
        var input = new float[3 * pixels.Length];
        Preprocessor.Normalise(Array.ConvertAll(pixels, p => p / 255f), preset, input);
        using var scope = NewDisposeScope();
        return GradCam.ByBackward(network, tensor(input, [1, 3, preset.Height, preset.Width], device: network.Device), classIndex);
    }
}
