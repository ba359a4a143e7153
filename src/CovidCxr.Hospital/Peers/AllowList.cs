using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Peers;

/// <summary>Who may send: a peer of the configuration, by its name and from its host.</summary>
sealed class AllowList(IOptions<HospitalOptions> options)
{
    /// <summary>Whether a peer of this name is known.</summary>
    public bool Knows(string ae) => Named(ae).Any();

    /// <summary>Whether a peer of this name has this address. Host names are asked for anew: an address may change.</summary>
    public async Task<bool> AllowsAsync(string ae, IPAddress from, CancellationToken cancellation)
    {
        foreach (var peer in Named(ae))
        {
            if (await IsOfAsync(peer.Host, from, cancellation))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether a host of the configuration has this address.</summary>
    internal static async Task<bool> IsOfAsync(string host, IPAddress from, CancellationToken cancellation) =>
        (await AddressesAsync(host, cancellation)).Any(a => Plain(a).Equals(Plain(from)));

    IEnumerable<PeerOptions> Named(string ae) => options.Value.Peers.Where(p => p.AeTitle == ae);

    static async Task<IPAddress[]> AddressesAsync(string host, CancellationToken cancellation)
    {
        try
        {
            return IPAddress.TryParse(host, out var address) ? [address] : await Dns.GetHostAddressesAsync(host, cancellation);
        }
        catch (SocketException)
        {
            // A name that nobody knows has no address.
            return [];
        }
    }

    /// <summary>As people write it: a socket of both families calls 10.0.3.7 ::ffff:10.0.3.7.</summary>
    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
