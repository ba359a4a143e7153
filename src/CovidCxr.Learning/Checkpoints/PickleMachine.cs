using System.Buffers.Binary;
using System.Text;

namespace CovidCxr.Learning.Checkpoints;

/// <summary>
/// Reads the pickle of a PyTorch state dict with a stack machine that can make dicts, tuples, numbers, strings and descriptions of tensors,
/// and nothing else: there is no object to import and no function to call. Source: cpython, Lib/pickletools.py; torch/serialization.py.
/// </summary>
/// <remarks>Never recursive, and every instruction makes at most one value: time and memory are bounded by the number of
/// instructions.</remarks>
sealed class PickleMachine(ReadOnlyMemory<byte> pickle)
{
    // ResNet152 with an optimizer's state needs a tenth of it.
    const int MaxInstructions = 1_000_000;
    const int MaxDimensions = 8;

    static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    static readonly Dictionary<string, string> StorageTypes = new(StringComparer.Ordinal)
    {
        ["DoubleStorage"] = "F64",
        ["FloatStorage"] = "F32",
        ["HalfStorage"] = "F16",
        ["BFloat16Storage"] = "BF16",
        ["LongStorage"] = "I64",
        ["IntStorage"] = "I32",
        ["ByteStorage"] = "U8",
    };

    readonly List<PickleValue?> _stack = [];
    readonly Dictionary<uint, PickleValue> _memo = [];
    int _position;

    /// <summary>The value that the pickle describes.</summary>
    /// <exception cref="ModelFileException">It describes anything else than a state dict is made of, or is damaged.</exception>
    public PickleValue Run()
    {
        for (var count = 0; count < MaxInstructions; count++)
        {
            var code = Bytes(1)[0];
            if (code == '.')
            {
                return Pop();
            }

            Execute(code);
        }

        throw new ModelFileException("The pickle has too many instructions for a state dict.");
    }

    void Execute(byte code)
    {
        switch (code)
        {
            case 0x80:
                CheckProtocol(Bytes(1)[0]);
                break;
            case 0x95:
                // A frame's length; its content follows in the same stream.
                Bytes(8);
                break;
            case (byte)'(':
                _stack.Add(null);
                break;
            case (byte)'}':
                Push(new PickleValue.Dict());
                break;
            case (byte)']':
                Push(new PickleValue.List());
                break;
            case (byte)'a':
                Pop();
                Expect<PickleValue.List>(Peek());
                break;
            case (byte)'e':
                PopToMark();
                Expect<PickleValue.List>(Peek());
                break;
            case (byte)'s':
                SetItems(PopMany(2));
                break;
            case (byte)'u':
                SetItems(PopToMark());
                break;
            case (byte)'c':
                Push(Import(Line(), Line()));
                break;
            case 0x93:
                Push(PopMany(2) is [PickleValue.Text module, PickleValue.Text name] ? Import(module.Value, name.Value) : throw Damaged());
                break;
            case (byte)'Q':
                Push(StorageOf(Pop()));
                break;
            case (byte)'R':
                var arguments = Expect<PickleValue.Tuple>(Pop());
                Push(Call(Expect<PickleValue.Global>(Pop()), arguments.Items));
                break;
            case (byte)'b':
                // The attributes of an OrderedDict: torch keeps versions of modules there.
                Pop();
                Expect<PickleValue.Dict>(Peek());
                break;
            default:
                ExecuteValue(code);
                break;
        }
    }

    void ExecuteValue(byte code)
    {
        switch (code)
        {
            case (byte)'N':
                Push(PickleValue.None.Instance);
                break;
            case 0x88 or 0x89:
                Push(PickleValue.Ignored.Instance);
                break;
            case (byte)'G':
                Bytes(8);
                Push(PickleValue.Ignored.Instance);
                break;
            case (byte)'K':
                Push(new PickleValue.Integer(Bytes(1)[0]));
                break;
            case (byte)'M':
                Push(new PickleValue.Integer(BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2))));
                break;
            case (byte)'J':
                Push(new PickleValue.Integer(BinaryPrimitives.ReadInt32LittleEndian(Bytes(4))));
                break;
            case 0x8a:
                Push(new PickleValue.Integer(LongOf(Bytes(Bytes(1)[0]))));
                break;
            case (byte)'X':
                Push(TextOf(Bytes(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)))));
                break;
            case 0x8c or (byte)'U':
                Push(TextOf(Bytes(Bytes(1)[0])));
                break;
            case (byte)')':
                Push(new PickleValue.Tuple([]));
                break;
            case 0x85 or 0x86 or 0x87:
                Push(new PickleValue.Tuple(PopMany(code - 0x84)));
                break;
            case (byte)'t':
                Push(new PickleValue.Tuple(PopToMark()));
                break;
            case (byte)'q':
                _memo[Bytes(1)[0]] = Peek();
                break;
            case (byte)'r':
                _memo[BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))] = Peek();
                break;
            case 0x94:
                _memo[(uint)_memo.Count] = Peek();
                break;
            case (byte)'h':
                Push(Recall(Bytes(1)[0]));
                break;
            case (byte)'j':
                Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))));
                break;
            default:
                throw new ModelFileException(
                    $"The pickle has the instruction 0x{code:x2}, which no state dict needs. Nothing of it was executed.");
        }
    }

    static PickleValue.Global Import(string module, string name) => (module, name) switch
    {
        ("collections", "OrderedDict") => new(PickleGlobal.OrderedDict),
        ("torch._utils", "_rebuild_tensor_v2") => new(PickleGlobal.RebuildTensor),
        ("torch._utils", "_rebuild_parameter" or "_rebuild_parameter_with_state") => new(PickleGlobal.RebuildParameter),
        ("torch", _) when StorageTypes.TryGetValue(name, out var type) => new(PickleGlobal.StorageType, type),
        ("torch", _) when name.EndsWith("Storage", StringComparison.Ordinal) =>
            throw new ModelFileException($"The file holds tensors of type {Printable(name)}, which are not read."),
        _ =>
            throw new ModelFileException(
                $"The file asks for the Python object {Printable(module)}.{Printable(name)}, which is not part of a state dict. Nothing "
                    + $"of it was executed. Save network.state_dict() instead of the network."),
    };

    // Hooks and requires_grad are of no use here.
    static PickleValue Call(PickleValue.Global function, IReadOnlyList<PickleValue> arguments) => (function.Kind, arguments) switch
    {
        (PickleGlobal.OrderedDict, []) => new PickleValue.Dict(),
        (
            PickleGlobal.RebuildTensor,
            [PickleValue.Storage storage, PickleValue.Integer offset, PickleValue.Tuple sizes, PickleValue.Tuple strides, _, _, ..]) =>
            new PickleValue.Tensor(storage, offset.Value, Integers(sizes), Integers(strides)),
        (PickleGlobal.RebuildParameter, [PickleValue.Tensor tensor, _, _, ..]) => tensor,
        _ => throw Damaged(),
    };

    // ('storage', type, key, device, elements): what torch.save writes for every storage.
    static PickleValue.Storage StorageOf(PickleValue id) =>
        id is PickleValue.Tuple
        {
            Items: [
                PickleValue.Text { Value: "storage" }, PickleValue.Global { StorageType: { } type }, PickleValue.Text key, PickleValue.Text,
                PickleValue.Integer { Value: >= 0 } elements]
        }
            ? new(type, key.Value, elements.Value)
            : throw Damaged();

    static long[] Integers(PickleValue.Tuple tuple) =>
        tuple.Items.Count <= MaxDimensions && tuple.Items.All(i => i is PickleValue.Integer)
            ? [.. tuple.Items.Select(i => ((PickleValue.Integer)i).Value)]
            : throw Damaged();

    void SetItems(PickleValue[] items)
    {
        var dict = Expect<PickleValue.Dict>(Peek());
        if (items.Length % 2 != 0)
        {
            throw Damaged();
        }

        for (var i = 0; i < items.Length; i += 2)
        {
            // Numbers are keys of an optimizer's state, never of a state dict. A prefix keeps them from posing as names.
            var key = items[i] switch
            {
                PickleValue.Text text => text.Value,
                PickleValue.Integer number => $"\0{number.Value}",
                _ => throw Damaged(),
            };
            if (!dict.Items.TryAdd(key, items[i + 1]))
            {
                throw new ModelFileException($"The name {Printable(key)} stands twice in the file.");
            }
        }
    }

    static void CheckProtocol(byte version)
    {
        if (version is < 2 or > 5)
        {
            throw new ModelFileException($"The pickle has protocol {version}; 2 to 5 are read.");
        }
    }

    static long LongOf(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > 8)
        {
            throw new ModelFileException("The pickle holds a number of more than 64 bits.");
        }

        var value = bytes.Length > 0 && (bytes[^1] & 0x80) != 0 ? -1L : 0;
        for (var i = bytes.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }

    static PickleValue.Text TextOf(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return new(Utf8.GetString(bytes));
        }
        catch (DecoderFallbackException)
        {
            throw Damaged();
        }
    }

    string Line()
    {
        var length = pickle.Span[_position..].IndexOf((byte)'\n');
        var line = Encoding.Latin1.GetString(Bytes(length < 0 ? uint.MaxValue : (uint)length));
        _position++;
        return line;
    }

    ReadOnlySpan<byte> Bytes(uint count)
    {
        if (count > pickle.Length - _position)
        {
            throw new ModelFileException("The pickle ends in the middle: the file is damaged or was cut short.");
        }

        _position += (int)count;
        return pickle.Span.Slice(_position - (int)count, (int)count);
    }

    void Push(PickleValue value) => _stack.Add(value);

    PickleValue Peek() => _stack.Count > 0 && _stack[^1] is { } top ? top : throw Damaged();

    PickleValue Pop()
    {
        var top = Peek();
        _stack.RemoveAt(_stack.Count - 1);
        return top;
    }

    PickleValue[] PopMany(int count)
    {
        var items = new PickleValue[count];
        for (var i = count - 1; i >= 0; i--)
        {
            items[i] = Pop();
        }

        return items;
    }

    PickleValue[] PopToMark()
    {
        var mark = _stack.LastIndexOf(null);
        if (mark < 0)
        {
            throw Damaged();
        }

        var items = PopMany(_stack.Count - mark - 1);
        _stack.RemoveAt(mark);
        return items;
    }

    PickleValue Recall(uint index) => _memo.TryGetValue(index, out var value) ? value : throw Damaged();

    static T Expect<T>(PickleValue value)
        where T : PickleValue => value as T ?? throw Damaged();

    static ModelFileException Damaged() => new("The pickle is damaged or does not describe a state dict.");

    /// <summary>Names of a hostile file end up on terminals.</summary>
    internal static string Printable(string name)
    {
        var plain = string.Concat(name.Take(80).Select(c => c is > ' ' and <= '~' ? c : '?'));
        return name.Length > 80 ? plain + "..." : plain;
    }
}
