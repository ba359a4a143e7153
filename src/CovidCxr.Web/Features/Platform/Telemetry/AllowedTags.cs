using System.Diagnostics;
using OpenTelemetry;

namespace CovidCxr.Web.Features.Platform.Telemetry;

/// <summary>
/// Takes from a span all that is not known to be harmless: the address of a page may hold a patient's number, its query what was searched
/// for, a status somebody's words, the trace's state a caller's.
/// </summary>
sealed class AllowedTags : BaseProcessor<Activity>
{
    static readonly HashSet<string> Allowed = new(StringComparer.Ordinal)
    {
        "http.request.method", "http.response.status_code", "http.route", "network.protocol.version", "error.type", "job.kind",
        "job.attempt", "job.outcome",
    };

    public override void OnEnd(Activity data)
    {
        foreach (var (key, _) in data.TagObjects.ToList())
        {
            if (!Allowed.Contains(key))
            {
                data.SetTag(key, value: null);
            }
        }

        data.SetStatus(data.Status);
        // Null would be that of the span around it.
        data.TraceStateString = "";
        if (data.GetTagItem("http.request.method") is string method)
        {
            data.DisplayName = $"{method} {data.GetTagItem("http.route")}".TrimEnd();
        }
    }
}
