using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CovidCxr.Statistics.Resampling;

/// <summary>How often each cluster counts in up to sixteen resamples, so that sums over the cases read them once for all sixteen.</summary>
public sealed class ResampleBlock
{
    /// <summary>Resamples of a full block.</summary>
    public const int Size = 16;

    readonly int _clusters;
    readonly int[] _byResample;
    readonly Vector512<float>[] _byCluster;
    Vector512<float>[] _scratch = [];

    internal ResampleBlock(int clusters)
    {
        _clusters = clusters;
        _byResample = new int[Size * clusters];
        _byCluster = new Vector512<float>[clusters];
    }

    /// <summary>Resamples drawn, 1 .. Size.</summary>
    public int Count { get; private set; }

    /// <summary>The weights of all clusters in one resample.</summary>
    public ReadOnlySpan<int> this[int resample] => _byResample.AsSpan(resample * _clusters, _clusters);

    /// <summary>The weights of each cluster in all resamples, in their order; those of resamples that are not drawn say nothing.</summary>
    public ReadOnlySpan<Vector512<float>> ByCluster => _byCluster;

    /// <summary>Zeros to add to until the next call.</summary>
    internal Span<Vector512<float>> Scratch(int count)
    {
        if (_scratch.Length < count)
        {
            _scratch = new Vector512<float>[count];
        }

        var zeros = _scratch.AsSpan(0, count);
        zeros.Clear();
        return zeros;
    }

    internal void Draw(ulong seed, int first, int count)
    {
        Count = count;
        for (var i = 0; i < count; i++)
        {
            new ClusterDraw(seed, first + i).Fill(_byResample.AsSpan(i * _clusters, _clusters));
        }

        // Cluster by cluster, so that every line of memory is written once.
        var weights = MemoryMarshal.Cast<Vector512<float>, float>(_byCluster.AsSpan());
        for (var c = 0; c < _clusters; c++)
        {
            var own = weights.Slice(c * Size, Size);
            for (int i = 0, at = c; i < own.Length; i++, at += _clusters)
            {
                own[i] = _byResample[at];
            }
        }
    }
}
