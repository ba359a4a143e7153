using System.Net.Sockets;

namespace CovidCxr.Hospital.Peers;

/// <summary>Why a peer cannot be reached, in words.</summary>
static class Unreachable
{
    public static string Words(SocketError error, string host, int port) => error switch
    {
        SocketError.ConnectionRefused => $"Nothing listens on port {port} of {host}.",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => $"Nobody knows the host name {host}.",
        _ => $"The network has no way to {host}.",
    };
}
