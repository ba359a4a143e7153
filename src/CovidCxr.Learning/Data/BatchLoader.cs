using System.Diagnostics;
using System.Threading.Channels;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Preprocessing;

namespace CovidCxr.Learning.Data;

/// <summary>One step's input: (Count, 3, H, W) normalised values and the classes.</summary>
public sealed record Batch(float[] Images, long[] Labels, int Count);

/// <summary>Makes batches on worker threads ahead of the trainer: augments, normalises, stacks.</summary>
public sealed class BatchLoader(PreprocessingPreset preset, int batchSize)
{
    const int Ahead = 4;

    /// <summary>How long the trainer has waited for batches.</summary>
    public TimeSpan Waited { get; private set; }

    /// <param name="samples">What the order's indices point into.</param>
    /// <param name="order">As <see cref="EpochPlan.Order"/> makes it; the last batch may be smaller, but never of one sample, which a batch norm cannot normalise.</param>
    /// <param name="plan">The augmentation of a sample; null for none.</param>
    /// <param name="skip">Batches to leave out, on resuming.</param>
    public IEnumerable<Batch> Batches(IReadOnlyList<Sample> samples, int[] order, Func<int, AugmentationPlan>? plan, int skip, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var channel = Channel.CreateBounded<Task<Batch>>(Ahead);
        var producer = Task.Run(() => ProduceAsync(channel.Writer, samples, order, plan, skip, stop.Token), CancellationToken.None);
        try
        {
            while (Next(channel.Reader, cancellation) is { } batch)
            {
                yield return batch;
            }
        }
        finally
        {
            stop.Cancel();
            producer.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).GetAwaiter().GetResult();
        }
    }

    /// <summary>One sample as a batch of its own, without augmentation.</summary>
    public Batch Single(IReadOnlyList<Sample> samples, int index) => Make(samples, [index], plan: null);

    /// <summary>How many batches an order makes.</summary>
    public static int Count(int samples, int batchSize) => (samples / batchSize) + (samples % batchSize > 1 ? 1 : 0);

    async Task ProduceAsync(
        ChannelWriter<Task<Batch>> writer, IReadOnlyList<Sample> samples, int[] order, Func<int, AugmentationPlan>? plan, int skip, CancellationToken cancellation)
    {
        try
        {
            for (var i = skip; i < Count(order.Length, batchSize); i++)
            {
                var members = order.AsMemory(i * batchSize, Math.Min(batchSize, order.Length - (i * batchSize)));
                await writer.WriteAsync(Task.Run(() => Make(samples, members.Span, plan), cancellation), cancellation);
            }

            writer.Complete();
        }
        catch (OperationCanceledException e)
        {
            writer.Complete(e);
        }
    }

    // The trainer's thread owns tensors and dispose scopes, so it blocks here instead of awaiting elsewhere.
    Batch? Next(ChannelReader<Task<Batch>> reader, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var batch = reader.WaitToReadAsync(cancellation).AsTask().GetAwaiter().GetResult() && reader.TryRead(out var task) ? task.GetAwaiter().GetResult() : null;
        Waited += Stopwatch.GetElapsedTime(started);
        return batch;
    }

    Batch Make(IReadOnlyList<Sample> samples, ReadOnlySpan<int> members, Func<int, AugmentationPlan>? plan)
    {
        var area = preset.Width * preset.Height;
        var images = new float[members.Length * 3 * area];
        var labels = new long[members.Length];
        var pixels = new byte[area];
        var unit = new float[area];
        var warped = new float[area];
        for (var i = 0; i < members.Length; i++)
        {
            var sample = samples[members[i]];
            labels[i] = sample.Class;
            sample.Image.Pixels.CopyTo(pixels);
            for (var j = 0; j < area; j++)
            {
                unit[j] = pixels[j] / 255f;
            }

            var source = unit;
            if (plan is not null)
            {
                Augmenter.Apply(unit, preset.Width, preset.Height, plan(members[i]), warped);
                source = warped;
            }

            Preprocessor.Normalise(source, preset, images.AsSpan(i * 3 * area, 3 * area));
        }

        return new(images, labels, members.Length);
    }
}
