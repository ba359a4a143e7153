namespace CovidCxr.Learning.Checkpoints;

/// <summary>What <see cref="PickleMachine"/> knows; nothing else can come out of a pickle.</summary>
abstract record PickleValue
{
    private PickleValue()
    {
    }

    public sealed record None : PickleValue
    {
        public static readonly None Instance = new();
    }

    /// <summary>Numbers and booleans that are no sizes; nobody reads them.</summary>
    public sealed record Ignored : PickleValue
    {
        public static readonly Ignored Instance = new();
    }

    public sealed record Integer(long Value) : PickleValue;

    public sealed record Text(string Value) : PickleValue;

    public sealed record Tuple(IReadOnlyList<PickleValue> Items) : PickleValue;

    /// <summary>Lists stand only beside a state dict (an optimizer's), so their items are counted and dropped.</summary>
    public sealed record List : PickleValue;

    public sealed record Global(PickleGlobal Kind, string? StorageType = null) : PickleValue;

    /// <summary>A file `data/Key` of the archive with so many elements of a safetensors type.</summary>
    public sealed record Storage(string Type, string Key, long Elements) : PickleValue;

    public sealed record Tensor(Storage Source, long Offset, long[] Sizes, long[] Strides) : PickleValue;

    // A class with identity: a hostile dict may hold itself, and records compare by content.
    public sealed record Dict : PickleValue
    {
        public Dictionary<string, PickleValue> Items { get; } = new(StringComparer.Ordinal);

        public bool Equals(Dict? other) => ReferenceEquals(this, other);

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);
    }
}

enum PickleGlobal
{
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    StorageType,
}
