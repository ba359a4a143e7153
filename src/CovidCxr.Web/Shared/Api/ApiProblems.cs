using CovidCxr.Domain.Accounts;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Mvc;

namespace CovidCxr.Web.Shared.Api;

/// <summary>Below /api/v1 whatever goes wrong is told as problem details, and none of it as a page.</summary>
sealed class ApiProblems(RequestDelegate next, ILogger<ApiProblems> logger)
{
    /// <summary>Of every route, below where the program is served.</summary>
    public const string Root = "api/v1";

    static readonly PathString Path = new('/' + Root);

    public static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments(Path);

    public async Task InvokeAsync(HttpContext context)
    {
        if (!IsApi(context))
        {
            await next(context);
            return;
        }

        context.Features.Get<IStatusCodePagesFeature>()?.Enabled = false;
        var response = context.Response;
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody listens any more.
            return;
        }
        catch (Exception e) when (!response.HasStarted)
        {
            (response.StatusCode, response.ContentType, response.ContentLength) = (StatusOf(e), null, null);
            if (response.StatusCode == StatusCodes.Status500InternalServerError)
            {
                // The host's boundary; a message might quote a patient.
                logger.LogError("A request of the API met {Error}.", e.GetType().Name);
            }
        }

        if (response is { HasStarted: false, StatusCode: >= 400, ContentType: null })
        {
            await Results.Problem(statusCode: response.StatusCode).ExecuteAsync(context);
        }
    }

    /// <summary>
    /// What is not mapped, or not for this method or content, is told to everybody: without a route there is no scope to ask for, and the
    /// program's own rule would send the client to a page to sign in.
    /// </summary>
    public static IApplicationBuilder UseApiRoutes(IApplicationBuilder app) => app.Use((context, next) =>
    {
        var endpoint = context.GetEndpoint();
        if (!IsApi(context) || endpoint?.Metadata.GetMetadata<IAuthorizeData>() is not null)
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return endpoint?.RequestDelegate?.Invoke(context) ?? Task.CompletedTask;
    });

    static int StatusOf(Exception e) => e switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        AccessRefusedException => StatusCodes.Status403Forbidden,
        _ => StatusCodes.Status500InternalServerError,
    };

    /// <param name="type">A word for programs, after "urn:covidcxr:".</param>
    /// <param name="detail">A sentence for people.</param>
    public static IResult Of(
        int status, string type, string detail, params IEnumerable<(string Name, object? Value)> more) =>
        Results.Problem(new ProblemDetails
        {
            Status = status,
            Type = $"urn:covidcxr:{type}",
            Title = type.Replace('-', ' '),
            Detail = detail,
            Extensions = more.Where(m => m.Value is not null).ToDictionary(m => m.Name, m => m.Value),
        });

    /// <summary>Whether this is a value's name, in upper or lower case; a number is none.</summary>
    public static bool IsName<T>(string text, out T value)
        where T : struct, Enum => Enum.TryParse(text, ignoreCase: true, out value) && text.All(char.IsAsciiLetter);

    public static IResult NoStudy() => Of(StatusCodes.Status404NotFound, "no-such-study", "There is no study with this id.");
}
