using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Audit;

/// <summary>Where the audit trail's key and its head are kept, and who gets a copy of its seals.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>Best where nobody writes who can write the database; empty (default) for the data folder's keys.</summary>
    public string Folder { get; set; } = "";

    public const int MaxKeepYears = 100;

    /// <summary>Older entries go, month by month, into sealed archives beside the key; 0 (default) keeps all in the database.</summary>
    public int KeepYears { get; set; }

    public SyslogOptions Syslog { get; set; } = new();
}

public sealed class AuditOptionsValidator : IValidateOptions<AuditOptions>
{
    public ValidateOptionsResult Validate(string? name, AuditOptions options) => OptionRules.Result(
        (options.Folder.Length == 0 || Path.IsPathFullyQualified(options.Folder), "Audit:Folder must be empty or an absolute path."),
        (options.KeepYears is >= 0 and <= AuditOptions.MaxKeepYears, $"Audit:KeepYears must be 0 to {AuditOptions.MaxKeepYears}."),
        (options.Syslog.Host.Length == 0 || Uri.CheckHostName(options.Syslog.Host) != UriHostNameType.Unknown,
            "Audit:Syslog:Host must be empty, a name or an address."),
        (options.Syslog.Port is >= SyslogOptions.MinPort and <= SyslogOptions.MaxPort,
            $"Audit:Syslog:Port must be {SyslogOptions.MinPort} to {SyslogOptions.MaxPort}."),
        (Enum.IsDefined(options.Syslog.Transport), "Audit:Syslog:Transport must be Tls, Tcp or Udp."),
        (options.Syslog.CertificateAuthority.Length == 0 || File.Exists(options.Syslog.CertificateAuthority),
            "Audit:Syslog:CertificateAuthority must be empty or a PEM file that is there."));
}
