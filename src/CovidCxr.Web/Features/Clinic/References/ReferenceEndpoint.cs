using System.Text.Json;
using System.Text.Json.Serialization;
using CovidCxr.Clinic.References;
using CovidCxr.Domain.Accounts;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Agreement;
using CovidCxr.Web.Shared.Api;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http.Metadata;

namespace CovidCxr.Web.Features.Clinic.References;

/// <summary>
/// References from another program, as JSON: an array of objects with the fields that a file's columns have. The answer says of each what
/// became of it.
/// </summary>
static class ReferenceEndpoint
{
    // What is not a field of ours is a mistake, not to be passed over.
    static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <param name="Error">Why nothing was done; null where it was.</param>
    sealed record Answer(
        [property: JsonPropertyName("dry_run")] bool DryRun, int New, int Replaced, int Known, int Refused, IReadOnlyList<Line> Lines,
        string? Error = null);

    /// <param name="Number">Of the object in the array, from 1.</param>
    /// <param name="Source">Null, as the two after it, where the object could not be understood.</param>
    sealed record Line(
        int Number, string Study, [property: JsonPropertyName(ReferenceCsv.StudyId)] Guid? StudyId, string? Source, string? Result,
        [property: JsonPropertyName(ReferenceCsv.FoundOn)] string? FoundOn,
        [property: JsonPropertyName("fate")] ReferenceOutcome Outcome, string? Message);

    public static void MapReferences(this IEndpointRouteBuilder routes)
    {
        routes
            .MapPost(AgreementAddress.Api, OfAPersonAsync)
            .RequireAuthorization(AccessPolicies.EnterReferences)
            .RequireRateLimiting(RateLimits.Upload)
            .WithMetadata(new Limits());
        routes.MapApi(ApiScope.WriteReferences, "References").MapPost("/references", OfAClientAsync).WithName("submitReferences")
            .WithSummary("What tests and follow-up say of studies. With dryRun nothing is stored.")
            .WithDescription(
                "The answer says of each line what became of it; refused ones are left out. The fields are those of a file. Which study a "
                + "line found, and what stood there before, is told to clients that may see studies too.")
            .Accepts<IReadOnlyList<ReferenceEntry>>("application/json")
            .Produces<Answer>().ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .WithMetadata(new Limits());
    }

    static async Task<IResult> OfAPersonAsync(
        HttpContext context, IAntiforgery antiforgery, SubmitReferences submit, CancellationToken cancellation) =>
        await PageToken.IsGivenAsync(context, antiforgery)
            ? await RunAsync(context, context.User.ToActor(), submit, Of, Refuse, cancellation)
            : Refuse("The header RequestVerificationToken is missing or too old.", StatusCodes.Status400BadRequest);

    static Task<IResult> OfAClientAsync(
        HttpContext context, SubmitReferences submit, CancellationToken cancellation, bool? dryRun = null) =>
        RunAsync(
            context, ApiAccess.ActorOf(context.User, Role.DepartmentLead), submit,
            ApiAccess.May(context.User, ApiScope.ReadStudies) ? Of : WithoutTheStudy,
            (why, status) => ApiProblems.Of(status, "refused", why), cancellation);

    static async Task<IResult> RunAsync(
        HttpContext context, Actor actor, SubmitReferences submit, Func<PlannedReference, Line> tell, Func<string, int, IResult> refuse,
        CancellationToken cancellation)
    {
        if (!TryRead(context.Request.Query["dryRun"], out var isDryRun)
            || !context.Request.HasJsonContentType()
            || await ReadAsync(context.Request.Body, cancellation) is not { } entries)
        {
            return refuse(
                $"The body must be a JSON array of objects with {ReferenceCsv.StudyId}, or {ReferenceCsv.PatientNumber} and "
                + $"{ReferenceCsv.StudyDate}; and {ReferenceCsv.Source}, {ReferenceCsv.Result}, {ReferenceCsv.FoundOn}; "
                + "all of them texts. dryRun is true or false.",
                StatusCodes.Status400BadRequest);
        }

        var plan = await submit.RunAsync(entries, isDryRun, actor, cancellation);
        return plan.Error is { } error
            ? refuse(error, StatusCodes.Status422UnprocessableEntity)
            : Results.Json(
                new Answer(
                    isDryRun,
                    plan.Of(ReferenceOutcome.New),
                    plan.Of(ReferenceOutcome.Replaces),
                    plan.Of(ReferenceOutcome.Known),
                    plan.Of(ReferenceOutcome.Refused),
                    [.. plan.Lines.Select(tell)]),
                Format);
    }

    static IResult Refuse(string why, int status) => Results.Json(new Answer(false, 0, 0, 0, 0, [], why), Format, statusCode: status);

    static Line Of(PlannedReference line) => line.FoundOn == default
        ? new(line.Line, line.Study, line.StudyId, null, null, null, line.Outcome, line.Message)
        : new(
            line.Line, line.Study, line.StudyId, Word(ReferenceCsv.Sources, line.Source), Word(ReferenceCsv.Results, line.Result),
            line.FoundOn.Iso(), line.Outcome, line.Message);

    // What the client has not said itself.
    static Line WithoutTheStudy(PlannedReference line) => Of(line) with
    {
        StudyId = null,
        Message = line.Outcome == ReferenceOutcome.Replaces ? "Replaces another finding." : line.Message,
    };

    static string Word<T>(IReadOnlyDictionary<string, T> words, T value) => words.First(w => Equals(w.Value, value)).Key;

    static bool TryRead(string? text, out bool isDryRun) => bool.TryParse(text ?? "false", out isDryRun);

    static async Task<List<ReferenceEntry>?> ReadAsync(Stream body, CancellationToken cancellation)
    {
        try
        {
            return (await JsonSerializer.DeserializeAsync<List<ReferenceEntry?>>(body, Format, cancellation))?.ConvertAll(e => e ?? new());
        }
        catch (JsonException)
        {
            return null;
        }
    }

    sealed class Limits : IRequestSizeLimitMetadata
    {
        public long? MaxRequestBodySize => ReferenceCsv.MaxBytes;
    }
}
