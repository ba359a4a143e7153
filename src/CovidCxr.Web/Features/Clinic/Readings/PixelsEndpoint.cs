using System.Globalization;
using CovidCxr.Clinic.Studies;
using CovidCxr.Web.Shared.Security;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>The raw samples of a study's images, for the viewer.</summary>
public static class PixelsEndpoint
{
    public static void MapPixels(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/studies/{id:guid}/pixels", RunAsync).RequireAuthorization(AccessPolicies.ViewStudies);
        routes.MapGet("/studies/{id:guid}/images/{image:guid}/pixels", RunAsync).RequireAuthorization(AccessPolicies.ViewStudies);
    }

    static async Task<IResult> RunAsync(Guid id, GetPixels getPixels, HttpContext context, Guid? image = null)
    {
        if (await getPixels.RunAsync(id, context.User.ToActor(), context.RequestAborted, image) is not { } pixels)
        {
            return Results.NotFound();
        }

        context.Response.KeepPrivate();
        context.Response.Headers["X-Image-Width"] = pixels.Width.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["X-Image-Height"] = pixels.Height.ToString(CultureInfo.InvariantCulture);
        context.Response.Headers["X-Image-Bits"] = pixels.BitsStored.ToString(CultureInfo.InvariantCulture);
        return Results.Bytes(pixels.Samples, "application/octet-stream");
    }

    /// <summary>A patient's image stays out of every cache.</summary>
    internal static void KeepPrivate(this HttpResponse response)
    {
        response.Headers.CacheControl = "no-store, private";
        response.Headers.XContentTypeOptions = "nosniff";
    }
}
