using System.Buffers.Binary;

namespace CovidCxr.Learning.Onnx;

/// <summary>One field of a Protocol Buffers message: a number, or bytes that may be text, numbers or a message of their own.</summary>
readonly record struct ProtobufField(int Number, ulong Value, ReadOnlyMemory<byte> Bytes);

/// <summary>Reads messages of Protocol Buffers, field by field. Source: protobuf.dev, "Encoding".</summary>
static class ProtobufReader
{
    /// <exception cref="InvalidDataException">The bytes are no message.</exception>
    public static IEnumerable<ProtobufField> Fields(ReadOnlyMemory<byte> message)
    {
        var at = 0;
        while (at < message.Length)
        {
            var tag = Varint(message.Span, ref at);
            var number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    yield return new(number, Varint(message.Span, ref at), default);
                    break;
                case 1:
                    yield return new(number, BinaryPrimitives.ReadUInt64LittleEndian(Take(message, ref at, 8).Span), default);
                    break;
                case 2:
                    var length = Varint(message.Span, ref at);
                    yield return new(number, 0, Take(message, ref at, length));
                    break;
                case 5:
                    yield return new(number, BinaryPrimitives.ReadUInt32LittleEndian(Take(message, ref at, 4).Span), default);
                    break;
                default:
                    throw new InvalidDataException("The message has a field of an unknown kind.");
            }
        }
    }

    /// <summary>Whole numbers packed into one field.</summary>
    public static IReadOnlyList<long> Packed(ReadOnlyMemory<byte> numbers)
    {
        var values = new List<long>();
        for (var at = 0; at < numbers.Length;)
        {
            values.Add((long)Varint(numbers.Span, ref at));
        }

        return values;
    }

    static ReadOnlyMemory<byte> Take(ReadOnlyMemory<byte> message, ref int at, ulong length)
    {
        if (length > (ulong)(message.Length - at))
        {
            throw new InvalidDataException("The message ends amid a field.");
        }

        var taken = message.Slice(at, (int)length);
        at += (int)length;
        return taken;
    }

    static ulong Varint(ReadOnlySpan<byte> message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (at >= message.Length)
            {
                break;
            }

            var part = message[at++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("The message ends amid a number.");
    }
}
