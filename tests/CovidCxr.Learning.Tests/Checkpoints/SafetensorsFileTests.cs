using System.Buffers.Binary;
using System.Text;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Testing;

namespace CovidCxr.Learning.Tests.Checkpoints;

public class SafetensorsFileTests
{
    [Fact]
    public void Parse_WhatWriteWrote_IsTheSame()
    {
        var (tensors, metadata) = SafetensorsFile.Parse(Sound());

        Assert.Equal(["a", "b"], tensors.Keys.Order());
        Assert.Equal([1f, 2f, 3f, 4f], tensors["a"].ToFloats());
        Assert.Equal([2L, 2L], tensors["a"].Shape);
        Assert.Equal("I64", tensors["b"].Type);
        Assert.Equal("y \u00fc \"", metadata["x"]);
    }

    // The example of the format's README, byte by byte.
    [Fact]
    public void Parse_AFileOfTheReferenceFormat_IsRead() =>
        Assert.Equal([1f, -2f], SafetensorsFile.Parse(
            File("""{"t":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]}}""", 0x00, 0x3c, 0x00, 0xc0)).Tensors["t"].ToFloats());

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""{""")]
    [InlineData("""{"t":1}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":["1"],"data_offsets":[0,4]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,4]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"t":{"dtype":null,"shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"t":{"dtype":"Q4","shape":[1],"data_offsets":[0,4]}}""")]
    [InlineData("""{"t":{"dtype":"F32","shape":null,"data_offsets":[0,4]}}""")]
    [InlineData("""{}""")]
    [InlineData("""{"t":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"u":{"dtype":"U8","shape":[1],"data_offsets":[3,4]}}""")]
    [InlineData("""{"t":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"u":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""")]
    [InlineData("""{"t":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"t":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""")]
    [InlineData("""{"__metadata__":{"x":1},"t":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""")]
    [InlineData("""{"__metadata__":{"x":"1","x":"2"},"t":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""")]
    public void Parse_AHeaderThatLies_IsRefused(string header) =>
        Assert.Throws<ModelFileException>(() => SafetensorsFile.Parse(File(header, 1, 2, 3, 4)));

    // 2^30 to the fourth by 2^8 is 0 in 128 bits.
    [Fact]
    public void Parse_AShapeThatOverflows_IsRefused() => Assert.Throws<ModelFileException>(() =>
        SafetensorsFile.Parse(
            File("""{"t":{"dtype":"U8","shape":[1073741824,1073741824,1073741824,1073741824,256],"data_offsets":[0,0]}}""")));

    [Fact]
    public void Parse_ManyLevels_AreRefused() => Assert.Throws<ModelFileException>(() =>
        SafetensorsFile.Parse(File($$"""{"t":{{new string('[', 100_000)}}{{new string(']', 100_000)}}}""")));

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void Parse_LessThanALength_IsRefused(int length) =>
        Assert.Throws<ModelFileException>(() => SafetensorsFile.Parse(new byte[length]));

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 40)]
    [InlineData(100_000_001UL)]
    [InlineData(3UL)]
    public void Parse_AnImpossibleHeaderLength_IsRefused(ulong length)
    {
        var file = new byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(file, length);

        Assert.Throws<ModelFileException>(() => SafetensorsFile.Parse(file));
    }

    [Fact]
    public void Parse_CutShortAnywhere_IsRefused()
    {
        var whole = Sound();

        Assert.All(Enumerable.Range(0, whole.Length), length =>
            Assert.Throws<ModelFileException>(() => SafetensorsFile.Parse(whole.AsMemory(0, length))));
        Assert.Throws<ModelFileException>(() => SafetensorsFile.Parse((byte[])[.. whole, 0]));
    }

    [Fact]
    public void Parse_RandomFlips_AreReadOrRefused()
    {
        var (whole, random) = (Sound(), new SplitMix64(4));
        for (var i = 0; i < 5000; i++)
        {
            var copy = whole.ToArray();
            for (var flips = 1 + random.Below(4); flips > 0; flips--)
            {
                copy[random.Below(copy.Length)] = (byte)random.Below(256);
            }

            try
            {
                SafetensorsFile.Parse(copy);
            }
            catch (ModelFileException)
            {
            }
        }
    }

    static byte[] Sound()
    {
        var stream = new MemoryStream();
        SafetensorsFile.Write(
            stream, [new("b", new("I64", [], new byte[8])), new("a", TestTensor.Of([1, 2, 3, 4], [2, 2]))],
            new Dictionary<string, string> { ["x"] = "y \u00fc \"" });
        return stream.ToArray();
    }

    static byte[] File(string header, params byte[] data)
    {
        var json = Encoding.UTF8.GetBytes(header);
        var length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
        return [.. length, .. json, .. data];
    }
}
