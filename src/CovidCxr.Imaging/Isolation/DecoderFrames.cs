using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Dicom;

namespace CovidCxr.Imaging.Isolation;

/// <summary>One file on its way to the process that decodes.</summary>
sealed record DecodeRequest(byte[] Bytes, int MaxMegapixels, int MaxFileMegabytes, int MinSidePixels, bool TakesBlank)
{
    public ImagingOptions Limits => new()
    {
        MaxMegapixels = MaxMegapixels,
        MaxFileMegabytes = MaxFileMegabytes,
        MinSidePixels = MinSidePixels,
    };
}

/// <summary>
/// What the two processes say to each other: numbers of 32 bits, little-endian, and then as many bytes as they announce. Who has decoded a
/// hostile file may itself be hostile, so every number of a reply is checked before memory is taken for it.
/// </summary>
static class DecoderFrames
{
    const int Mark = 0x46584443, RequestNumbers = 6, MaxWords = 8192, MaxMessage = 400;

    sealed record Reply(
        RefusalReason? Reason, string? Message, int Width, int Height, int Bits, ScanFormat Format, DicomHeader? Header);

    public static void WriteRequest(Stream to, DecodeRequest request)
    {
        WriteNumbers(
            to, Mark, request.MaxMegapixels, request.MaxFileMegabytes, request.MinSidePixels, request.TakesBlank ? 1 : 0,
            request.Bytes.Length);
        to.Write(request.Bytes);
        to.Flush();
    }

    /// <returns>Null at the end of the stream.</returns>
    /// <exception cref="InvalidDataException">It is no request.</exception>
    public static DecodeRequest? ReadRequest(Stream from)
    {
        Span<byte> numbers = stackalloc byte[RequestNumbers * sizeof(int)];
        if (from.ReadAtLeast(numbers, numbers.Length, throwOnEndOfStream: false) < numbers.Length)
        {
            return null;
        }

        if (Number(numbers, 0) != Mark)
        {
            throw new InvalidDataException("This is no request.");
        }

        var bytes = new byte[Number(numbers, 5)];
        from.ReadExactly(bytes);
        return new(bytes, Number(numbers, 1), Number(numbers, 2), Number(numbers, 3), Number(numbers, 4) != 0);
    }

    public static void WriteReply(Stream to, DecodeResult result)
    {
        var decoded = result as DecodeResult.Decoded;
        var refused = result as DecodeResult.Refused;
        var words = JsonSerializer.SerializeToUtf8Bytes(new Reply(
            refused?.Reason, refused?.Message, decoded?.Image.Width ?? 0, decoded?.Image.Height ?? 0, decoded?.Image.BitsStored ?? 0,
            decoded?.Format ?? default, decoded?.Header));
        WriteNumbers(to, Mark, words.Length);
        to.Write(words);
        to.Write(MemoryMarshal.AsBytes<ushort>(decoded?.Image.Samples ?? []));
        to.Flush();
    }

    /// <exception cref="EndOfStreamException">The process ended.</exception>
    /// <exception cref="InvalidDataException">What came is no reply to such a request.</exception>
    public static DecodeResult ReadReply(Stream from, DecodeRequest request)
    {
        Span<byte> numbers = stackalloc byte[2 * sizeof(int)];
        from.ReadExactly(numbers);
        if (Number(numbers, 0) != Mark || Number(numbers, 1) is not (> 0 and <= MaxWords and var length))
        {
            throw new InvalidDataException("This is no reply.");
        }

        var words = new byte[length];
        from.ReadExactly(words);
        var reply = Parse(words);
        if (reply.Reason is { } reason)
        {
            return new DecodeResult.Refused(reason, reply.Message!);
        }

        if (reply.Width < 1 || reply.Height < 1 || (long)reply.Width * reply.Height > request.MaxMegapixels * 1_000_000L)
        {
            throw new InvalidDataException("No picture has these sides.");
        }

        var samples = new ushort[reply.Width * reply.Height];
        from.ReadExactly(MemoryMarshal.AsBytes(samples.AsSpan()));
        return reply.Bits == 8 && samples.AsSpan().ContainsAnyExceptInRange((ushort)0, (ushort)255)
            ? throw new InvalidDataException("A sample is larger than its bits.")
            : new DecodeResult.Decoded(new(reply.Width, reply.Height, reply.Bits, samples), reply.Format, reply.Header);
    }

    static Reply Parse(byte[] words)
    {
        try
        {
            return JsonSerializer.Deserialize<Reply>(words) is { } reply && IsSensible(reply)
                ? reply
                : throw new InvalidDataException("The reply says what none says.");
        }
        catch (JsonException)
        {
            // Without its words, which quote the reply.
            throw new InvalidDataException("The reply is no JSON.");
        }
    }

    static bool IsSensible(Reply reply) => reply.Reason is { } reason
        ? Enum.IsDefined(reason) && reply.Message is { Length: > 0 and <= MaxMessage } message && !message.Any(char.IsControl)
        : reply.Bits is 8 or 16 && Enum.IsDefined(reply.Format) && reply.Header?.IsWellFormed != false;

    static void WriteNumbers(Stream to, params ReadOnlySpan<int> numbers)
    {
        Span<byte> bytes = stackalloc byte[numbers.Length * sizeof(int)];
        for (var i = 0; i < numbers.Length; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes[(i * sizeof(int))..], numbers[i]);
        }

        to.Write(bytes);
    }

    static int Number(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadInt32LittleEndian(bytes[(index * sizeof(int))..]);
}
