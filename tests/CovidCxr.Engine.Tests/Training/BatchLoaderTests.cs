using CovidCxr.Engine.Training;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Optimization;
using CovidCxr.Testing;
using TorchSharp;

namespace CovidCxr.Engine.Tests.Training;

public sealed class BatchLoaderTests : IDisposable
{
    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 5);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Batches_NineSamplesByFour_AreAllOfThem()
    {
        var batches = Batches([0, 1, 2, 3, 4, 5, 6, 7, 8], skip: 0);
        Assert.Equal([4, 4, 1], batches.Select(b => b.Labels.Length));
    }

    [Fact]
    public void Batches_Skipped_AreTheRestOfTheWholeEpoch()
    {
        int[] order = [9, 2, 5, 7, 1, 0, 3, 8];
        var whole = Batches(order, skip: 0);
        var rest = Assert.Single(Batches(order, skip: 1));
        Assert.Equal(whole[1].Labels, rest.Labels);
        Assert.Equal(whole[1].Images, rest.Images);
    }

    [Fact]
    public void Batches_LeftEarly_EndTheirThreadsAndLeaveNoTensor()
    {
        var data = Runs.Load(_folder);
        var before = torch.Tensor.TotalCount;
        foreach (var batch in new BatchLoader(Runs.Preset, 2)
            .Batches(data.Samples, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], null, 0, TestContext.Current.CancellationToken))
        {
            Assert.Equal(2, batch.Count);
            break;
        }

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void ToInput_Sample_IsNormalisedLikeAnUploadedFilmWithChannelsLast()
    {
        var data = Runs.Load(_folder);
        using var input = new BatchLoader(Runs.Preset, 1).Batches(data.Samples, [0], null, 0, TestContext.Current.CancellationToken)
            .Select(b => b.ToInput(Runs.Preset, torch.CPU, Precision.Float32)).Single();
        var expected = new float[3 * 32 * 32];
        Preprocessor.Normalise([.. data.Samples[0].Image.Pixels.ToArray().Select(p => p / 255f)], Runs.Preset, expected);
        Assert.Equal([1, 3, 32, 32], input.shape);
        Assert.Equal([3 * 32 * 32, 1, 3 * 32, 3], input.stride());
        Assert.Equal(expected, Values(input));
    }

    [Fact]
    public void Batches_SampleThatComesAgain_IsAugmentedAnew()
    {
        var images = Batches([0, 0, 1, 0, 0, 1, 2, 3], skip: 0).SelectMany(b => b.Images.Chunk(b.Images.Length / 4)).ToList();

        Assert.Equal(8, images.Select(i => Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(i))).Distinct()
            .Count());
    }

    List<(long[] Labels, float[] Images)> Batches(int[] order, int skip)
    {
        var data = Runs.Load(_folder);
        AugmentationPlan Plan(int sample, int repetition) => AugmentationPlan.Draw(AugmentationOptions.Paper, 3, 1, sample, repetition);
        return [.. new BatchLoader(Runs.Preset, 4).Batches(data.Samples, order, Plan, skip, TestContext.Current.CancellationToken).Select(
            b => (b.Labels, Values(b)))];
    }

    static float[] Values(Batch batch)
    {
        using var input = batch.ToInput(Runs.Preset, torch.CPU, Precision.Float32);
        return Values(input);
    }

    static float[] Values(torch.Tensor tensor)
    {
        using var dense = tensor.contiguous();
        return dense.data<float>().ToArray();
    }
}
