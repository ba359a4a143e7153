using System.IO.Pipelines;
using System.Text;
using CovidCxr.Hospital.Hl7;

namespace CovidCxr.Hospital.Tests.Hl7;

/// <summary>Frames on a stream, in any pieces, and what is no frame.</summary>
public sealed class MllpConnectionTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static Task<byte[]?> ReadAsync(MllpConnection connection) => connection.ReadAsync(Patience, null, Cancellation);

    static MllpConnection Of(byte[] bytes) => new(new MemoryStream(bytes));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8192)]
    [InlineData(100_000)]
    public async Task Messages_ArriveWhole_InWhateverPieces(int piece)
    {
        var (random, pipe) = (new Random(piece), new Pipe());
        var messages = Enumerable.Range(0, 20).Select(i => new string((char)('a' + i), random.Next(piece == 1 ? 500 : 60_000))).ToList();
        byte[] all = [.. messages.SelectMany((m, i) => i == 5 ? [(byte)'\r', (byte)'\n', .. Adt.Frame(m)] : Adt.Frame(m))];
        var writing = Task.Run(
            async () =>
            {
                for (var at = 0; at < all.Length; at += piece)
                {
                    await pipe.Writer.WriteAsync(all.AsMemory(at, Math.Min(piece, all.Length - at)), Cancellation);
                }

                await pipe.Writer.CompleteAsync();
            },
            Cancellation);
        var connection = new MllpConnection(pipe.Reader.AsStream());

        foreach (var message in messages)
        {
            Assert.Equal(message, Encoding.UTF8.GetString((await ReadAsync(connection))!));
        }

        Assert.Null(await ReadAsync(connection));
        await writing;
    }

    [Fact]
    public async Task Message_ThatIsWritten_IsReadBack()
    {
        using var stream = new MemoryStream();
        await new MllpConnection(stream).WriteAsync("MSH|x\r"u8.ToArray(), Cancellation);

        Assert.Equal(Adt.Frame("MSH|x\r"), stream.ToArray());
        stream.Position = 0;
        Assert.Equal("MSH|x\r", Encoding.UTF8.GetString((await ReadAsync(new(stream)))!));
    }

    public static TheoryData<byte[], string> Broken => new()
    {
        { "GET / HTTP/1.1"u8.ToArray(), "not MLLP" },
        { [.. Enumerable.Repeat((byte)'\r', 17)], "not MLLP" },
        { [0x0B, .. "MSH|"u8], "ended within" },
        { [0x0B, .. "MSH|"u8, 0x1C], "no right end" },
        { [0x0B, .. "MSH|"u8, 0x1C, 0x1C], "no right end" },
        { [0x0B, .. "MSH|"u8, 0x0B, .. "MSH|"u8, 0x1C, 0x0D], "within another" },
        { [0x0B, .. new byte[Hl7Message.MaxBytes + 1], 0x1C, 0x0D], "longer than 1 MB" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task Bytes_ThatAreNoMessage_EndIt(byte[] bytes, string words) => Assert.Contains(
        words, (await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(Of(bytes)))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Message_OfTheLargestSize_IsRead() =>
        Assert.Equal(Hl7Message.MaxBytes, (await ReadAsync(Of([0x0B, .. new byte[Hl7Message.MaxBytes], 0x1C, 0x0D])))!.Length);

    [Fact]
    public async Task Message_ThatDoesNotEndInTime_IsGivenUp()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(new byte[] { 0x0B, (byte)'M' }, Cancellation);
        var begun = false;

        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => new MllpConnection(pipe.Reader.AsStream()).ReadAsync(
            TimeSpan.FromMilliseconds(100), () => begun = true, Cancellation));

        Assert.True(begun);
        Assert.Contains("in time", fault.Message, StringComparison.Ordinal);
    }
}
