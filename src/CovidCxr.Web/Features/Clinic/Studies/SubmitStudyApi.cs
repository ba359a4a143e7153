using System.Globalization;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Web.Shared.Api;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Features.Clinic.Studies;

/// <summary>Takes a film from another program, as the tray takes one from a person.</summary>
static class SubmitStudyApi
{
    const string KeyHeader = "Idempotency-Key";

    /// <param name="Outcome">imported, or duplicate for a film that is known already.</param>
    sealed record Submitted(Guid Id, string Outcome);

    /// <summary>The fields of the form; the file's header needs none of them.</summary>
    /// <param name="File">PNG, JPEG, TIFF or DICOM.</param>
    /// <param name="AcquiredOn">As yyyy-MM-dd.</param>
    /// <param name="Answer">file or typed: whose word counts where the fields contradict the header.</param>
    /// <param name="Confirmed">true: a person has seen what speaks against it.</param>
    sealed record SubmissionForm(
        IFormFile File, string? PatientNumber, string? Sex, string? Age, string? AcquiredOn, string? View, string? Answer,
        string? Confirmed);

    public static void MapSubmitStudyApi(this IEndpointRouteBuilder app)
    {
        var imaging = app.ServiceProvider.GetRequiredService<IOptions<ImagingOptions>>().Value;
        app.MapApi(ApiScope.WriteStudies, "Studies").MapPost("/studies", RunAsync).WithName("submitStudy")
            .WithSummary("Takes one film.")
            .WithDescription(
                "409 is a question: fields that contradict the file's header (answer it with the field answer), or a film that may be "
                + "another patient's or a copy of a known one (answer it with confirmed, once a person has looked). What other films say "
                + "is told to clients that may see studies too, and to others what kind of doubt it is. Under one Idempotency-Key one "
                + "request stores a film, and is answered alike for a day once it has: another one is 422, and the same one meanwhile is "
                + "409 (being-taken). What stored nothing leaves the key free.")
            .Accepts<SubmissionForm>("multipart/form-data")
            .Produces<Submitted>(StatusCodes.Status201Created).Produces<Submitted>()
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge).ProducesProblem(StatusCodes.Status422UnprocessableEntity)
            .RequireRateLimiting(RateLimits.ApiUpload)
            .WithMetadata(new UploadLimits(imaging));
    }

    static async Task<IResult> RunAsync(
        HttpContext context, SubmitStudy submit, CancellationToken cancellation, [FromHeader(Name = KeyHeader)] string? key = null)
    {
        if (key is not null && (key.Length is 0 or > ApiSubmission.MaxKey || !key.All(c => c is > ' ' and < (char)127)))
        {
            return Bad($"{KeyHeader} must be one value of 1 to {ApiSubmission.MaxKey} visible ASCII characters.");
        }

        UploadForm form;
        try
        {
            form = await UploadForm.ReadAsync(context.Request, cancellation);
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return Bad("The body must be multipart/form-data, whole, and of few and short fields.");
        }

        if (form.File is not { } content)
        {
            return Bad("The form has no part named file.");
        }

        if (ReadDetails(form) is not { } details || !TryReadAnswer(form["answer"], out var answer)
            || !bool.TryParse(form["confirmed"] ?? "false", out var isConfirmed))
        {
            return Bad("A field is not understood: sex, age, acquiredOn (yyyy-MM-dd), view, answer (file or typed) or confirmed.");
        }

        var actor = ApiAccess.ActorOf(context.User, Role.Program, Role.Radiologist);
        return await submit.RunAsync(new(content, details, answer, isConfirmed), key, actor, cancellation) switch
        {
            SubmitStudyResult.Answered { Import: ImportStudyResult.Doubted doubted } =>
                Doubted(doubted, ApiAccess.May(context.User, ApiScope.ReadStudies)),
            SubmitStudyResult.Answered answered => Answered(context.Request, answered.Import),
            SubmitStudyResult.BeingTaken => ApiProblems.Of(
                StatusCodes.Status409Conflict, "being-taken", $"The request with this {KeyHeader} is still being worked on."),
            _ => ApiProblems.Of(
                StatusCodes.Status422UnprocessableEntity, "key-used", $"This {KeyHeader} stands for another request."),
        };
    }

    static IResult Bad(string detail) => ApiProblems.Of(StatusCodes.Status400BadRequest, "bad-request", detail);

    /// <returns>Null where a field is not understood: what is sent by a program is not guessed.</returns>
    static StudyDetails? ReadDetails(UploadForm form)
    {
        var (sex, view, age, day) = (Sex.Unknown, ViewPosition.Unknown, 0, default(DateOnly));
        return (form["sex"] is { } s && !ApiProblems.IsName(s, out sex)) || (form["view"] is { } v && !ApiProblems.IsName(v, out view))
            || (form["age"] is { } a && !int.TryParse(a, NumberStyles.None, CultureInfo.InvariantCulture, out age))
            || (form["acquiredOn"] is { } on && !DateOnly.TryParseExact(
                on, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day))
            ? null
            : new(form["patientNumber"], sex, form["age"] is null ? null : age, form["acquiredOn"] is null ? null : day, view);
    }

    static bool TryReadAnswer(string? text, out HeaderAnswer answer)
    {
        answer = text switch { "file" => HeaderAnswer.File, "typed" => HeaderAnswer.Typed, _ => HeaderAnswer.NotAsked };
        return text is null or "file" or "typed";
    }

    // Of other films, to whom may see them.
    static IResult Doubted(ImportStudyResult.Doubted doubted, bool mayRead) => ApiProblems.Of(
        StatusCodes.Status409Conflict, "doubted", "A person must look at this film before it is taken.",
        ("doubts", mayRead ? doubted.Doubts : doubted.Kinds), ("studyId", mayRead ? doubted.StudyId : null),
        ("copyOf", mayRead ? doubted.CopyOf : null));

    static IResult Answered(HttpRequest request, ImportStudyResult result) => result switch
    {
        ImportStudyResult.Imported imported => Results.Created(
            $"{request.PathBase}{request.Path}/{imported.StudyId}", new Submitted(imported.StudyId, "imported")),
        ImportStudyResult.Duplicate duplicate => Results.Ok(new Submitted(duplicate.StudyId, "duplicate")),
        ImportStudyResult.Asked asked => ApiProblems.Of(
            StatusCodes.Status409Conflict, "header-contradicts", "The fields contradict the file's header.",
            ("conflicts", asked.Conflicts), ("header", asked.Header), ("accessionNumber", asked.AccessionNumber)),
        ImportStudyResult.Refused refused => ApiProblems.Of(StatusCodes.Status422UnprocessableEntity, "refused", refused.Message),
        _ => throw new InvalidOperationException("An import has no other results."),
    };
}
