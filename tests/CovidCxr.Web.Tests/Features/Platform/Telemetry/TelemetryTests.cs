using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Testing;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using CovidCxr.Web.Tests.Shared.Security;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Tests.Features.Platform.Telemetry;

/// <summary>What leaves the whole program for a collector, and what does not.</summary>
[Trait("Speed", "Slow")]
public sealed class TelemetryTests
{
    const string Patient = "PAT-0815-SECRET", Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Collector_GetsRoutesJobsAndTheProgramsOwnWords_AndNoPatient()
    {
        await using var collector = new Collector();
        await using (var installation = await Installation.StartAsync(settings: Settings(collector.Address)))
        {
            var study = await WebClinic.AddStudyAsync(installation.Services, Patient);
            using var lead = await installation.VisitAsync(TestClinic.Lead);
            (string, string)[] trace = [("traceparent", $"00-{Trace}-00f067aa0ba902b7-01"), ("tracestate", $"x={Patient}"),
                ("baggage", $"x={Patient}"), ("User-Agent", Patient)];
            Assert.Equal(HttpStatusCode.OK, (await lead.GetAsync($"/patients/{Patient}", headers: trace)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await lead.GetAsync($"/?search={Patient}", headers: trace)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await lead.GetAsync($"/nowhere/{Patient}", headers: trace)).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await lead.GetAsync($"/studies/{study}/report.pdf", headers: trace)).StatusCode);
            Assert.Equal(HttpStatusCode.InternalServerError, (await lead.GetAsync("/test/throws", headers: trace)).StatusCode);
            var log = installation.Services.GetRequiredService<ILoggerFactory>();
            log.CreateLogger<AuditWatch>().LogInformation("The audit trail is {State}", "whole");
            log.CreateLogger("Microsoft.AspNetCore.Hosting").LogError("{Path}", $"/patients/{Patient}");
            log.CreateLogger("CovidCxr.Hospital.Inbox.DicomReceiver").LogWarning("{Ae} was turned away", Patient);
            await WaitAsync(() => collector.Count("traces", Convert.FromHexString(Trace)) >= 5);
            await WaitAsync(() => collector.Count("traces", "/patients/") > 0);
            await WaitAsync(() => collector.Count("traces", "/studies/{id:guid}/report.pdf") > 0);
            await WaitAsync(() => collector.Count("metrics", "http.server.request.duration") > 0);
            await WaitAsync(() => collector.Count("logs", "The audit trail is whole") > 0);
        }

        Assert.Equal("0 0 0", string.Join(' ', new[] { "traces", "metrics", "logs" }.Select(kind => collector.Count(kind, Patient))));
        Assert.Equal(0, collector.Count("P-00317"));
        Assert.Equal(0, collector.Count("user_agent"));
    }

    [Fact]
    public async Task TokenOfTheFirstAdministrator_StaysOnTheMachine()
    {
        await using var collector = new Collector();
        await using (var installation = await Installation.StartAsync(
            hasPeople: false, settings: Settings(collector.Address)))
        {
            Assert.Contains(installation.Log.All, l => l.Contains("one-time token", StringComparison.Ordinal));
            installation.Services.GetRequiredService<ILogger<JobWorker>>().LogWarning("A beat failed");
            await WaitAsync(() => collector.Count("logs", "A beat failed") > 0);
        }

        Assert.Equal(0, collector.Count("token"));
    }

    [Fact]
    public async Task CollectorThatNeverAnswers_HoldsUpNobody()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        Stopwatch watch;
        await using (var installation = await Installation.StartAsync(settings: Settings(new($"http://{silent.LocalEndpoint}"))))
        {
            using var lead = await installation.VisitAsync(TestClinic.Lead);
            Assert.Equal(HttpStatusCode.OK, (await lead.GetAsync("/")).StatusCode);
            watch = Stopwatch.StartNew();
            await installation.StopAsync();
        }

        // By themselves traces, metrics and logs would wait five seconds each when they are disposed of.
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Theory]
    [InlineData("Telemetry:Endpoint", "http://user:secret@collector")]
    [InlineData("Telemetry:Endpoint", "collector:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://elsewhere")]
    public async Task WrongAddress_StopsTheStart(string key, string value)
    {
        var settings = new Dictionary<string, string> { ["Telemetry:Endpoint"] = "http://127.0.0.1:1", [key] = value };

        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => Installation.StartAsync(settings: [.. settings.Select(s => (s.Key, s.Value))]));

        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    static (string Key, string Value)[] Settings(Uri collector) =>
    [
        ("Telemetry:Endpoint", collector.ToString()), ("OTEL_BSP_SCHEDULE_DELAY", "200"), ("OTEL_BLRP_SCHEDULE_DELAY", "200"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "500"),
    ];

    static async Task WaitAsync(Func<bool> isSo, [CallerArgumentExpression(nameof(isSo))] string what = "")
    {
        for (var tries = 0; !isSo(); tries++)
        {
            Assert.True(tries < 600, $"After a minute it is not so: {what}");
            await Task.Delay(100, Cancellation);
        }
    }
}
