using CovidCxr.Clinic.Exports;
using CovidCxr.Web.Shared.Agreement;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Clinic.Exports;

/// <summary>The compared readings as CSV, under the filter of the address: all that was compared, or what a registry takes.</summary>
static class ExportEndpoint
{
    public static void MapAgreementExport(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(AgreementAddress.Export, RunAsync).RequireAuthorization(AccessPolicies.CompareReaders);
        routes.MapGet(AgreementAddress.Registry, RunRegistry).RequireAuthorization(AccessPolicies.EnterReferences);
    }

    static IResult RunRegistry(ExportRegistry export, TimeProvider time, HttpContext context) => Results.Stream(
        stream => export.RunAsync(
            AgreementAddress.Read(name => context.Request.Query[name]), stream, context.User.ToActor(), context.RequestAborted),
        "text/csv; charset=utf-8", $"assess-ai-{DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime):yyyyMMdd}.csv");

    static async Task<IResult> RunAsync(ExportCases export, TimeProvider time, HttpContext context)
    {
        var csv = await export.RunAsync(
            AgreementAddress.Read(name => context.Request.Query[name]), context.User.ToActor(), context.RequestAborted);
        return Results.File(
            csv, "text/csv; charset=utf-8", $"agreement-{DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime):yyyyMMdd}.csv");
    }
}
