namespace CovidCxr.Hospital.Hl7;

/// <summary>
/// Messages one after the other on a stream, each between 0x0B and 0x1C 0x0D (minimal lower layer protocol). What does not end, or not in
/// time, is given up.
/// </summary>
sealed class MllpConnection(Stream stream)
{
    const byte Start = 0x0B, End = 0x1C, Return = (byte)'\r', Feed = (byte)'\n';

    /// <summary>Ends of lines between messages, which some senders write.</summary>
    const int MaxBetween = 16;

    readonly byte[] _buffer = new byte[8192];
    int _from, _to;

    /// <param name="patience">For the whole of a message, from its first byte on. Before that it waits without end.</param>
    /// <param name="begins">Told at the first byte.</param>
    /// <returns>Null where the peer has ended the connection between two messages.</returns>
    /// <exception cref="InvalidDataException">It is no MLLP, too long or too slow; the words hold nothing of what came.</exception>
    public async Task<byte[]?> ReadAsync(TimeSpan patience, Action? begins, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            if (!await BeginsAsync(deadline.Token))
            {
                return null;
            }

            begins?.Invoke();
            deadline.CancelAfter(patience);
            return await BodyAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new InvalidDataException("a message did not come to its end in time");
        }
    }

    /// <summary>Writes a message in one piece.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        await stream.WriteAsync((byte[])[Start, .. message.Span, End, Return], cancellation);
        await stream.FlushAsync(cancellation);
    }

    async Task<bool> BeginsAsync(CancellationToken cancellation)
    {
        for (var between = 0; await FillAsync(cancellation); between++)
        {
            var sign = _buffer[_from++];
            if (sign == Start)
            {
                return true;
            }

            if (sign is not (Return or Feed) || between == MaxBetween)
            {
                throw new InvalidDataException("what it sends is not MLLP");
            }
        }

        return false;
    }

    async Task<byte[]> BodyAsync(CancellationToken cancellation)
    {
        using var body = new MemoryStream();
        while (await FillAsync(cancellation))
        {
            if (TakePart(body))
            {
                return await FillAsync(cancellation) && _buffer[_from++] == Return
                    ? body.ToArray()
                    : throw new InvalidDataException("a message has no right end");
            }
        }

        throw new InvalidDataException("the connection ended within a message");
    }

    /// <returns>Whether the end came.</returns>
    bool TakePart(MemoryStream body)
    {
        var here = _buffer.AsSpan(_from, _to - _from);
        var end = here.IndexOfAny(Start, End);
        var part = end < 0 ? here : here[..end];
        if (body.Length + part.Length > Hl7Message.MaxBytes)
        {
            throw new InvalidDataException($"a message is longer than {Hl7Message.MaxBytes >> 20} MB");
        }

        body.Write(part);
        _from += part.Length;
        if (end < 0)
        {
            return false;
        }

        return _buffer[_from++] == End ? true : throw new InvalidDataException("a message began within another one");
    }

    async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_from == _to)
        {
            (_from, _to) = (0, await stream.ReadAsync(_buffer, cancellation));
        }

        return _from < _to;
    }
}
