using System.Text.RegularExpressions;
using CovidCxr.Domain.Hospital;

namespace CovidCxr.Hospital.Peers;

/// <summary>An archive, a FHIR server or a receiver of HL7 v2 that gets the model's answers of films that came as DICOM.</summary>
public sealed partial class DestinationOptions
{
    /// <summary>What people here call it; 1 to 64 letters, digits, blanks, dots, hyphens and underscores, each once.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its name in the network.</summary>
    public string AeTitle { get; set; } = "";

    /// <summary>Its address or host name.</summary>
    public string Host { get; set; } = "";

    /// <summary>Where it takes objects; 1 to 65535.</summary>
    public int Port { get; set; } = 104;

    /// <summary>The receiving application (MSH-5) of one that takes HL7 v2 by MLLP at host and port, in place of the AE title.</summary>
    public string Hl7Application { get; set; } = "";

    /// <summary>The receiving facility (MSH-6) there; empty where it has none.</summary>
    public string Hl7Facility { get; set; } = "";

    /// <summary>Whether an archive, or a receiver of HL7 v2, is spoken to by TLS; off by default.</summary>
    public bool Tls { get; set; }

    /// <summary>
    /// The PEM file of who signed the certificate of a receiver of HL7 v2; empty for whom the machine trusts. For archives
    /// <see cref="HospitalOptions.CertificateAuthority"/> says it.
    /// </summary>
    public string CertificateAuthority { get; set; } = "";

    /// <summary>The base address of a FHIR server (R4), in place of AE title, host and port; https, or http on this machine.</summary>
    public string FhirServer { get; set; } = "";

    /// <summary>Whether a FHIR server may be spoken to by http over a network; off by default.</summary>
    public bool AllowHttp { get; set; }

    /// <summary>
    /// The URI under which a FHIR server's patients have the number of our films. Empty: reports name the number alone, and stand in no
    /// patient's chart there.
    /// </summary>
    public string PatientSystem { get; set; } = "";

    /// <summary>The bearer token that a FHIR server wants; from the environment rather than a file that many read.</summary>
    public string Token { get; set; } = "";

    /// <summary>The file that holds the token alone, in place of <see cref="Token"/>. It is read at each request: it may change.</summary>
    public string TokenFile { get; set; } = "";

    /// <summary>The PEM file of the certificate, and its key, that a FHIR server, or one of HL7 v2 by TLS, knows this program by.</summary>
    public string ClientCertificate { get; set; } = "";

    /// <summary>Whether an archive also gets a Key Object Selection, by which viewers hang film and picture; off by default.</summary>
    public bool KeyObjects { get; set; }

    /// <summary>Whether anything is sent there; off by default.</summary>
    public bool Send { get; set; }

    public bool IsFhir => FhirServer.Length > 0;

    public bool IsHl7 => Hl7Application.Length > 0;

    public bool IsDicom => !IsFhir && !IsHl7;

    /// <summary>What it gets of each answer.</summary>
    internal IReadOnlyList<ResultKind> Kinds =>
        IsFhir ? [ResultKind.Fhir]
        : IsHl7 ? [ResultKind.Hl7]
        : KeyObjects ? [ResultKind.Picture, ResultKind.Report, ResultKind.KeyObjects]
        : [ResultKind.Picture, ResultKind.Report];

    /// <returns>Empty where none is wanted, null where the file holds none that can be read.</returns>
    internal string? ReadToken()
    {
        if (TokenFile.Length == 0)
        {
            return Token;
        }

        try
        {
            var token = File.ReadAllText(TokenFile).Trim();
            return BearerToken().IsMatch(token) ? token : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    internal static IEnumerable<(bool IsRight, string Rule)> RulesOf(IReadOnlyList<DestinationOptions> all)
    {
        var (servers, archives) = (all.Where(d => d.IsFhir).ToList(), all.Where(d => d.IsDicom).ToList());
        var (receivers, reached) = (all.Where(d => d.IsHl7).ToList(), all.Where(d => !d.IsFhir).ToList());
        return
        [
            (
                all.All(d => NameWords().IsMatch(d.Name)) && all.DistinctBy(d => d.Name).Count() == all.Count,
                "Hospital:Destinations:Name must be 1 to 64 letters, digits, blanks, dots, hyphens or underscores, and each another."),
            (
                archives.All(d => HospitalOptionsValidator.AeTitle().IsMatch(d.AeTitle)),
                "Hospital:Destinations:AeTitle must be 1 to 16 letters, digits, blanks, dots, hyphens or underscores."),
            (
                reached.All(d => HospitalOptionsValidator.Host().IsMatch(d.Host)),
                "Hospital:Destinations:Host must be an address or a host name."),
            (reached.All(d => d.Port is >= 1 and <= 65535), "Hospital:Destinations:Port must be 1 to 65535."),
            (
                servers.All(d => d.AeTitle.Length == 0 && d.Host.Length == 0 && d.Hl7Application.Length == 0 && !d.Tls)
                    && receivers.All(d => d.AeTitle.Length == 0),
                "Hospital:Destinations must each have either FhirServer, or AeTitle and Host, or Hl7Application and Host."),
            (
                receivers.All(d => Hl7Options.Name().IsMatch(d.Hl7Application))
                    && all.All(d => d.Hl7Facility.Length == 0 || (d.IsHl7 && Hl7Options.Name().IsMatch(d.Hl7Facility))),
                "Hospital:Destinations:Hl7Application, and Hl7Facility where there is one, must be 1 to 64 letters, digits, blanks, dots, "
                    + "hyphens or underscores."),
            (
                all.All(d => d.IsHl7 || d.CertificateAuthority.Length == 0)
                    && receivers.All(d => d.Tls || (d.CertificateAuthority.Length == 0 && d.ClientCertificate.Length == 0)),
                "Hospital:Destinations:CertificateAuthority belongs to an Hl7Application with Tls; without it there are no certificates."),
            (
                receivers.All(d => !d.Send || PeerCertificates.IsNoneOrAuthority(d.CertificateAuthority)),
                "Hospital:Destinations:CertificateAuthority must be a PEM file with a certificate."),
            (
                servers.All(d => IsSafe(d.FhirServer, d.AllowHttp)),
                "Hospital:Destinations:FhirServer must be an https address without blanks, a user, query or fragment in it; http on this "
                    + "machine alone, or where Hospital:Destinations:AllowHttp is true."),
            (
                all.All(d => !d.KeyObjects || d.IsDicom),
                "Hospital:Destinations:KeyObjects belongs to an archive with AeTitle and Host."),
            (
                all.All(d => d.PatientSystem.Length == 0 || (d.IsFhir && Uri.IsWellFormedUriString(d.PatientSystem, UriKind.Absolute))),
                "Hospital:Destinations:PatientSystem must be an absolute URI, and belongs to a FhirServer."),
            (
                all.All(d => (d.Token.Length == 0 || d.TokenFile.Length == 0)
                    && (d.IsFhir || (d.Token.Length == 0 && d.TokenFile.Length == 0 && (d.IsHl7 || d.ClientCertificate.Length == 0)))),
                "Hospital:Destinations:Token, or TokenFile in its place, and ClientCertificate belong to a FhirServer; the latter to an "
                    + "Hl7Application too."),
            (
                all.All(d => d.Token.Length == 0 || BearerToken().IsMatch(d.Token)),
                "Hospital:Destinations:Token must be letters, digits and -._~+/, with = at its end alone."),
            (
                all.All(d => !d.Send || d.TokenFile.Length == 0 || d.ReadToken() is not null),
                "Hospital:Destinations:TokenFile must be a file that can be read and holds a token alone."),
            (
                all.All(d => !d.Send || PeerCertificates.IsNoneOrCertificate(d.ClientCertificate)),
                "Hospital:Destinations:ClientCertificate must be a PEM file with a certificate and its key, not encrypted."),
        ];
    }

    internal static bool IsSafe(string address, bool allowsHttp) => Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && (uri.IsLoopback || allowsHttp)))
        && uri is { UserInfo: "", Query: "", Fragment: "" }
        && !address.Any(char.IsWhiteSpace);

    [GeneratedRegex(@"^[A-Za-z0-9_.-]([A-Za-z0-9 _.-]{0,62}[A-Za-z0-9_.-])?\z")]
    internal static partial Regex NameWords();

    // RFC 6750, 2.1.
    [GeneratedRegex(@"^[A-Za-z0-9._~+/-]+=*\z")]
    private static partial Regex BearerToken();
}
