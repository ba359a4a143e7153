using CovidCxr.Laboratory.Runs;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Laboratory.Runs;

/// <summary>Report, evaluation, scores, configuration and checkpoint of a run, as downloads.</summary>
static class RunFileEndpoint
{
    public static void MapRunFile(this IEndpointRouteBuilder app) =>
        app.MapGet("/training/{id:guid}/files/{file}", RunAsync).RequireAuthorization(AccessPolicies.Administer);

    static async Task<IResult> RunAsync(Guid id, string file, GetRunFile get, HttpContext context) =>
        Enum.TryParse<RunFile>(file, ignoreCase: true, out var known)
            && Enum.IsDefined(known)
            && await get.RunAsync(id, known, context.User.ToActor(), context.RequestAborted) is { } found
            ? Results.File(found.Path, found.ContentType, found.Name)
            : Results.NotFound();
}
