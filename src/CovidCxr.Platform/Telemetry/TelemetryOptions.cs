using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Telemetry;

/// <summary>Where traces, metrics and logs are sent.</summary>
public sealed class TelemetryOptions
{
    public const string Section = "Telemetry";

    /// <summary>An OpenTelemetry collector's address (OTLP over HTTP, as http://collector:4318); nowhere by default.</summary>
    public string Endpoint { get; set; } = "";

    /// <returns>Null where nothing is sent.</returns>
    public Uri? Address => Uri.TryCreate(Endpoint, UriKind.Absolute, out var address) ? address : null;
}

public sealed class TelemetryOptionsValidator : IValidateOptions<TelemetryOptions>
{
    public ValidateOptionsResult Validate(string? name, TelemetryOptions options) => OptionRules.Result((
        string.IsNullOrEmpty(options.Endpoint) || options.Address is { Scheme: "http" or "https", UserInfo: "", Query: "", Fragment: "" },
        "Telemetry:Endpoint must be empty, or an http or https address without a user, a query or a fragment in it."));
}
