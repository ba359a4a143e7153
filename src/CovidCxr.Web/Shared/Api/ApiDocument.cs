using System.Text.Json;
using System.Text.Json.Serialization;
using CovidCxr.Web.Shared.Security;
using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace CovidCxr.Web.Shared.Api;

/// <summary>The API as an OpenAPI document. A test pins it: whoever changes the API sees what clients will see.</summary>
static class ApiDocument
{
    const string Version = "v1", KeyScheme = "key";

    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services
        .ConfigureHttpJsonOptions(o =>
        {
            o.SerializerOptions.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase));
            o.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        })
        .AddOpenApi(Version, options =>
        {
            options.ShouldInclude = d => d.RelativePath?.StartsWith(ApiProblems.Root + "/", StringComparison.Ordinal) == true;
            options.AddDocumentTransformer((document, _, _) =>
            {
                Describe(document);
                return Task.CompletedTask;
            });
        });

    /// <summary>The document, and Scalar's page of it: for administrators, and in development for everybody.</summary>
    public static void MapApiDocument(this WebApplication app)
    {
        IEndpointConventionBuilder[] both =
        [
            app.MapOpenApi("/api/openapi.json"),
            // The script comes with the program, and the page asks nobody else for anything.
            app.MapScalarApiReference("/api/docs", page => page
                .WithOpenApiRoutePattern("/api/openapi.json").WithTitle("CovidCxr API").WithDynamicBaseServerUrl()
                .WithNonce().DisableDefaultFonts().DisableTelemetry()),
        ];
        foreach (var endpoints in both)
        {
            _ = app.Environment.IsDevelopment() ? endpoints.AllowAnonymous() : endpoints.RequireAuthorization(AccessPolicies.Administer);
        }
    }

    static void Describe(OpenApiDocument document)
    {
        document.Info = new()
        {
            Title = "CovidCxr",
            Version = Version,
            Description = "Chest X-rays, readings and references for other programs. What a model says is decision support, not a "
                + "diagnosis. Errors are problem details (RFC 9457).",
        };
        // The address is where the document was read.
        document.Servers = [];
        document.Components ??= new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [KeyScheme] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A key that an administrator made on the page API clients.",
            },
        };
        document.Security = [new() { [new(KeyScheme, document)] = [] }];
        ApiWebhooks.Describe(document);
    }
}
