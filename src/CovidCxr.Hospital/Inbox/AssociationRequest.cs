using System.Buffers.Binary;
using System.Text;

namespace CovidCxr.Hospital.Inbox;

/// <summary>What a peer says of itself first: an A-ASSOCIATE-RQ (PS3.8, 9.3.2).</summary>
/// <param name="Bytes">The whole of it, to be passed on.</param>
sealed record AssociationRequest(string CalledAe, string CallingAe, byte[] Bytes)
{
    /// <summary>A hundred presentation contexts with a dozen syntaxes each are not half of it.</summary>
    public const int MaxBytes = 256 * 1024;

    const int Called = 10, Calling = 26, AeLength = 16, Smallest = 74;

    /// <returns>Null where the peer speaks something else, or too much.</returns>
    public static async Task<AssociationRequest?> ReadAsync(Stream stream, CancellationToken cancellation)
    {
        var head = new byte[6];
        if (await stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation) < head.Length || head[0] != 1)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(2));
        if (length is < Smallest - 6 or > MaxBytes)
        {
            return null;
        }

        var bytes = new byte[6 + length];
        head.CopyTo(bytes, 0);
        return await stream.ReadAtLeastAsync(bytes.AsMemory(6), (int)length, throwOnEndOfStream: false, cancellation) == length
            ? new(Ae(bytes, Called), Ae(bytes, Calling), bytes)
            : null;
    }

    // Blanks around a name do not count (PS3.5, 6.2); what is not printable is shown to nobody.
    static string Ae(byte[] bytes, int at) => new([.. Encoding.ASCII.GetString(bytes, at, AeLength).Trim(' ', '\0')
        .Select(c => char.IsControl(c) ? '?' : c)]);
}

/// <summary>Why a peer is turned away, as its A-ASSOCIATE-RJ says it (PS3.8, 9.3.4).</summary>
sealed record Rejection(string Reason, byte Result, byte Source, byte Code)
{
    public static readonly Rejection WrongCalledAe = new("it called for another AE title", 1, 1, 7);
    public static readonly Rejection UnknownCallingAe = new("its AE title is not in Hospital:Peers", 1, 1, 3);
    public static readonly Rejection WrongHost = new("its AE title comes from another host than Hospital:Peers says", 1, 1, 3);
    public static readonly Rejection Busy = new("too much waits, or too many send", 2, 3, 2);
    public static readonly Rejection NoRoom = new("the disk has no room", 2, 3, 1);
    public static readonly Rejection NoProgram = new("storescp did not start", 2, 3, 1);

    public byte[] Bytes => [3, 0, 0, 0, 0, 4, 0, Result, Source, Code];
}
