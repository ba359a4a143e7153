using System.ComponentModel;
using CovidCxr.Clinic.Answers;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Web.Shared.Api;

namespace CovidCxr.Web.Features.Clinic.Studies;

/// <summary>
/// Studies for other programs: who they are of and how they were taken, never what the model says of one that is held back.
/// </summary>
static class StudiesApi
{
    const int MostOnAPage = 200;

    /// <param name="ReadCount">Finished readings.</param>
    /// <param name="ImageCount">The principal image and the further ones of the visit.</param>
    sealed record StudySummary(
        Guid Id, string? PatientNumber, Sex Sex, int? AgeYears, ViewPosition View, DateTimeOffset ReceivedAt, StudyStatus Status,
        int ReadCount, int ImageCount);

    /// <param name="Page">From 1.</param>
    /// <param name="Total">Studies that match.</param>
    sealed record StudyList(IReadOnlyList<StudySummary> Studies, int Page, int PageSize, int Total);

    /// <param name="Laterality">L or R as the film says; null where it does not.</param>
    /// <param name="WithheldReason">Why it is not to be scored, in words; null where it may be.</param>
    sealed record ImageFacts(
        Guid Id, ViewPosition View, string? Laterality, DateTimeOffset ReceivedAt, int Width, int Height, int BitsStored,
        string? WithheldReason);

    /// <param name="View">Of the principal image, which is scored; so are width, height and bits.</param>
    /// <param name="StatusReason">Why there is no score, in words; null where there is, or is to be, one.</param>
    /// <param name="FurtherImages">Of the same visit, such as the lateral view, oldest first; they are never scored.</param>
    /// <param name="IsWithdrawn">It counts nowhere and has neither prediction nor readings.</param>
    sealed record StudyFacts(
        Guid Id, string? PatientNumber, Sex Sex, DateOnly? BirthDate, int? AgeYears, DateOnly? AcquiredOn, ViewPosition View,
        DateTimeOffset ReceivedAt, int Width, int Height, int BitsStored, StudyStatus Status, string? StatusReason,
        IReadOnlyList<ImageFacts> FurtherImages, bool IsWithdrawn);

    /// <param name="Probabilities">One of each class, together 1.</param>
    /// <param name="Decision">The class that is decided for: the positive one at or above the threshold.</param>
    /// <param name="SeverityZones">A to F, 0 to 3 each; empty where the model says none.</param>
    /// <param name="Assessment">What the newest finished reading with this answer in sight says of it.</param>
    /// <param name="Warning">What speaks against relying on the model, as a sentence; null for nothing.</param>
    sealed record PredictionFacts(
        Guid Id, Guid StudyId, IReadOnlyList<string> Classes, IReadOnlyList<double> Probabilities, string PositiveClass, double Threshold,
        string Decision, IReadOnlyList<double> SeverityZones, Guid ModelId, int ModelVersion, string ModelName, DateTimeOffset CreatedAt,
        Assessment Assessment, string? Warning, string Notice);

    sealed record ReadingFacts(
        Guid Id, string Reader, ReadingStage Stage, Opinion Opinion, int Confidence, bool? AgreesWithPrediction, string? Note,
        DateTimeOffset At, bool IsSuperseded);

    sealed record ReadingFactsList(IReadOnlyList<ReadingFacts> Readings);

    public static void MapStudiesApi(this IEndpointRouteBuilder app)
    {
        var reading = app.MapApi(ApiScope.ReadStudies, "Studies");
        reading.MapGet("/studies", ListAsync).WithName("listStudies").WithSummary("Studies, the newest first; none of the withdrawn.")
            .Produces<StudyList>().ProducesProblem(StatusCodes.Status400BadRequest);
        reading.MapGet("/studies/{id:guid}", GetAsync).WithName("getStudy")
            .WithSummary("One study. The audit trail keeps who looked.")
            .Produces<StudyFacts>().ProducesProblem(StatusCodes.Status404NotFound);
        app.MapApi(ApiScope.ReadPredictions, "Studies").MapGet("/studies/{id:guid}/prediction", PredictionAsync)
            .WithName("getPrediction").WithSummary("The model's answer, once it may leave.")
            .WithDescription(
                "As long as the reading policy holds it back the answer is 409. Once it was told it counts as disclosed to every "
                + "reader who has not begun the film.")
            .Produces<PredictionFacts>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        app.MapApi(ApiScope.ReadReadings, "Studies").MapGet("/studies/{id:guid}/readings", ReadingsAsync).WithName("getReadings")
            .WithSummary("What readers said, oldest first; held back as the prediction is.")
            .Produces<ReadingFactsList>().ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    static async Task<IResult> ListAsync(
        HttpContext context, ListStudies list, CancellationToken cancellation,
        [Description("From 1.")] int page = 1,
        [Description("1 to 200.")] int pageSize = 50,
        [Description("Any part of a patient or accession number.")] string? text = null,
        [Description("queued, analysing, ready, withheld or failed.")] string? status = null,
        [Description("Whether finished readings exist.")] bool? isRead = null,
        [Description("Received at this time or later.")] DateTimeOffset? receivedFrom = null,
        [Description("Received earlier than this.")] DateTimeOffset? receivedBefore = null)
    {
        StudyStatus? ofStatus = null;
        if (status is not null)
        {
            if (!ApiProblems.IsName<StudyStatus>(status, out var named))
            {
                return ApiProblems.Of(
                    StatusCodes.Status400BadRequest, "no-such-status", "status is queued, analysing, ready, withheld or failed.");
            }

            ofStatus = named;
        }

        if (page < 1 || pageSize is < 1 or > MostOnAPage)
        {
            return ApiProblems.Of(
                StatusCodes.Status400BadRequest, "no-such-page", $"page is 1 or more, and pageSize 1 to {MostOnAPage}.");
        }

        var found = await list.RunAsync(
            new(
                page - 1, pageSize, WorklistSort.Received, IsRead: isRead, Status: ofStatus, From: receivedFrom, To: receivedBefore,
                Text: text),
            Lead(context), cancellation, hasAnswers: false);
        return Results.Ok(new StudyList(
            [.. found.Items.Select(i => new StudySummary(
                i.Id, i.PatientNumber, i.Sex, i.AgeYears, i.View, i.ReceivedAt, i.Status, i.ReadCount,
                1 + i.FurtherImages))],
            page, pageSize, found.Total));
    }

    static async Task<IResult> GetAsync(Guid id, HttpContext context, GetStudy get, CancellationToken cancellation) =>
        await get.RunAsync(id, isView: true, Lead(context), cancellation) is { } s
            ? Results.Ok(new StudyFacts(
                s.Id, s.PatientNumber, s.Sex, s.BirthDate, s.AgeYears, s.AcquiredOn, s.View, s.ReceivedAt, s.Width, s.Height, s.BitsStored,
                s.Status, s.StatusReason,
                [.. s.Images.Select(i => new ImageFacts(
                    i.Id, i.View, i.Laterality, i.ReceivedAt, i.Width, i.Height, i.BitsStored, i.WithheldReason))],
                s.IsWithdrawn))
            : ApiProblems.NoStudy();

    static async Task<IResult> PredictionAsync(Guid id, HttpContext context, TellAnswer tell, CancellationToken cancellation) =>
        await tell.RunAsync(id, Lead(context), cancellation) switch
        {
            null => ApiProblems.NoStudy(),
            AnswerRelease.Released answer => Results.Ok(Of(answer)),
            AnswerRelease.HeldBack held => HeldBack(held.Reason),
            AnswerRelease.Nothing nothing => ApiProblems.Of(StatusCodes.Status404NotFound, "no-prediction", nothing.Reason),
            _ => throw new InvalidOperationException("A release is nothing else."),
        };

    static async Task<IResult> ReadingsAsync(Guid id, HttpContext context, TellReadings tell, CancellationToken cancellation) =>
        await tell.RunAsync(id, Lead(context), cancellation) switch
        {
            null => ApiProblems.NoStudy(),
            { HeldBack: { } reason } => HeldBack(reason),
            var told => Results.Ok(new ReadingFactsList(
                [.. told.Readings.Select(r => new ReadingFacts(
                    r.Id, r.ReaderName, r.Stage, r.Opinion, r.Confidence, r.AgreesWithPrediction, r.Note, r.CreatedAt, r.IsSuperseded))])),
        };

    static IResult HeldBack(string reason) => ApiProblems.Of(StatusCodes.Status409Conflict, "held-back", reason);

    static PredictionFacts Of(AnswerRelease.Released answer)
    {
        var (p, model) = (answer.Prediction, answer.Model);
        return new(
            p.Id, p.StudyId, p.Classes, p.Probabilities, p.Classes[p.PositiveIndex], p.Threshold, p.Classes[p.PredictedIndex],
            p.SeverityZones, model.Id, model.Number, model.Name, p.CreatedAt, answer.Assessment, answer.Warning,
            "Decision support, not a diagnosis.");
    }

    // A lead sees every study and is not asked to read any.
    static Actor Lead(HttpContext context) => ApiAccess.ActorOf(context.User, Role.Program, Role.DepartmentLead);
}
