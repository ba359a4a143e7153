using System.Runtime.InteropServices;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests.Checkpoints;

/// <summary>Against files of PyTorch 1.13 (Golden/pickles.py).</summary>
public class PickleStateDictTests
{
    static readonly Dictionary<string, Dictionary<string, Golden>> Expected =
        GoldenFile.Json<Dictionary<string, Dictionary<string, Golden>>>("pickles.json");

    public static TheoryData<string> Files => [.. Expected.Keys];

    [Theory]
    [MemberData(nameof(Files))]
    public void Read_AFileOfTorchSave_HoldsWhatPythonPutIn(string name)
    {
        var actual = PickleStateDict.Read(GoldenFile.Path($"pickles/{name}.pth"));

        var expected = Expected[name];
        Assert.Equal(expected.Keys, actual.Keys);
        Assert.All(expected, e =>
        {
            Assert.Equal(e.Value.Type, actual[e.Key].Type);
            Assert.Equal(e.Value.Shape, actual[e.Key].Shape);
            Assert.Equal(e.Value.Values, Doubles(actual[e.Key]));
        });
    }

    [Theory]
    [InlineData("old_format", "before version 1.6")]
    [InlineData("whole_network", "torch.nn.modules.container.Sequential")]
    [InlineData("bool", "BoolStorage")]
    [InlineData("list", "no state dict")]
    [InlineData("empty", "empty")]
    [InlineData("number", "b of the state dict is no tensor")]
    [InlineData("expanded", "outside its storage")]
    [InlineData("quantized", "_rebuild_qtensor")]
    [InlineData("script", "TorchScript")]
    public void Read_AnotherThingOfTorch_IsRefusedInWordsOfItsOwn(string name, string words)
    {
        var refusal = Assert.Throws<ModelFileException>(() => PickleStateDict.Read(GoldenFile.Path($"pickles/refused_{name}.pth")));

        Assert.Contains(words, refusal.Message, StringComparison.Ordinal);
    }

    // PyTorch's own restricted reader takes a Parameter for the tensor in it.
    [Fact]
    public void Read_AParameter_IsItsTensor()
    {
        var file = new PickleBuilder().Start().Code("}").Text("a").Global("torch._utils", "_rebuild_parameter").Code("(")
            .Tensor("0", 2, 0, [2], [1]).Raw(0x88)
            .Global("collections", "OrderedDict").Code(")RtRs.").Entry("archive/data/0", [0, 0, 128, 63, 0, 0, 0, 64]).ToArchive();

        Assert.Equal([1f, 2f], PickleStateDict.Read(new MemoryStream(file))["a"].ToFloats());
    }

    [Fact]
    public void Read_AMissingFile_IsAModelFileException() =>
        Assert.Throws<ModelFileException>(() => PickleStateDict.Read(Path.Combine(Path.GetTempPath(), "there-is-no-such-file.pth")));

    static double[] Doubles(StoredTensor tensor) => tensor.Type switch
    {
        "F64" => MemoryMarshal.Cast<byte, double>(tensor.Data.Span).ToArray(),
        "I64" => [.. MemoryMarshal.Cast<byte, long>(tensor.Data.Span).ToArray().Select(v => (double)v)],
        "I32" => [.. MemoryMarshal.Cast<byte, int>(tensor.Data.Span).ToArray().Select(v => (double)v)],
        "U8" => [.. tensor.Data.ToArray().Select(v => (double)v)],
        _ => [.. tensor.ToFloats().Select(v => (double)v)],
    };

    public sealed record Golden(string Type, long[] Shape, double[] Values);
}
