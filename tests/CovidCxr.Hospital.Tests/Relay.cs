using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace CovidCxr.Hospital.Tests;

/// <summary>Stands between a sender and an archive, of one association after the other.</summary>
sealed class Relay : IDisposable
{
    const int HeaderBytes = 6;
    const byte Data = 4;

    readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    readonly int _archive;

    public Relay(int archive)
    {
        _archive = archive;
        _listener.Start();
        Running = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Task Running { get; }

    /// <summary>What happens while the sender waits for the archive.</summary>
    public Func<Task> Meanwhile { get; set; } = () => Task.CompletedTask;

    /// <summary>The archive has taken the object, and the connection breaks before the sender hears of it.</summary>
    public bool LosesAnswers { get; set; }

    public void Dispose() => _listener.Dispose();

    async Task RunAsync()
    {
        while (true)
        {
            TcpClient sender;
            try
            {
                sender = await _listener.AcceptTcpClientAsync();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test ends.
                return;
            }

            using (sender)
            {
                await Meanwhile();
                using var archive = new TcpClient();
                await archive.ConnectAsync(IPAddress.Loopback, _archive);
                var sending = sender.GetStream().CopyToAsync(archive.GetStream());
                await AnswerAsync(archive.GetStream(), sender.GetStream());
                sender.Close();
                archive.Close();
                await sending.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    async Task AnswerAsync(NetworkStream archive, NetworkStream sender)
    {
        var header = new byte[HeaderBytes];
        while (await archive.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false) == HeaderBytes)
        {
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(2))];
            await archive.ReadExactlyAsync(body);
            if (header[0] == Data && LosesAnswers)
            {
                return;
            }

            await sender.WriteAsync(header);
            await sender.WriteAsync(body);
        }
    }
}
