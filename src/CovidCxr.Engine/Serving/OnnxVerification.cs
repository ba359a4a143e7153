using CovidCxr.Engine.Checkpoints;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Learning.Checkpoints;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Serving;

/// <summary>Whether an ONNX graph says what TorchSharp says of the same weights.</summary>
public static class OnnxVerification
{
    const int Images = 2;

    /// <returns>The largest difference of logits over two seeded noise images of the preset's size, relative to the largest logit (at least
    /// 1); NaN where a logit is not finite.</returns>
    public static double Distance(ModelFile file, OnnxNetwork candidate)
    {
        var (height, width) = (file.Header.Preset.Height, file.Header.Preset.Width);
        var random = new SplitMix64(20210301);
        var input = new float[Images * 3 * height * width];
        for (var i = 0; i < input.Length; i++)
        {
            input[i] = (float)random.Normal();
        }

        using var scope = NewDisposeScope();
        using var inference = inference_mode();
        using var network = file.ToNetwork();
        var expected = network.forward(tensor(input, [Images, 3, height, width])).data<float>().ToArray();
        var actual = candidate.Run(input, Images, height, width).Logits;
        // Max would pass over what is not a number.
        if (!expected.Concat(actual).All(float.IsFinite))
        {
            return double.NaN;
        }

        var scale = Math.Max(1, expected.Max(MathF.Abs));
        return expected.Zip(actual, (e, a) => Math.Abs(e - a)).Max() / scale;
    }
}
