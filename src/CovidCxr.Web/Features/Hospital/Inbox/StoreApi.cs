using System.Globalization;
using System.Text.Json.Nodes;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Platform.Audit;
using CovidCxr.Web.Shared.Api;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CovidCxr.Web.Features.Hospital.Inbox;

/// <summary>DICOMweb's store transaction (STOW-RS, PS3.18 10.5): what another program sends lies in the inbox, as by C-STORE.</summary>
static class StoreApi
{
    /// <summary>Parts of one request; a client with more sends more requests.</summary>
    const int MaxObjects = 50;

    const int BufferBytes = 80 * 1024, MaxBoundary = 128;

    const string Dicom = "application/dicom", DicomJson = "application/dicom+json";

    public static void MapStoreApi(this IEndpointRouteBuilder app)
    {
        var imaging = app.ServiceProvider.GetRequiredService<IOptions<ImagingOptions>>().Value;
        var group = app.MapApi(ApiScope.WriteStudies, "DICOMweb");
        Describe(group.MapPost("/dicom-web/studies", RunAsync), "storeInstances", "Takes DICOM objects (STOW-RS).", imaging);
        Describe(
            group.MapPost("/dicom-web/studies/{study}", RunAsync), "storeInstancesOfStudy",
            "Takes DICOM objects of one study (STOW-RS).", imaging);
    }

    static void Describe(RouteHandlerBuilder route, string name, string summary, ImagingOptions imaging) => route.WithName(name)
        .WithSummary(summary)
        .WithDescription(
            $"The body is multipart/related with up to {MaxObjects} parts of {Dicom}. 200: all are stored; 202: some, or 409: none, "
            + "and the answer says which and why (FailedSOPSequence). What is stored is filed in the background, as what C-STORE "
            + "brings: a question or a refusal stands on the page Hospital. 503: too much waits, or the disk is full; come again.")
        .Produces(StatusCodes.Status200OK, contentType: DicomJson).Produces(StatusCodes.Status202Accepted, contentType: DicomJson)
        .Produces(StatusCodes.Status409Conflict, contentType: DicomJson)
        .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status503ServiceUnavailable)
        .RequireRateLimiting(RateLimits.ApiUpload)
        .WithMetadata(new StoreLimits(imaging));

    static async Task<IResult> RunAsync(
        HttpContext context, ReceiveByWeb receive, AuditLog audit, IOptions<ImagingOptions> imaging, CancellationToken cancellation,
        string? study = null)
    {
        if (Boundary(context.Request) is not { } boundary)
        {
            return ApiProblems.Of(
                StatusCodes.Status415UnsupportedMediaType, "not-dicom", $"The body must be multipart/related; type=\"{Dicom}\".");
        }

        if (await receive.IsFullAsync(cancellation))
        {
            context.Response.Headers.RetryAfter = "60";
            return ApiProblems.Of(StatusCodes.Status503ServiceUnavailable, "busy", "Too much waits to be filed, or the disk is full.");
        }

        var client = ApiAccess.ActorOf(context.User, Role.Program);
        List<WebObject> objects = [];
        var isBroken = false;
        try
        {
            var reader = new MultipartReader(boundary, context.Request.Body, BufferBytes);
            while (await reader.ReadNextSectionAsync(cancellation) is { } part)
            {
                if (objects.Count == MaxObjects)
                {
                    // The rest is not stored; what was is told.
                    objects.Add(new(null, null, ReceiveByWeb.OutOfResources));
                    break;
                }

                objects.Add(IsDicom(part) && await ReadAsync(part.Body, imaging.Value.MaxFileBytes, cancellation) is { } content
                    ? await receive.RunAsync(content, study, NameOf(client.UserName), client.Source ?? "?", cancellation)
                    : new(null, null, ReceiveByWeb.NotUnderstood));
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            isBroken = true;
        }
        finally
        {
            await audit.RecordAsync(
                client, AuditAction.ReceivedObject, AuditOutcome.Succeeded,
                detail: string.Create(
                    CultureInfo.InvariantCulture,
                    $"DICOMweb: {objects.Count(o => o.Failure is null)} stored, {objects.Count(o => o.Failure is not null)} not"));
        }

        if (objects.Count == 0)
        {
            return ApiProblems.Of(
                StatusCodes.Status400BadRequest, "bad-request",
                isBroken ? "The body must be multipart/related, whole, with short headers." : "The body has no part.");
        }

        if (isBroken)
        {
            // What was stored is told; the broken part is not understood.
            objects.Add(new(null, null, ReceiveByWeb.NotUnderstood));
        }

        return Answer(objects);
    }

    static IResult Answer(List<WebObject> objects)
    {
        var answer = new JsonObject { ["00081190"] = new JsonObject { ["vr"] = "UR" } };
        Add("00081199", objects.FindAll(o => o.Failure is null));
        Add("00081198", objects.FindAll(o => o.Failure is not null));
        return Results.Text(
            answer.ToJsonString(), DicomJson,
            statusCode: objects.TrueForAll(o => o.Failure is null) ? StatusCodes.Status200OK
                : objects.Exists(o => o.Failure is null) ? StatusCodes.Status202Accepted
                : StatusCodes.Status409Conflict);

        void Add(string tag, List<WebObject> some)
        {
            if (some.Count > 0)
            {
                answer[tag] = new JsonObject { ["vr"] = "SQ", ["Value"] = new JsonArray([.. some.Select(Item)]) };
            }
        }
    }

    static JsonNode Item(WebObject one)
    {
        var item = new JsonObject { ["00081150"] = Value("UI", one.SopClass), ["00081155"] = Value("UI", one.Instance) };
        if (one.Failure is { } failure)
        {
            item["00081197"] = Value("US", failure);
        }

        return item;
    }

    static JsonObject Value(string vr, JsonNode? value) =>
        value is null ? new() { ["vr"] = vr } : new() { ["vr"] = vr, ["Value"] = new JsonArray(value) };

    static string? Boundary(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("multipart/related", StringComparison.OrdinalIgnoreCase)
        && (type.Parameters.FirstOrDefault(p => p.Name.Equals("type", StringComparison.OrdinalIgnoreCase)) is not { } kind
            || HeaderUtilities.RemoveQuotes(kind.Value).Equals(Dicom, StringComparison.OrdinalIgnoreCase))
        && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= MaxBoundary } boundary
            ? boundary.ToString()
            : null;

    // A part without a type has that of the whole.
    static bool IsDicom(MultipartSection part) =>
        part.ContentType is null
        || (MediaTypeHeaderValue.TryParse(part.ContentType, out var type)
            && type.MediaType.Equals(Dicom, StringComparison.OrdinalIgnoreCase));

    /// <returns>Null for one that is longer than a film may be; it is read to its end.</returns>
    static async Task<byte[]?> ReadAsync(Stream body, long longest, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[BufferBytes];
        for (int read; (read = await body.ReadAsync(buffer, cancellation)) > 0;)
        {
            if (bytes.Length + read > longest)
            {
                await body.CopyToAsync(Stream.Null, cancellation);
                return null;
            }

            bytes.Write(buffer.AsSpan(0, read));
        }

        return bytes.ToArray();
    }

    // The client's own name: that it is one stands beside it.
    static string NameOf(string userName) => userName.Replace("API client ", "", StringComparison.Ordinal);

    sealed class StoreLimits(ImagingOptions imaging) : IRequestSizeLimitMetadata
    {
        const int Films = 10;

        public long? MaxRequestBodySize => Films * imaging.MaxFileBytes;
    }
}
