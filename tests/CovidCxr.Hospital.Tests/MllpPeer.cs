using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CovidCxr.Hospital.Hl7;
using CovidCxr.Testing;

namespace CovidCxr.Hospital.Tests;

/// <summary>A receiver of HL7 v2 in this process, which may be killed and may answer otherwise.</summary>
sealed class MllpPeer : IAsyncDisposable
{
    public const string Name = "RIS";

    readonly ConcurrentDictionary<TcpClient, bool> _clients = new();
    TcpListener? _listener;
    Task _running = Task.CompletedTask;

    public int Port { get; } = FreePort.Find();

    /// <summary>What it took, in order; a message that came twice is there twice.</summary>
    public ConcurrentQueue<string> Messages { get; } = [];

    /// <summary>The control ids of what it keeps, each once.</summary>
    public IEnumerable<string> Ids => Messages.Select(IdOf).Distinct();

    /// <summary>What it answers to a message, by its control id; null to end the connection without an answer.</summary>
    public Func<string, string?> Answer { get; set; } = id => Acknowledge("AA", id);

    /// <summary>Its certificate; null for none.</summary>
    public X509Certificate2? Certificate { get; set; }

    public static string Acknowledge(string code, string id, string more = "") =>
        $"MSH|^~\\&|RIS||COVIDCXR||20260302080000||ACK^R01^ACK|a{id}|P|2.5.1\rMSA|{code}|{id}{more}\r";

    public static string IdOf(string message) => message.Split('|')[9];

    /// <summary>Settings that make it the place where results go.</summary>
    public (string Key, string Value)[] Destination(params (string Key, string Value)[] more) =>
    [
        ("Hospital:Destinations:0:Name", Name), ("Hospital:Destinations:0:Hl7Application", "RIS"),
        ("Hospital:Destinations:0:Host", "127.0.0.1"), ("Hospital:Destinations:0:Port", $"{Port}"),
        ("Hospital:Destinations:0:Send", "true"), .. more.Select(m => ($"Hospital:Destinations:0:{m.Key}", m.Value)),
    ];

    public MllpPeer Start()
    {
        _listener = new(IPAddress.Loopback, Port);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
        _running = RunAsync(_listener);
        return this;
    }

    /// <summary>Its port is closed, and whoever is connected is cut off.</summary>
    public async Task KillAsync()
    {
        _listener?.Dispose();
        foreach (var client in _clients.Keys)
        {
            client.Client?.Close(0);
        }

        await _running;
    }

    public async ValueTask DisposeAsync() => await KillAsync();

    async Task RunAsync(TcpListener listener)
    {
        List<Task> serving = [];
        try
        {
            while (true)
            {
                serving.Add(ServeAsync(await listener.AcceptTcpClientAsync()));
            }
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException)
        {
            await Task.WhenAll(serving);
        }
    }

    async Task ServeAsync(TcpClient client)
    {
        _clients[client] = true;
        try
        {
            using (client)
            {
                Stream stream = client.GetStream();
                if (Certificate is not null)
                {
                    var secured = new SslStream(stream);
                    await secured.AuthenticateAsServerAsync(Certificate);
                    stream = secured;
                }

                var connection = new MllpConnection(stream);
                while (await connection.ReadAsync(TimeSpan.FromSeconds(30), null, CancellationToken.None) is { } bytes)
                {
                    var message = Encoding.UTF8.GetString(bytes);
                    Messages.Enqueue(message);
                    if (Answer(IdOf(message)) is not { } answer)
                    {
                        return;
                    }

                    await connection.WriteAsync(Encoding.UTF8.GetBytes(answer), CancellationToken.None);
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or InvalidDataException or SocketException
            or System.Security.Authentication.AuthenticationException)
        {
            // It was killed, or the sender was.
        }
        finally
        {
            _clients.TryRemove(client, out _);
        }
    }
}
