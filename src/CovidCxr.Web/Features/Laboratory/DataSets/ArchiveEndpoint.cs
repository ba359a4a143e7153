using CovidCxr.Laboratory.DataSets;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Metadata;

namespace CovidCxr.Web.Features.Laboratory.DataSets;

/// <summary>Takes an archive as a stream: a gigabyte of images never stands in memory.</summary>
static class ArchiveEndpoint
{
    sealed record Answer(Guid? Archive, string? Message);

    public static void MapArchive(this IEndpointRouteBuilder app) =>
        app
            .MapPost("/data-sets/upload", UploadAsync)
            .RequireAuthorization(AccessPolicies.Administer)
            .RequireRateLimiting(RateLimits.Archive)
            .WithMetadata(new Limits());

    static async Task<IResult> UploadAsync(
        HttpContext context, IAntiforgery antiforgery, AcceptArchive accept, CancellationToken cancellation)
    {
        if (!await PageToken.IsGivenAsync(context, antiforgery))
        {
            return Results.BadRequest(new Answer(null, "The page is too old. Load it again."));
        }

        if (context.Request.ContentType != "application/zip")
        {
            return Results.BadRequest(new Answer(null, "The request holds no archive."));
        }

        return await accept.RunAsync(context.Request.Body, context.User.ToActor(), cancellation) switch
        {
            AcceptArchiveResult.Accepted accepted => Results.Ok(new Answer(accepted.Archive, null)),
            AcceptArchiveResult.Refused refused => Results.UnprocessableEntity(new Answer(null, refused.Message)),
            _ => throw new InvalidOperationException("An upload has no other results."),
        };
    }

    sealed class Limits : IRequestSizeLimitMetadata
    {
        // A collection of 20,000 X-rays at full size; what it unpacks to is bounded for itself.
        public long? MaxRequestBodySize => 8L << 30;
    }
}
