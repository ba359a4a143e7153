using CovidCxr.Engine.Backbones;
using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Optimization;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Lungs;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Lungs;

/// <summary>A film with the mask of its lungs, both stretched to the network's side.</summary>
/// <param name="Group">Films of one patient share it.</param>
/// <param name="Pixels">Side x Side of <see cref="LungFamily"/>, row-major, 255 for 1.</param>
/// <param name="Mask">Side x Side: the part of each cell that is lung, 0..1.</param>
public sealed record LungExample(int Group, byte[] Pixels, float[] Mask);

/// <summary>How well one film's lungs were found.</summary>
/// <param name="Dice">2 |A and B| / (|A| + |B|) over the cells of the grid, 0..1.</param>
public sealed record LungResult(int Group, double Dice);

/// <summary>
/// Trains the network that finds lungs: Adam with a rate that falls by a cosine, the mean of binary cross entropy and 1 - Dice
/// (Milletari et al. 2016). Runs on the caller's thread.
/// </summary>
/// <param name="epochs">At least 1.</param>
/// <param name="note">Told after every epoch.</param>
public sealed class LungTraining(int epochs, long seed, Action<string> note)
{
    const int BatchSize = 8, Side = LungFamily.Side, Area = Side * Side;
    const double MaxRate = 2e-3, Momentum = 0.9;

    static readonly AugmentationOptions Lighting = AugmentationOptions.Paper with { BlurChance = 0.15, MaxLighting = 1.6 };

    /// <summary>The weights after the last epoch, in float32.</summary>
    /// <exception cref="OperationCanceledException">Cancelled between two steps.</exception>
    public IReadOnlyDictionary<string, StoredTensor> Train(IReadOnlyList<LungExample> examples, CancellationToken cancellation)
    {
        using var network = new LungNetwork(seed);
        using var optimizer = new Adam(0, Learning.Optimization.WeightDecayKind.Decoupled, decaysNormsAndBiases: false);
        network.to(ComputeDevice.Best);
        network.train();
        TrainedParameter[] parameters = [.. network.named_parameters().Select(
            p => new TrainedParameter(p.name, 0, p.parameter, p.parameter, IsNormOrBias: false))];
        var steps = examples.Count / BatchSize;
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            var order = Enumerable.Range(0, examples.Count).ToArray();
            new SplitMix64(seed, 0x1496, epoch).Shuffle<int>(order);
            var sum = 0.0;
            for (var step = 0; step < steps; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                var progress = ((epoch * steps) + step) / (double)(epochs * steps);
                var rate = MaxRate * (1 + Math.Cos(Math.PI * progress)) / 2;
                sum += Step(network, optimizer, parameters, rate, examples, order.AsSpan(step * BatchSize, BatchSize), epoch);
            }

            note($"epoch {epoch + 1} of {epochs}: loss {sum / steps:F4}");
        }

        return StateDict.Save(network);
    }

    /// <summary>Trains on all groups but those of a fold and finds the lungs of these, fold after fold.</summary>
    /// <param name="folds">At least 2.</param>
    /// <returns>One result per example.</returns>
    public IReadOnlyList<LungResult> CrossValidate(IReadOnlyList<LungExample> examples, int folds, CancellationToken cancellation)
    {
        var groups = examples.Select(e => e.Group).Distinct().Order().ToArray();
        new SplitMix64(seed, 0xF01D).Shuffle<int>(groups);
        var foldOf = groups.Select((g, i) => (g, i % folds)).ToDictionary();
        var results = new List<LungResult>();
        for (var fold = 0; fold < folds; fold++)
        {
            var weights = Train([.. examples.Where(e => foldOf[e.Group] != fold)], cancellation);
            var tested = Test(weights, [.. examples.Where(e => foldOf[e.Group] == fold)]);
            note($"fold {fold + 1} of {folds}: mean Dice {tested.Average(r => r.Dice):F4} of {tested.Count} films");
            results.AddRange(tested);
        }

        return results;
    }

    /// <summary>How well a network of these weights finds the lungs of films.</summary>
    public static IReadOnlyList<LungResult> Test(IReadOnlyDictionary<string, StoredTensor> weights, IReadOnlyList<LungExample> examples)
    {
        using var network = new LungNetwork(seed: 0);
        StateDict.Load(network, weights);
        network.eval();
        using var inference = inference_mode();
        return [.. examples.Select(e =>
        {
            using var scope = NewDisposeScope();
            var logits = network.forward(Images([e.Pixels])).data<float>().ToArray();
            return new LungResult(e.Group, Dice(new(LungFamily.Cells, LungFamily.Cells, logits), e.Mask));
        })];
    }

    static double Dice(LungMask logits, float[] mask)
    {
        var finer = Preprocessor.Follow(logits, FilmRegion.Whole, Side, Side);
        int both = 0, sum = 0;
        for (var i = 0; i < Area; i++)
        {
            var (found, drawn) = (finer[i] >= 0, mask[i] >= 0.5f);
            both += found && drawn ? 1 : 0;
            sum += (found ? 1 : 0) + (drawn ? 1 : 0);
        }

        return sum == 0 ? 1 : 2.0 * both / sum;
    }

    double Step(
        LungNetwork network, Adam optimizer, TrainedParameter[] parameters, double rate, IReadOnlyList<LungExample> examples,
        Span<int> members, int epoch)
    {
        using var scope = NewDisposeScope();
        var (pixels, masks) = (new float[members.Length][], new float[members.Length][]);
        var indices = members.ToArray();
        Parallel.For(0, indices.Length, i => (pixels[i], masks[i]) = Augmented(examples[indices[i]], epoch, indices[i]));
        var images = tensor(pixels.SelectMany(p => p).ToArray(), [indices.Length, 1, Side, Side]).to(ComputeDevice.Best);
        // A cell of the mask that is lung in part shall be so in part.
        var truth = nn.functional.avg_pool2d(
            tensor(masks.SelectMany(m => m).ToArray(), [indices.Length, 1, Side, Side]).to(ComputeDevice.Best), 2);
        var logits = network.forward(images);
        var probability = logits.sigmoid();
        // One more in both keeps a film without lungs from dividing by nothing.
        using var one = 1.0.ToScalar();
        using var two = 2.0.ToScalar();
        var dice = probability.mul(truth).sum().mul(two).add(one).div(probability.sum().add(truth.sum()).add(one));
        var loss = nn.functional.binary_cross_entropy_with_logits(logits, truth).sub(dice);
        loss.backward();
        using (no_grad())
        {
            optimizer.Update(parameters, [.. parameters.Select(p => p.Working.grad!)], [(rate, Momentum)]);
        }

        network.zero_grad();
        return loss.item<float>() + 1;
    }

    // A film may show less than this one, or more around it.
    (float[] Pixels, float[] Mask) Augmented(LungExample example, int epoch, int index)
    {
        var random = new SplitMix64(seed, epoch, index, 0x2003);
        var plan = AugmentationPlan.Draw(Lighting, seed, epoch, index) with { Zoom = random.Between(0.8, 1.3) };
        var (pixels, mask) = (new float[Area], new float[Area]);
        Augmenter.Apply(Array.ConvertAll(example.Pixels, p => p / 255f), Side, Side, plan, pixels);
        Augmenter.Apply(example.Mask, Side, Side, plan with { Blurs = false, Contrast = 1, Brightness = 1 }, mask);
        return (Array.ConvertAll(pixels, LungFamily.ToInput), mask);
    }

    static Tensor Images(IReadOnlyList<byte[]> films) => tensor(
        films.SelectMany(f => f).Select(p => LungFamily.ToInput(p / 255f)).ToArray(), [films.Count, 1, Side, Side]);
}
