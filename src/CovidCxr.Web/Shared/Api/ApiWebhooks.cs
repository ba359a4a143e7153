using CovidCxr.Platform.Webhooks;
using Microsoft.OpenApi;

namespace CovidCxr.Web.Shared.Api;

/// <summary>The messages that other programs get, in the API's document.</summary>
static class ApiWebhooks
{
    const string Message = "WebhookMessage";

    public static void Describe(OpenApiDocument document)
    {
        document.Components!.Schemas ??= new Dictionary<string, IOpenApiSchema>();
        document.Components.Schemas[Message] = new OpenApiSchema
        {
            Type = JsonSchemaType.Object,
            Required = new HashSet<string> { "type", "timestamp", "data" },
            Properties = new Dictionary<string, IOpenApiSchema>
            {
                ["type"] = Text("The event's name."),
                ["timestamp"] = Text("When it happened.", "date-time"),
                ["data"] = new OpenApiSchema
                {
                    Type = JsonSchemaType.Object,
                    Properties = new Dictionary<string, IOpenApiSchema>
                    {
                        ["studyId"] = Text("Which study; absent where it is of several.", "uuid"),
                    },
                },
            },
        };
        document.Webhooks = WebhookEvents.All.ToDictionary(e => e.Name, IOpenApiPathItem (e) => Event(document, e.Name, e.Meaning));
    }

    static OpenApiPathItem Event(OpenApiDocument document, string name, string meaning) => new()
    {
        Operations = new()
        {
            [HttpMethod.Post] = new()
            {
                OperationId = name,
                Summary = meaning,
                Security = [],
                Parameters =
                [
                    Header("webhook-id", "The same at each attempt."),
                    Header("webhook-timestamp", "Of this attempt, in seconds since 1970. Refuse what is older than five minutes."),
                    Header(
                        "webhook-signature",
                        "v1, and base64 of HMAC-SHA256 over id.timestamp.body with the secret; several with a blank between. As Standard "
                            + "Webhooks has it."),
                ],
                RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Content = new Dictionary<string, OpenApiMediaType>
                    {
                        ["application/json"] = new() { Schema = new OpenApiSchemaReference(Message, document) },
                    },
                },
                Responses = new()
                {
                    ["2XX"] = new OpenApiResponse
                    {
                        Description = "It is taken. Anything else, and 15 seconds of silence, is tried again.",
                    },
                },
            },
        },
    };

    static OpenApiParameter Header(string name, string description) => new()
    {
        Name = name,
        In = ParameterLocation.Header,
        Required = true,
        Description = description,
        Schema = new OpenApiSchema { Type = JsonSchemaType.String },
    };

    static OpenApiSchema Text(string description, string? format = null) =>
        new() { Type = JsonSchemaType.String, Format = format, Description = description };
}
