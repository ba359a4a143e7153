using System.IO.Compression;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests.Checkpoints;

/// <summary>What a stranger may send under the name of weights.</summary>
public class HostilePickleTests
{
    static readonly byte[] SixFloats = new byte[24];

    static PickleBuilder Pickle => new PickleBuilder().Start();

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "load")]
    [InlineData("torch._utils", "_rebuild_device_tensor_from_numpy")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("collections", "OrderedDict.__init__")]
    public void Read_AnotherFunction_IsNamedAndNotCalled(string module, string name)
    {
        var marker = Path.Combine(Path.GetTempPath(), $"covidcxr-{module}-{name}");
        var refusal = Refusal(Pickle.Global(module, name).Text($"touch {marker}").Raw(0x85).Code("R."));

        Assert.Contains($"{module}.{name}", refusal, StringComparison.Ordinal);
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public void Read_AFunctionFromTheStack_IsRefusedLikeAnyOther() =>
        Assert.Contains("os.system", Refusal(Pickle.Text("os").Text("system").Raw(0x93).Code(".")), StringComparison.Ordinal);

    // INST, OBJ, NEWOBJ, NEWOBJ_EX, extension codes, plain PERSID, GET and PUT as text, POP, DUP, STRING, sets, bytes.
    [Theory]
    [InlineData("ios\nsystem\n")]
    [InlineData("(o")]
    [InlineData("\u0081")]
    [InlineData("\u0092")]
    [InlineData("\u0082\u0001")]
    [InlineData("Pstorage\n")]
    [InlineData("g0\n")]
    [InlineData("p0\n")]
    [InlineData("0")]
    [InlineData("2")]
    [InlineData("S'x'\n")]
    [InlineData("\u008f")]
    [InlineData("C\u0001x")]
    public void Read_AnInstructionOfNoStateDict_IsRefused(string code) =>
        Assert.Contains("instruction", Refusal(Pickle.Code("})").Code(code)), StringComparison.Ordinal);

    [Fact]
    public void Read_ANameWithEscapes_IsPrintedHarmless()
    {
        var refusal = Refusal(Pickle.Global("\u001b[2Jevil", new string('x', 5000)));

        Assert.DoesNotContain('\u001b', refusal);
        Assert.True(refusal.Length < 500);
    }

    [Fact]
    public void Read_DeepNesting_EndsInWords()
    {
        var builder = Pickle;
        for (var i = 0; i < 400_000; i++)
        {
            builder.Code(")").Raw(0x85);
        }

        Assert.Contains("no state dict", Refusal(builder.Code(".")), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NestedStateDicts_EndSomewhere()
    {
        // A dict that holds itself as its state_dict.
        var refusal = Refusal(Pickle.Code("}q").Raw(0).Text("state_dict").Code("h").Raw(0).Code("s."));

        Assert.Contains("no state dict", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EndlessInstructions_AreCutOff() =>
        Assert.Contains(
            "too many instructions", Refusal(Pickle.Raw([.. Enumerable.Repeat((byte)'N', 2_000_000)])), StringComparison.Ordinal);

    [Fact]
    public void Read_AMemoBomb_TakesNoMemory()
    {
        // Each tuple holds the last one twice: 2^200 leaves to whoever walks the tree.
        var builder = Pickle.Code(")q").Raw(0);
        for (byte i = 0; i < 200; i++)
        {
            builder.Code("h").Raw(i).Code("h").Raw(i).Raw(0x86).Code("q").Raw((byte)(i + 1));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("no state dict", Refusal(builder.Code(".")), StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 5_000_000);
    }

    [Theory]
    [InlineData(6, 0, new long[] { 7 }, new long[] { 1 })]
    [InlineData(6, 1, new long[] { 6 }, new long[] { 1 })]
    [InlineData(6, -1, new long[] { 2 }, new long[] { 1 })]
    [InlineData(6, 0, new long[] { -1 }, new long[] { 1 })]
    [InlineData(6, 5, new long[] { 2 }, new long[] { -1 })]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 3 })]
    [InlineData(6, 0, new long[] { 2, 3 }, new long[] { 4, 1 })]
    [InlineData(6, 0, new long[] { 1000, 1000 }, new long[] { 0, 0 })]
    [InlineData(6, 0, new long[] { 2 }, new long[] { long.MaxValue })]
    [InlineData(6, long.MaxValue, new long[] { 1 }, new long[] { 1 })]
    [InlineData(6, 0, new long[] { long.MaxValue }, new long[] { 1 })]
    [InlineData(6, 0, new long[] { 1 << 30, 1 << 30, 1 << 30, 1 << 30, 256 }, new long[] { 0, 0, 0, 0, 0 })]
    public void Read_ATensorThatLies_IsRefused(long elements, long offset, long[] sizes, long[] strides) =>
        Assert.Contains("outside its storage", Refusal(OneTensor(elements, offset, sizes, strides)), StringComparison.Ordinal);

    [Theory]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(long.MaxValue)]
    public void Read_AStorageOfAnotherLength_IsRefused(long elements) =>
        Assert.Contains("another length", Refusal(OneTensor(elements, 0, [1], [1])), StringComparison.Ordinal);

    [Fact]
    public void Read_AStorageOfNegativeLength_IsRefused() => Refusal(OneTensor(-6, 0, [1], [1]));

    [Fact]
    public void Read_NineDimensions_AreRefused() => Refusal(OneTensor(6, 0, [1, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 1]));

    [Fact]
    public void Read_OneStorageOfTwoTypes_IsRefused() =>
        Assert.Contains(
            "two ways",
            Refusal(Pickle.Code("}(").Text("a").Tensor("0", 6, 0, [6], [1]).Text("b").Tensor("0", 6, 0, [6], [1], "IntStorage").Code("u.")
            .Entry("archive/data/0", SixFloats)), StringComparison.Ordinal);

    [Fact]
    public void Read_ManyCopiesOfOneStorage_AreRefused()
    {
        const int Side = 100;
        var builder = Pickle.Code("}(");
        for (var i = 0; i < 100; i++)
        {
            builder.Text($"t{i}").Tensor("0", Side * Side, 0, [Side, Side], [1, Side]);
        }

        Assert.Contains(
            "more weights than it has bytes", Refusal(builder.Code("u.").Entry("archive/data/0", new byte[4 * Side * Side])),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../etc/passwd")]
    [InlineData("1")]
    [InlineData("")]
    public void Read_AStorageThatIsNotThere_IsRefused(string key) =>
        Assert.Contains(
            "lacks the storage", Refusal(Pickle.Code("}").Text("a").Tensor(key, 6, 0, [6], [1]).Code("s.")), StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a\u001b[2J")]
    [InlineData("\u00fc")]
    public void Read_AStrangeName_IsRefused(string name) =>
        Assert.Contains(
            "name", Refusal(Pickle.Code("}").Text(name).Tensor("0", 6, 0, [6], [1]).Code("s.").Entry("archive/data/0", SixFloats)),
            StringComparison.Ordinal);

    [Fact]
    public void Read_ANameTwice_IsRefused() =>
        Assert.Contains(
            "twice", Refusal(Pickle.Code("}(").Text("a").Tensor("0", 6, 0, [6], [1]).Text("a").Tensor("0", 6, 0, [6], [1]).Code("u.")),
            StringComparison.Ordinal);

    [Fact]
    public void Read_AnEntryTwice_IsRefused() =>
        Assert.Contains("twice", Refusal(OneTensor(6, 0, [6], [1]).Entry("archive/data/0", SixFloats)), StringComparison.Ordinal);

    [Fact]
    public void Read_TwoPickles_AreRefused() =>
        Assert.Contains("several", Refusal(OneTensor(6, 0, [6], [1]).Entry("other/data.pkl", SixFloats)), StringComparison.Ordinal);

    [Fact]
    public void Read_ACompressedArchive_IsRefusedBeforeItIsUnpacked()
    {
        var bomb = new PickleBuilder { Compression = CompressionLevel.Optimal }.Start().Code("}").Text("a")
            .Tensor("0", 25_000_000, 0, [25_000_000], [1]).Code("s.")
            .Entry("archive/data/0", new byte[100_000_000]);
        var file = bomb.ToArchive();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var refusal = Assert.Throws<ModelFileException>(() => Read(file));
        Assert.Contains("compressed", refusal.Message, StringComparison.Ordinal);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 5_000_000);
    }

    [Theory]
    [InlineData("big")]
    [InlineData("middle")]
    public void Read_AnotherByteOrder_IsRefused(string order) =>
        Assert.Contains(
            "big-endian", Refusal(OneTensor(6, 0, [6], [1]).Entry("archive/byteorder", System.Text.Encoding.ASCII.GetBytes(order))),
            StringComparison.Ordinal);

    [Fact]
    public void Read_LittleByteOrderSaid_IsRead() =>
        Assert.Equal([6], Read(OneTensor(6, 0, [6], [1]).Entry("archive/byteorder", "little"u8.ToArray()).ToArchive())["a"].Shape);

    [Fact]
    public void Read_AFlippedWeight_IsFoundByTheChecksum()
    {
        var weights = new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24 };
        var file = Pickle.Code("}").Text("a").Tensor("0", 6, 0, [6], [1]).Code("s.").Entry("archive/data/0", weights).ToArchive();
        file[file.AsSpan().IndexOf(weights) + 7] ^= 1;

        Assert.Contains("checksum", Assert.Throws<ModelFileException>(() => Read(file)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("views")]
    [InlineData("training")]
    [InlineData("protocol4")]
    public void Read_CutShortAnywhere_IsRefused(string name)
    {
        var whole = File.ReadAllBytes(GoldenFile.Path($"pickles/{name}.pth"));

        Assert.All(Enumerable.Range(0, whole.Length), length => Assert.Throws<ModelFileException>(() => Read(whole[..length])));
    }

    // Some flips do no harm (dates, padding); none may do anything but be read or be refused.
    [Theory]
    [Trait("Speed", "Slow")]
    [InlineData("views", 1)]
    [InlineData("training", 2)]
    [InlineData("refused_whole_network", 3)]
    public void Read_RandomFlips_AreReadOrRefused(string name, int seed)
    {
        var whole = File.ReadAllBytes(GoldenFile.Path($"pickles/{name}.pth"));
        var random = new SplitMix64(seed);
        for (var i = 0; i < 4000; i++)
        {
            Try(Flipped(whole, random));
        }
    }

    // Inside a sound archive, so that every flip reaches the machine.
    [Fact]
    [Trait("Speed", "Slow")]
    public void Read_RandomFlipsOfThePickle_AreReadOrRefused()
    {
        byte[] pickle;
        using (var zip = ZipFile.OpenRead(GoldenFile.Path("pickles/training.pth")))
        using (var copy = new MemoryStream())
        {
            zip.GetEntry("training/data.pkl")!.Open().CopyTo(copy);
            pickle = copy.ToArray();
        }

        var random = new SplitMix64(9);
        for (var i = 0; i < 4000; i++)
        {
            Try(new PickleBuilder().Raw(Flipped(pickle, random)).Entry("archive/data/0", SixFloats).ToArchive());
        }
    }

    static byte[] Flipped(byte[] whole, SplitMix64 random)
    {
        var copy = whole.ToArray();
        for (var flips = 1 + random.Below(8); flips > 0; flips--)
        {
            copy[random.Below(copy.Length)] = (byte)random.Below(256);
        }

        return copy;
    }

    static void Try(byte[] file)
    {
        try
        {
            Read(file);
        }
        catch (ModelFileException)
        {
        }
    }

    static PickleBuilder OneTensor(long elements, long offset, long[] sizes, long[] strides) =>
        Pickle.Code("}").Text("a").Tensor("0", elements, offset, sizes, strides).Code("s.").Entry("archive/data/0", SixFloats);

    static string Refusal(PickleBuilder builder) => Assert.Throws<ModelFileException>(() => Read(builder.ToArchive())).Message;

    static IReadOnlyDictionary<string, StoredTensor> Read(byte[] file) => PickleStateDict.Read(new MemoryStream(file));
}
