using System.Buffers.Binary;
using System.Text;
using CovidCxr.Hospital.Inbox;

namespace CovidCxr.Hospital.Tests.Inbox;

/// <summary>What is read of the protocol itself, from whoever may connect.</summary>
public sealed class AssociationTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0x8001, 0x0000, true)]
    [InlineData(0x8001, 0xB000, true)]
    [InlineData(0x8001, 0xA700, false)]
    [InlineData(0x8001, 0xC000, false)]
    [InlineData(0x8030, 0x0000, false)]
    public void Acknowledges_ResponseOfAStatus_CountsOnlyWhereAFilmWasStored(int field, int status, bool expected)
    {
        byte[] answer =
        [
            4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 3,
            .. Element(0x0002, Encoding.ASCII.GetBytes("1.2.840.10008.5.1.4.1.1.1\0")),
            .. Element(0x0100, [(byte)field, (byte)(field >> 8)]),
            .. Element(0x0120, [1, 0]), .. Element(0x0900, [(byte)status, (byte)(status >> 8)]),
        ];

        Assert.Equal(expected, Association.Acknowledges(answer));
    }

    [Fact]
    public void Acknowledges_Garbage_DoesNot()
    {
        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            var answer = new byte[random.Next(64)];
            random.NextBytes(answer);
            Assert.False(Association.Acknowledges(answer));
        }
    }

    [Fact]
    public async Task ReadAsync_Request_TellsBothNames()
    {
        var request = await ReadAsync(Request("COVIDCXR", "CR 1"));

        Assert.Equal(("COVIDCXR", "CR 1"), (request?.CalledAe, request?.CallingAe));
    }

    [Fact]
    public async Task ReadAsync_WhatIsNoRequest_IsNothing()
    {
        Assert.Null(await ReadAsync([]));
        Assert.Null(await ReadAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray()));
        Assert.Null(await ReadAsync(Request("A", "B")[..80]));
        Assert.Null(await ReadAsync([1, 0, 0xFF, 0xFF, 0xFF, 0xFF, .. new byte[100]]));
        Assert.Null(await ReadAsync([1, 0, 0, 0, 0, 4, 1, 2, 3, 4]));
        Assert.Equal("A?B", (await ReadAsync(Request("A\nB", "B")))?.CalledAe);
    }

    static Task<AssociationRequest?> ReadAsync(byte[] bytes) => AssociationRequest.ReadAsync(new MemoryStream(bytes), Cancellation);

    static byte[] Request(string called, string calling)
    {
        var bytes = new byte[100];
        bytes[0] = 1;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(2), 94);
        Encoding.ASCII.GetBytes(called.PadRight(16) + calling.PadRight(16)).CopyTo(bytes, 10);
        return bytes;
    }

    static byte[] Element(int element, byte[] value) =>
        [0, 0, (byte)element, (byte)(element >> 8), (byte)value.Length, 0, 0, 0, .. value];
}
