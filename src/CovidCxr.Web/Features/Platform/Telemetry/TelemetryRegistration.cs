using CovidCxr.Platform.Telemetry;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace CovidCxr.Web.Features.Platform.Telemetry;

/// <summary>
/// Sends traces, metrics and logs to a collector, where the configuration names one. Nothing waits for it: what it does not take in time
/// is dropped.
/// </summary>
static class TelemetryRegistration
{
    static readonly string[] Meters =
    [
        Instruments.Name, "System.Runtime", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel",
        "Microsoft.AspNetCore.Components.Server.Circuits",
    ];

    // They would win over the address that is checked and shown.
    static readonly string[] OtherAddresses =
        ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"];

    // A circuit's connection lasts as long as its page, and files and probes tell nothing.
    static readonly string[] Untraced = ["_blazor", "_framework", "_content", "health"];

    public static void AddTelemetry(this IServiceCollection services, IConfiguration configuration)
    {
        var options = configuration.GetSection(TelemetryOptions.Section).Get<TelemetryOptions>() ?? new();
        // A wrong one stops the start.
        if (options.Address is not { } address || new TelemetryOptionsValidator().Validate(name: null, options).Failed)
        {
            return;
        }

        services.AddOptions<TelemetryOptions>().Validate(
            _ => Array.TrueForAll(OtherAddresses, name => string.IsNullOrEmpty(configuration[name])),
            $"Telemetry:Endpoint is where all is sent: take away {string.Join(", ", OtherAddresses)}.");
        services.AddHostedService<LastWords>();
        services.AddSingleton<IHealthCheckPublisher, HealthMeter>();
        // What others log may quote an address, and an address a patient.
        services.AddLogging(logging => logging
            .AddFilter<OpenTelemetryLoggerProvider>(category: null, LogLevel.None)
            .AddFilter<OpenTelemetryLoggerProvider>("CovidCxr", LogLevel.Information)
            // The token of the first administrator and the passwords of a trial are for who stands at the machine.
            .AddFilter<OpenTelemetryLoggerProvider>("CovidCxr.Platform.Accounts", LogLevel.None)
            // What strangers on the network call themselves.
            .AddFilter<OpenTelemetryLoggerProvider>("CovidCxr.Hospital", LogLevel.None));
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(
                "covidcxr", serviceVersion: typeof(TelemetryRegistration).Assembly.GetName().Version?.ToString(),
                serviceInstanceId: $"{Environment.MachineName}:{Environment.ProcessId}"))
            .WithTracing(traces => traces
                .AddSource(Instruments.Name)
                .AddAspNetCoreInstrumentation(requests =>
                {
                    requests.Filter = context => !context.Request.Path.ToString().Split('/').Intersect(Untraced).Any();
                    // Their links hold the trace's state, which no processor can take out.
                    requests.EnableRazorComponentsSupport = false;
                    requests.EnableAspNetCoreSignalRSupport = false;
                })
                .AddProcessor(new AllowedTags()))
            .WithMetrics(metrics => metrics.AddMeter(Meters))
            .WithLogging(null, logs => logs.IncludeFormattedMessage = true)
            .UseOtlpExporter(OtlpExportProtocol.HttpProtobuf, address);
    }
}
