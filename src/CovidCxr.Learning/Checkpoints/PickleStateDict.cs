namespace CovidCxr.Learning.Checkpoints;

/// <summary>
/// Reads the state dict of a PyTorch file (.pth, .pt, of PyTorch 1.6 or later) without Python and without executing what a pickle may ask
/// for. A file is untrusted: sizes, strides, offsets, lengths and names are checked before memory is taken.
/// </summary>
public static class PickleStateDict
{
    // Where training scripts put the weights beside the epoch, the optimizer and so on.
    static readonly string[] Nests = ["state_dict", "model_state_dict", "model_state", "model", "network", "net", "weights"];

    const int MaxNesting = 4, MaxNameLength = 300;

    /// <summary>Whether the bytes start as a .pth file of either format does.</summary>
    public static bool IsTorchFile(ReadOnlySpan<byte> start) => start.StartsWith("PK"u8) || IsOldFormat(start);

    /// <exception cref="ModelFileException">Anything but a state dict, or a damaged one. The message says what.</exception>
    public static IReadOnlyDictionary<string, StoredTensor> Read(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            return Read(stream);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelFileException("The file of weights cannot be read.", e);
        }
    }

    /// <param name="stream">Seekable, at its start.</param>
    /// <exception cref="ModelFileException">Anything but a state dict, or a damaged one.</exception>
    public static IReadOnlyDictionary<string, StoredTensor> Read(Stream stream)
    {
        Span<byte> start = stackalloc byte[4];
        var read = stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        if (IsOldFormat(start[..read]))
        {
            throw new ModelFileException(
                "This is PyTorch's format of before version 1.6, which is not read. Save it anew with Python: "
                + "import torch; torch.save(torch.load('old.pth', map_location='cpu'), 'new.pth')");
        }

        stream.Position = 0;
        using var archive = new TorchArchive(stream);
        var dict = FindStateDict(new PickleMachine(archive.ReadPickle()).Run());
        return Tensors(dict, archive, stream.Length);
    }

    // The first instruction of a bare pickle: its protocol.
    static bool IsOldFormat(ReadOnlySpan<byte> start) => start is [0x80, >= 1 and <= 5, ..];

    static PickleValue.Dict FindStateDict(PickleValue root)
    {
        for (var depth = 0; depth < MaxNesting && root is PickleValue.Dict dict; depth++)
        {
            var inner = Nests.Select(n => dict.Items.GetValueOrDefault(n)).FirstOrDefault(v => v is PickleValue.Dict);
            if (inner is null)
            {
                return dict.Items.Count > 0 ? dict : throw new ModelFileException("The file's state dict is empty.");
            }

            root = inner;
        }

        throw new ModelFileException("The file holds no state dict: save network.state_dict() with torch.save.");
    }

    static Dictionary<string, StoredTensor> Tensors(PickleValue.Dict dict, TorchArchive archive, long fileLength)
    {
        var storages = new Dictionary<string, (PickleValue.Storage Kind, byte[] Bytes)>(StringComparer.Ordinal);
        var result = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        // Storages lie in the file, plain tensors are slices of them; only copies of others must be limited.
        var (held, copied) = (0L, 0L);
        foreach (var (name, value) in dict.Items)
        {
            var tensor = value as PickleValue.Tensor
                ?? throw new ModelFileException($"{PickleMachine.Printable(name)} of the state dict is no tensor.");
            CheckName(name);
            if (!storages.TryGetValue(tensor.Source.Key, out var storage))
            {
                storage = (tensor.Source, archive.ReadStorage(
                    tensor.Source.Key, (UInt128)tensor.Source.Elements * (UInt128)StoredTensor.SizeOf(tensor.Source.Type)!.Value));
                storages.Add(tensor.Source.Key, storage);
                held += storage.Bytes.Length;
            }

            if (storage.Kind != tensor.Source)
            {
                throw new ModelFileException($"The storage of {name} is described in two ways.");
            }

            var view = TensorView.Of(name, tensor);
            copied += view.IsContiguous ? 0 : view.Bytes;
            if (held > fileLength || copied > fileLength)
            {
                throw new ModelFileException("The file describes more weights than it has bytes.");
            }

            result.Add(name, new(tensor.Source.Type, tensor.Sizes, view.Read(storage.Bytes)));
        }

        return result;
    }

    static void CheckName(string name)
    {
        if (name.Length is 0 or > MaxNameLength || name.Any(c => c is <= ' ' or > '~'))
        {
            throw new ModelFileException("A name in the state dict is empty, too long or not of plain letters.");
        }
    }
}
