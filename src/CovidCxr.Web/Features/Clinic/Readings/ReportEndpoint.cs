using CovidCxr.Clinic.Studies;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>A reading as text, and as PDF; like the sheet on paper, for who may see the study.</summary>
public static class ReportEndpoint
{
    public static void MapReadingReport(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/studies/{id:guid}/report.txt", TextAsync).RequireAuthorization(AccessPolicies.ViewStudies);
        routes.MapGet("/studies/{id:guid}/report.pdf", PdfAsync).RequireAuthorization(AccessPolicies.ViewStudies);
    }

    static async Task<IResult> TextAsync(Guid id, GetStudy get, TimeProvider time, HttpContext context) =>
        await ReportAsync(id, get, time, context) is { } report
            ? Results.Text(report.ToText(), "text/plain", System.Text.Encoding.UTF8)
            : Results.NotFound();

    static async Task<IResult> PdfAsync(Guid id, GetStudy get, GetStudyThumbnail thumbnail, TimeProvider time, HttpContext context)
    {
        if (await ReportAsync(id, get, time, context) is not { } report)
        {
            return Results.NotFound();
        }

        var picture = await thumbnail.RunAsync(id, context.User.ToActor(), context.RequestAborted);
        // Its name says nothing of the patient: it lies in a folder of downloads.
        return Results.File(
            await Task.Run(() => ReportPdf.Write(report, picture, time.GetUtcNow())), "application/pdf", $"reading-{id:N}.pdf");
    }

    static async Task<ReadingReport?> ReportAsync(Guid id, GetStudy get, TimeProvider time, HttpContext context)
    {
        var actor = context.User.ToActor();
        context.Response.Headers.CacheControl = "no-store, private";
        return await get.RunAsync(id, isView: true, actor, context.RequestAborted) is { } study
            ? ReadingReport.Of(study, actor.UserName, time.GetUtcNow())
            : null;
    }
}
