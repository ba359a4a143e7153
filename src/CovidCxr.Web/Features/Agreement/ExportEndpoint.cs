using CovidCxr.Application.Agreement;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Agreement;

/// <summary>The compared readings as CSV, under the filter of the address.</summary>
static class ExportEndpoint
{
    public static void MapAgreementExport(this IEndpointRouteBuilder routes) => routes.MapGet(AgreementAddress.Export, RunAsync).RequireAuthorization(Policies.CompareReaders);

    static async Task<IResult> RunAsync(ExportCases export, TimeProvider time, HttpContext context)
    {
        var csv = await export.RunAsync(AgreementAddress.Read(name => context.Request.Query[name]), context.User.ToActor(), context.RequestAborted);
        return Results.File(csv, "text/csv; charset=utf-8", $"agreement-{DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime):yyyyMMdd}.csv");
    }
}
