using CovidCxr.Imaging.Augmentation;
using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Tests.Data;

public sealed class BatchLoaderTests : IDisposable
{
    readonly FilmFolder folder = FilmFolder.WithFilms(patientsPerClass: 5);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Batches_NineSamplesByFour_DropTheLoneLast()
    {
        var batches = Batches([0, 1, 2, 3, 4, 5, 6, 7, 8], skip: 0);
        Assert.Equal([4, 4], batches.Select(b => b.Count));
        Assert.Equal(2, BatchLoader.Count(9, 4));
        Assert.Equal(3, BatchLoader.Count(10, 4));
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
    public void Batches_LeftEarly_EndTheirThreads()
    {
        var data = Runs.Load(folder);
        foreach (var batch in new BatchLoader(Runs.Preset, 2).Batches(data.Samples, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], null, 0, TestContext.Current.CancellationToken))
        {
            Assert.Equal(2, batch.Count);
            break;
        }
    }

    [Fact]
    public void Single_Sample_IsNormalisedLikeAnUploadedFilm()
    {
        var data = Runs.Load(folder);
        var batch = new BatchLoader(Runs.Preset, 1).Single(data.Samples, 0);
        var pixel = data.Samples[0].Image.Pixels.ToArray()[100] / 255f;
        Assert.Equal((pixel - 0.485f) / 0.229f, batch.Images[100], 1e-5f);
        Assert.Equal((pixel - 0.406f) / 0.225f, batch.Images[(2 * 32 * 32) + 100], 1e-5f);
    }

    List<Batch> Batches(int[] order, int skip)
    {
        var data = Runs.Load(folder);
        AugmentationPlan Plan(int sample) => AugmentationPlan.Draw(AugmentationOptions.Paper, 3, 1, sample);
        return [.. new BatchLoader(Runs.Preset, 4).Batches(data.Samples, order, Plan, skip, TestContext.Current.CancellationToken)];
    }
}
