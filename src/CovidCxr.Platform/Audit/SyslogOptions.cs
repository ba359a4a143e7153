namespace CovidCxr.Platform.Audit;

public enum SyslogTransport
{
    /// <summary>RFC 5425: encrypted, and the collector shows a certificate.</summary>
    Tls,

    /// <summary>RFC 6587 with octet counting: readable on the way.</summary>
    Tcp,

    /// <summary>RFC 5426: what gets lost on the way is lost.</summary>
    Udp,
}

/// <summary>The machine that keeps a second copy of the audit trail's seals.</summary>
public sealed record SyslogOptions
{
    public const int DefaultPort = 6514, MinPort = 1, MaxPort = 65535;

    /// <summary>Name or address of a syslog collector; empty (default) for none.</summary>
    public string Host { get; set; } = "";

    /// <summary>The default is that of syslog over TLS (RFC 5425); without TLS it is often 514.</summary>
    public int Port { get; set; } = DefaultPort;

    public SyslogTransport Transport { get; set; } = SyslogTransport.Tls;

    /// <summary>A PEM file of who signed the collector's certificate; empty (default) for those that the machine trusts.</summary>
    public string CertificateAuthority { get; set; } = "";
}
