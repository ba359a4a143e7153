using CovidCxr.Clinic.Studies;
using CovidCxr.Web.Shared;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>A small picture of a study, with the heat map where it may be seen.</summary>
public static class ThumbnailEndpoint
{
    public static void MapStudyThumbnail(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/studies/{id:guid}/thumbnail", RunAsync).RequireAuthorization(AccessPolicies.ViewStudies);
        routes.MapGet("/studies/{id:guid}/images/{image:guid}/thumbnail", OfImageAsync).RequireAuthorization(AccessPolicies.ViewStudies);
    }

    static async Task<IResult> RunAsync(Guid id, GetStudyThumbnail getThumbnail, HttpContext context) =>
        PrivatePicture.Of(await getThumbnail.RunAsync(id, context.User.ToActor(), context.RequestAborted), context.Response);

    static async Task<IResult> OfImageAsync(Guid id, Guid image, GetStudyThumbnail getThumbnail, HttpContext context) => PrivatePicture.Of(
        await getThumbnail.OfImageAsync(id, image, context.User.ToActor(), context.RequestAborted), context.Response);
}
