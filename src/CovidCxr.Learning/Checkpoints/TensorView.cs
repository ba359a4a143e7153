namespace CovidCxr.Learning.Checkpoints;

/// <summary>Where a tensor's elements lie in its storage: element (i, j, ...) at Offset + i Strides[0] + j Strides[1] + ...</summary>
sealed record TensorView(long[] Sizes, long[] Strides, long Offset, long Elements, int ElementBytes)
{
    public long Bytes => Elements * ElementBytes;

    /// <summary>Whether the elements stand in the storage one after the other, row-major.</summary>
    public bool IsContiguous { get; } = IsRowMajor(Sizes, Strides);

    /// <exception cref="ModelFileException">An element would lie outside the storage, or there are more elements than the storage
    /// has.</exception>
    public static TensorView Of(string name, PickleValue.Tensor tensor)
    {
        var (sizes, strides) = (tensor.Sizes, tensor.Strides);
        var isSane = sizes.Length == strides.Length && tensor.Offset >= 0 && sizes.All(s => s is >= 0 and <= int.MaxValue)
            && strides.All(s => s >= 0);
        if (isSane)
        {
            var last = sizes.Zip(strides)
                .Aggregate((UInt128)tensor.Offset, (sum, d) => sum + ((UInt128)Math.Max(0, d.First - 1) * (UInt128)d.Second));
            // A stride of 0 repeats elements: a small storage would grow to any size.
            if (StoredTensor.ElementsOf(sizes) is { } elements && elements <= tensor.Source.Elements
                && (elements == 0 || last < (UInt128)tensor.Source.Elements))
            {
                return new(sizes, strides, tensor.Offset, elements, StoredTensor.SizeOf(tensor.Source.Type)!.Value);
            }
        }

        throw new ModelFileException($"The tensor {name} has impossible sizes, strides or offset: it would reach outside its storage.");
    }

    /// <summary>The elements row-major: a slice of the storage where they stand so, else a copy.</summary>
    public ReadOnlyMemory<byte> Read(byte[] storage)
    {
        if (Elements == 0)
        {
            return ReadOnlyMemory<byte>.Empty;
        }

        if (IsContiguous)
        {
            return storage.AsMemory((int)(Offset * ElementBytes), (int)Bytes);
        }

        var copy = new byte[Bytes];
        var index = new long[Sizes.Length];
        var source = Offset;
        for (var target = 0; target < copy.Length; target += ElementBytes)
        {
            storage.AsSpan((int)(source * ElementBytes), ElementBytes).CopyTo(copy.AsSpan(target));
            source += Advance(index);
        }

        return copy;
    }

    // To the next index, row-major; returns how far the element moves in the storage.
    long Advance(long[] index)
    {
        long step = 0;
        for (var d = index.Length - 1; d >= 0; d--)
        {
            if (++index[d] < Sizes[d])
            {
                return step + Strides[d];
            }

            step -= (Sizes[d] - 1) * Strides[d];
            index[d] = 0;
        }

        return step;
    }

    static bool IsRowMajor(long[] sizes, long[] strides)
    {
        long expected = 1;
        for (var d = sizes.Length - 1; d >= 0; d--)
        {
            if (sizes[d] != 1 && strides[d] != expected)
            {
                return false;
            }

            expected *= sizes[d];
        }

        return true;
    }
}
