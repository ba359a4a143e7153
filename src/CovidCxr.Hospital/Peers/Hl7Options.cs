using System.Text.RegularExpressions;

namespace CovidCxr.Hospital.Peers;

/// <summary>Messages about patients (HL7 v2, ADT) that the hospital sends by MLLP.</summary>
public sealed partial record Hl7Options
{
    /// <summary>Whether they are received; off by default.</summary>
    public bool Receive { get; set; }

    /// <summary>Where; 1 to 65535. 2575 is the port that is registered for HL7.</summary>
    public int Port { get; set; } = 2575;

    /// <summary>Who may send, each by host and name; none by default.</summary>
    public IReadOnlyList<Hl7SenderOptions> Senders { get; set; } = [];

    /// <summary>
    /// The assigning authority (PID-3.4) whose numbers the films stand under; empty for the first number of a message, whosever it is.
    /// </summary>
    public string Authority { get; set; } = "";

    /// <summary>The PEM file of a certificate and its key: only TLS is spoken then. Empty for none.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>The PEM file of who has to have signed a sender's certificate; empty where none is asked for one.</summary>
    public string CertificateAuthority { get; set; } = "";

    internal static IEnumerable<(bool IsRight, string Rule)> RulesOf(Hl7Options options) =>
    [
        (options.Port is >= 1 and <= 65535, "Hospital:Hl7:Port must be 1 to 65535."),
        (
            options.Senders.All(s => HospitalOptionsValidator.Host().IsMatch(s.Host)),
            "Hospital:Hl7:Senders:Host must be an address or a host name."),
        (
            options.Senders.All(s => Name().IsMatch(s.Application) && (s.Facility.Length == 0 || Name().IsMatch(s.Facility))),
            "Hospital:Hl7:Senders:Application, and Facility where there is one, must be 1 to 64 letters, digits, blanks, dots, hyphens or "
                + "underscores."),
        (
            options.Authority.Length <= 199 && !options.Authority.Any(c => c is < ' ' or > '~'),
            "Hospital:Hl7:Authority must be at most 199 printable signs of ASCII."),
        (
            options.CertificateAuthority.Length == 0 || options.Certificate.Length > 0,
            "Hospital:Hl7:CertificateAuthority needs Hospital:Hl7:Certificate."),
        (
            !options.Receive || PeerCertificates.IsNoneOrCertificate(options.Certificate),
            "Hospital:Hl7:Certificate must be a PEM file with a certificate and its key, not encrypted."),
        (
            !options.Receive || PeerCertificates.IsNoneOrAuthority(options.CertificateAuthority),
            "Hospital:Hl7:CertificateAuthority must be a PEM file with a certificate."),
    ];

    // No separator of HL7 is among them.
    [GeneratedRegex(@"^[A-Za-z0-9_.-]([A-Za-z0-9 _.-]{0,62}[A-Za-z0-9_.-])?\z")]
    internal static partial Regex Name();
}

/// <summary>An application of the hospital, or its interface engine.</summary>
public sealed record Hl7SenderOptions
{
    /// <summary>Its address or host name.</summary>
    public string Host { get; set; } = "";

    /// <summary>What it calls itself (MSH-3).</summary>
    public string Application { get; set; } = "";

    /// <summary>Where it says it is (MSH-4); empty where it says nothing.</summary>
    public string Facility { get; set; } = "";
}
