using System.Buffers.Binary;

namespace CovidCxr.Hospital.Inbox;

/// <summary>
/// Bytes between a peer and storescp. A response of success goes on to the peer only when what it acknowledges was taken over.
/// </summary>
/// <param name="take">Takes over the files that lie in the folder, and may wait.</param>
/// <param name="hasRoom">Whether the disk has room for more; asked before each piece.</param>
/// <param name="silence">So long nothing may come from either side: storescp waits without end for the rest of a damaged piece.</param>
sealed class Association(
    Stream peer, StoreProcess store, Func<string, CancellationToken, Task> take, Func<bool> hasRoom, TimeSpan silence)
{
    /// <summary>Of one object; the largest film has a tenth of it, and a disk is not filled by one sender.</summary>
    public const long MaxObjectBytes = 1L << 30;

    // P-DATA-TF (PS3.8, 9.3.5); storescp answers in small ones.
    const byte Data = 4, WholeCommand = 3;
    const int MaxAnswer = 1 << 20;

    long _sinceAnswer;

    /// <returns>Whether it ended as the protocol has it, and not in the middle of something.</returns>
    public async Task<bool> RunAsync(AssociationRequest request, CancellationToken cancellation)
    {
        await store.Stream.WriteAsync(request.Bytes, cancellation);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        end.CancelAfter(silence);
        var up = UpAsync(end);
        try
        {
            return await DownAsync(end);
        }
        finally
        {
            await end.CancelAsync();
            await up;
        }
    }

    async Task UpAsync(CancellationTokenSource end)
    {
        var cancellation = end.Token;
        var buffer = new byte[128 * 1024];
        try
        {
            while (await peer.ReadAsync(buffer, cancellation) is > 0 and var count)
            {
                if (Interlocked.Add(ref _sinceAnswer, count) > MaxObjectBytes || !hasRoom())
                {
                    break;
                }

                end.CancelAfter(silence);
                await store.Stream.WriteAsync(buffer.AsMemory(0, count), cancellation);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // Whichever side is gone, storescp is told so.
        }

        store.EndInput();
    }

    async Task<bool> DownAsync(CancellationTokenSource end)
    {
        var cancellation = end.Token;
        var head = new byte[6];
        byte last = 0;
        while (await store.Stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation) == head.Length)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(2));
            if (length > MaxAnswer)
            {
                return false;
            }

            var answer = new byte[6 + length];
            head.CopyTo(answer, 0);
            await store.Stream.ReadExactlyAsync(answer.AsMemory(6), cancellation);
            if (answer[0] == Data)
            {
                if (!IsWholeCommand(answer))
                {
                    return false;
                }

                if (Acknowledges(answer))
                {
                    // The peer is silent while it waits for room.
                    end.CancelAfter(Timeout.InfiniteTimeSpan);
                    await take(store.Folder, cancellation);
                }

                Interlocked.Exchange(ref _sinceAnswer, 0);
            }

            end.CancelAfter(silence);
            await peer.WriteAsync(answer, cancellation);
            last = answer[0];
        }

        // A-ASSOCIATE-RJ, A-RELEASE-RP: nothing was under way.
        return last is 3 or 6;
    }

    /// <summary>
    /// Whether a P-DATA-TF holds the last fragment of a command (PS3.8, E.2). A peer of tiny PDUs gets its answers in pieces, and what a
    /// piece acknowledges cannot be seen.
    /// </summary>
    static bool IsWholeCommand(ReadOnlySpan<byte> answer) => answer.Length > 11 && answer[11] == WholeCommand;

    /// <summary>Whether a P-DATA-TF holds a C-STORE-RSP that says success, with or without a warning (PS3.7, 9.3.1.2).</summary>
    internal static bool Acknowledges(ReadOnlySpan<byte> answer)
    {
        const int commandSet = 12;
        const uint commandField = 0x0000_0100, status = 0x0000_0900;
        (int Field, int Status) found = (-1, -1);
        // Implicit, little endian: group, element, length, value.
        for (var at = commandSet; answer.Length - at >= 10;)
        {
            var tag = ((uint)BinaryPrimitives.ReadUInt16LittleEndian(answer[at..]) << 16)
                | BinaryPrimitives.ReadUInt16LittleEndian(answer[(at + 2)..]);
            var length = BinaryPrimitives.ReadUInt32LittleEndian(answer[(at + 4)..]);
            int value = BinaryPrimitives.ReadUInt16LittleEndian(answer[(at + 8)..]);
            found = tag switch { commandField => (value, found.Status), status => (found.Field, value), _ => found };
            if (length > (uint)(answer.Length - at - 8))
            {
                break;
            }

            at += 8 + (int)length;
        }

        return found is (0x8001, 0 or (>= 0xB000 and <= 0xBFFF));
    }
}
