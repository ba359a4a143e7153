using System.Text.RegularExpressions;
using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Hospital.Peers;

/// <summary>Who this program is in the hospital's DICOM network, and with whom it speaks.</summary>
public sealed class HospitalOptions
{
    public const string Section = "Hospital";

    /// <summary>Whether films are received from the network; off by default.</summary>
    public bool Receive { get; set; }

    /// <summary>This program's name; 1 to 16 letters, digits, blanks, dots, hyphens and underscores.</summary>
    public string AeTitle { get; set; } = "COVIDCXR";

    /// <summary>Where films are received in the clear; 1 to 65535, or 0 for nowhere, with <see cref="TlsPort"/> set. DICOM's own 104 needs
    /// a privilege, 11112 does not.</summary>
    public int Port { get; set; } = 11112;

    /// <summary>Where films are received by TLS; 1 to 65535, or 0 (default) for nowhere. DICOM's own is 2762.</summary>
    public int TlsPort { get; set; }

    /// <summary>
    /// The PEM file of the certificate, of those between it and its authority, and of its key, that peers know this program by, as a server
    /// and as a client; none by default.
    /// </summary>
    public string Certificate { get; set; } = "";

    /// <summary>
    /// The PEM file of who signs the peers' certificates. Empty (default): whom the machine trusts, for those that are called; for those
    /// that call it must be set.
    /// </summary>
    public string CertificateAuthority { get; set; } = "";

    /// <summary>A sender that is silent for so long is given up; 5 seconds to 10 minutes.</summary>
    public TimeSpan IdleTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Objects that may wait to be filed; beyond it a sender is told to come again. 1 to 100000.</summary>
    public int MaxWaiting { get; set; } = 1000;

    /// <summary>Who may send, each by name and host; none by default.</summary>
    public IReadOnlyList<PeerOptions> Peers { get; set; } = [];

    /// <summary>Where results are sent; none by default.</summary>
    public IReadOnlyList<DestinationOptions> Destinations { get; set; } = [];

    /// <summary>Messages about patients (HL7 v2).</summary>
    public Hl7Options Hl7 { get; set; } = new();

    /// <summary>Where a patient's other films are looked for, by DICOMweb; none by default.</summary>
    public IReadOnlyList<ArchiveOptions> Archives { get; set; } = [];
}

/// <summary>A modality or an archive.</summary>
public sealed class PeerOptions
{
    /// <summary>Its name in the network.</summary>
    public string AeTitle { get; set; } = "";

    /// <summary>Its address or host name.</summary>
    public string Host { get; set; } = "";

    /// <summary>Where it answers; 0 (default) for one that only sends.</summary>
    public int Port { get; set; }

    /// <summary>Whether it answers by TLS; off by default.</summary>
    public bool Tls { get; set; }
}

public sealed partial class HospitalOptionsValidator : IValidateOptions<HospitalOptions>
{
    public ValidateOptionsResult Validate(string? name, HospitalOptions options) => OptionRules.Result(
    [
        (AeTitle().IsMatch(options.AeTitle), "Hospital:AeTitle must be 1 to 16 letters, digits, blanks, dots, hyphens or underscores."),
        (
            options.Port is >= 1 and <= 65535 || (options.Port == 0 && options.TlsPort > 0),
            "Hospital:Port must be 1 to 65535, or 0 where Hospital:TlsPort is set."),
        (
            options.IdleTimeout >= TimeSpan.FromSeconds(5) && options.IdleTimeout <= TimeSpan.FromMinutes(10),
            "Hospital:IdleTimeout must be 00:00:05 to 00:10:00."),
        (options.MaxWaiting is >= 1 and <= 100_000, "Hospital:MaxWaiting must be 1 to 100000."),
        (
            options.Peers.All(p => AeTitle().IsMatch(p.AeTitle)),
            "Hospital:Peers:AeTitle must be 1 to 16 letters, digits, blanks, dots, hyphens or underscores."),
        (options.Peers.All(p => Host().IsMatch(p.Host)), "Hospital:Peers:Host must be an address or a host name."),
        (options.Peers.All(p => p.Port is >= 0 and <= 65535), "Hospital:Peers:Port must be 0 to 65535."),
        .. DicomTls.RulesOf(options),
        .. DestinationOptions.RulesOf(options.Destinations),
        .. ArchiveOptions.RulesOf(options.Archives),
        .. Hl7Options.RulesOf(options.Hl7),
        (
            !options.Hl7.Receive || !options.Receive || options.Hl7.Port != options.Port,
            "Hospital:Hl7:Port must be another than Hospital:Port."),
    ]);

    [GeneratedRegex(@"^[A-Za-z0-9_.-]([A-Za-z0-9 _.-]{0,14}[A-Za-z0-9_.-])?\z")]
    internal static partial Regex AeTitle();

    // It becomes an argument of another program: nothing that begins as an option does.
    [GeneratedRegex(@"^[A-Za-z0-9:][A-Za-z0-9.:-]{0,62}\z")]
    internal static partial Regex Host();
}
