using System.Net;
using System.Net.Sockets;

namespace CovidCxr.Testing;

/// <summary>For a program that is told its port; nobody else has it at this moment.</summary>
public static class FreePort
{
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
