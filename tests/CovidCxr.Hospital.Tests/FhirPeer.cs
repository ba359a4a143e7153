using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Hospital.Tests;

/// <summary>
/// A FHIR server in this process: transactions all or nothing, conditional creation, conditional references to patients, search by
/// identifier. A test may let it do otherwise.
/// </summary>
sealed class FhirPeer : IAsyncDisposable
{
    public const string Name = "EHR", PatientSystem = "https://hospital.example/numbers";

    readonly WebApplication _app;
    readonly Lock _lock = new();
    readonly List<JsonObject> _resources = [];

    FhirPeer(WebApplication app) => _app = app;

    public string Address => _app.Urls.Single() + "/fhir";

    /// <summary>What was asked, as method, path and query, and authorization.</summary>
    public ConcurrentQueue<(string Method, string Path, string Authorization)> Requests { get; } = [];

    /// <summary>Whether a request is answered otherwise than by <see cref="AnswerAsync"/>.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = _ => Task.FromResult(false);

    public string Version { get; set; } = "4.0.1";

    /// <summary>The numbers of the patients that it knows under <see cref="PatientSystem"/>: Patient/1, Patient/2 …</summary>
    public IList<string> Patients { get; } = [];

    /// <summary>Whether it puts a patient's address in the place of a conditional reference.</summary>
    public bool LooksForPatients { get; set; } = true;

    /// <param name="https">How it speaks https; null for http.</param>
    public static async Task<FhirPeer> StartAsync(HttpsConnectionAdapterOptions? https = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (https is not null)
            {
                listen.UseHttps(https);
            }
        }));
        var app = builder.Build();
        var peer = new FhirPeer(app);
        app.Run(async context =>
        {
            var request = context.Request;
            peer.Requests.Enqueue((request.Method, request.Path + request.QueryString, $"{request.Headers.Authorization}"));
            if (!await peer.Instead(context))
            {
                await peer.AnswerAsync(context);
            }
        });
        await app.StartAsync();
        return peer;
    }

    /// <summary>Settings that make it the place where results go.</summary>
    public (string Key, string Value)[] Destination(params (string Key, string Value)[] more) =>
    [
        ("Hospital:Destinations:0:Name", Name), ("Hospital:Destinations:0:FhirServer", Address), ("Hospital:Destinations:0:Send", "true"),
        .. more.Select(m => ($"Hospital:Destinations:0:{m.Key}", m.Value)),
    ];

    public IReadOnlyList<JsonObject> All(string type)
    {
        lock (_lock)
        {
            return [.. _resources.Where(r => (string?)r["resourceType"] == type)];
        }
    }

    /// <summary>The identifiers of the reports.</summary>
    public IEnumerable<string> Reports =>
        All("DiagnosticReport").Select(r => ((string)r["identifier"]![0]!["value"]!)["urn:oid:".Length..]);

    public async Task AnswerAsync(HttpContext context) => await WriteAsync(context, await ServeAsync(context.Request));

    public static async Task WriteAsync(HttpContext context, (int Status, JsonObject Body) answer)
    {
        context.Response.StatusCode = answer.Status;
        context.Response.ContentType = "application/fhir+json";
        await context.Response.WriteAsync(answer.Body.ToJsonString());
    }

    public async Task<(int Status, JsonObject Body)> ServeAsync(HttpRequest request)
    {
        switch (request.Method, request.Path.Value)
        {
            case ("GET", "/fhir/metadata"):
                return (200, new() { ["resourceType"] = "CapabilityStatement", ["fhirVersion"] = Version });
            case ("GET", "/fhir/DiagnosticReport"):
                return (200, new()
                {
                    ["resourceType"] = "Bundle",
                    ["type"] = "searchset",
                    ["entry"] = new JsonArray([.. Matches(All("DiagnosticReport"), $"identifier={request.Query["identifier"]}")
                        .Select(r => new JsonObject { ["resource"] = r.DeepClone() })]),
                });
            case ("POST", "/fhir"):
                using (var reader = new StreamReader(request.Body, Encoding.UTF8))
                {
                    var bundle = JsonNode.Parse(await reader.ReadToEndAsync())!;
                    lock (_lock)
                    {
                        return Transact(bundle);
                    }
                }

            default:
                return (404, Outcome("not-found", $"no {request.Path}"));
        }
    }

    public static JsonObject Outcome(string code, string diagnostics) => new()
    {
        ["resourceType"] = "OperationOutcome",
        ["issue"] = new JsonArray(new JsonObject
        {
            ["severity"] = "error",
            ["code"] = code,
            ["diagnostics"] = diagnostics,
            ["expression"] = new JsonArray("Bundle.entry[2].resource", $"Bundle.where({diagnostics})"),
        }),
    };

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    (int Status, JsonObject Body) Transact(JsonNode bundle)
    {
        var (created, places, answers) = (new List<JsonObject>(), new Dictionary<string, string>(), new JsonArray());
        foreach (var entry in bundle["entry"]!.AsArray())
        {
            var resource = entry!["resource"]!.DeepClone().AsObject();
            var type = (string)resource["resourceType"]!;
            if ((string)entry["request"]!["url"]! != type)
            {
                return (400, Outcome("invalid", "an address that is no type"));
            }

            var there = Matches(_resources.Where(r => (string?)r["resourceType"] == type), (string)entry["request"]!["ifNoneExist"]!);
            if (there.Count > 1)
            {
                return (412, Outcome("multiple-matches", "several"));
            }

            if (there.Count == 0)
            {
                resource["id"] = Guid.NewGuid().ToString();
                created.Add(resource);
            }

            var place = $"{type}/{(there.Count == 0 ? resource : there[0])["id"]}";
            places[(string)entry["fullUrl"]!] = place;
            answers.Add(new JsonObject
            {
                ["response"] = new JsonObject { ["status"] = there.Count == 0 ? "201 Created" : "200", ["location"] = place },
            });
        }

        foreach (var resource in created)
        {
            var text = places.Aggregate(resource.ToJsonString(), (t, p) => t.Replace(p.Key, p.Value, StringComparison.Ordinal));
            var whole = JsonNode.Parse(text)!.AsObject();
            if (text.Contains("urn:uuid:", StringComparison.Ordinal))
            {
                return (400, Outcome("processing", "a reference to what is not there"));
            }

            if (LooksForPatients && (string?)whole["subject"]?["reference"] is { } reference)
            {
                if (PatientOf(reference) is not { } patient)
                {
                    return (400, Outcome("processing", $"HAPI-1091: nobody has {reference}"));
                }

                whole["subject"]!["reference"] = patient;
            }

            _resources.Add(whole);
        }

        return (200, new() { ["resourceType"] = "Bundle", ["type"] = "transaction-response", ["entry"] = answers });
    }

    /// <summary>The address of whom a conditional reference means; null for whom it does not know.</summary>
    string? PatientOf(string reference)
    {
        var value = Uri.UnescapeDataString(reference["Patient?identifier=".Length..]);
        return Patients.FirstOrDefault(p => value == $"{PatientSystem}|{p}") is { } number
            ? $"Patient/{Patients.IndexOf(number) + 1}"
            : null;
    }

    static List<JsonObject> Matches(IEnumerable<JsonObject> resources, string query)
    {
        var parts = query.Split('=', 2);
        var token = parts[1].Split('|', 2);
        var (system, value) = (token[0], token[1]);
        return
        [
            .. resources.Where(r => parts[0] == "_tag"
                ? Has(r["meta"]?["tag"], "code")
                : Has(r["identifier"], "value")),
        ];

        bool Has(JsonNode? list, string member) =>
            list is JsonArray items && items.Any(i => (string?)i!["system"] == system && (string?)i[member] == value);
    }
}
