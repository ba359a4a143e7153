using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using CovidCxr.Engine.Backbones;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Data;
using static TorchSharp.torch;

namespace CovidCxr.Engine.Training;

/// <summary>Makes batches on worker threads ahead of the trainer: augments and stacks.</summary>
public sealed class BatchLoader(PreprocessingPreset preset, int batchSize)
{
    const int Ahead = 4;

    /// <summary>How long the trainer has waited for batches.</summary>
    public TimeSpan Waited { get; private set; }

    /// <param name="samples">What the order's indices point into.</param>
    /// <param name="order">All of it is batched; the last batch may be smaller.</param>
    /// <param name="plan">The augmentation of a sample that the order has held so often before; null for none.</param>
    /// <param name="skip">Batches to leave out, on resuming.</param>
    /// <returns>Each batch until the next is asked for.</returns>
    public IEnumerable<Batch> Batches(
        IReadOnlyList<Sample> samples, int[] order, Func<int, int, AugmentationPlan>? plan, int skip, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var channel = Channel.CreateBounded<Task<Batch>>(Ahead);
        var producer = Task.Run(() => ProduceAsync(channel.Writer, samples, order, plan, skip, stop.Token), CancellationToken.None);
        try
        {
            while (Next(channel.Reader, cancellation) is { } batch)
            {
                using (batch)
                {
                    yield return batch;
                }
            }
        }
        finally
        {
            stop.Cancel();
            Wait(producer);
            while (channel.Reader.TryRead(out var unread))
            {
                Wait(unread);
                if (unread.IsCompletedSuccessfully)
                {
                    unread.GetAwaiter().GetResult().Dispose();
                }
            }
        }
    }

    async Task ProduceAsync(
        ChannelWriter<Task<Batch>> writer, IReadOnlyList<Sample> samples, int[] order, Func<int, int, AugmentationPlan>? plan, int skip,
        CancellationToken cancellation)
    {
        try
        {
            var repetitions = Repetitions(order);
            for (var start = skip * batchSize; start < order.Length; start += batchSize)
            {
                var count = Math.Min(batchSize, order.Length - start);
                var members = order.AsMemory(start, count);
                var repeated = repetitions.AsMemory(start, count);
                // Room first: no batch is made that nobody can find and dispose of.
                await writer.WaitToWriteAsync(cancellation);
                writer.TryWrite(Task.Run(() => Make(samples, members.Span, repeated.Span, plan), CancellationToken.None));
            }

            writer.Complete();
        }
        catch (OperationCanceledException e)
        {
            writer.Complete(e);
        }
    }

    // For each place in the order how often the sample stands before it.
    static int[] Repetitions(int[] order)
    {
        var seen = new Dictionary<int, int>();
        return Array.ConvertAll(order, sample => seen[sample] = seen.TryGetValue(sample, out var before) ? before + 1 : 0);
    }

    // The trainer's thread owns tensors and dispose scopes, so it blocks here instead of awaiting elsewhere.
    Batch? Next(ChannelReader<Task<Batch>> reader, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        var batch = reader.WaitToReadAsync(cancellation).AsTask().GetAwaiter().GetResult() && reader.TryRead(out var task)
            ? task.GetAwaiter().GetResult()
            : null;
        Waited += Stopwatch.GetElapsedTime(started);
        return batch;
    }

    static void Wait(Task task) =>
        task.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default).GetAwaiter().GetResult();

    Batch Make(
        IReadOnlyList<Sample> samples, ReadOnlySpan<int> members, ReadOnlySpan<int> repetitions, Func<int, int, AugmentationPlan>? plan)
    {
        var stack = empty(members.Length, preset.Height, preset.Width);
        try
        {
            var labels = new long[members.Length];
            Fill(MemoryMarshal.Cast<byte, float>(stack.bytes), labels, samples, members, repetitions, plan);
            // A GPU fetches from locked pages by itself, while the processor goes on.
            return new(ComputeDevice.IsCuda ? Locked(stack) : stack, labels);
        }
        catch
        {
            stack.Dispose();
            throw;
        }
    }

    static Tensor Locked(Tensor stack)
    {
        using (stack)
        {
            return stack.pin_memory();
        }
    }

    void Fill(
        Span<float> stack, long[] labels, IReadOnlyList<Sample> samples, ReadOnlySpan<int> members, ReadOnlySpan<int> repetitions,
        Func<int, int, AugmentationPlan>? plan)
    {
        var area = preset.Width * preset.Height;
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

            if (plan is not null)
            {
                Augmenter.Apply(unit, preset.Width, preset.Height, plan(members[i], repetitions[i]), warped);
            }

            (plan is null ? unit : warped).CopyTo(stack.Slice(i * area, area));
        }
    }
}
