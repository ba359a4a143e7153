namespace CovidCxr.Web.Shared;

/// <summary>The answer with a picture that no cache on the way may keep.</summary>
static class PrivatePicture
{
    /// <param name="png">Null where there is none for this person, which is not found.</param>
    /// <param name="kept">How long the browser itself may keep what never changes; null for not at all.</param>
    public static IResult Of(byte[]? png, HttpResponse response, TimeSpan? kept = null)
    {
        if (png is null)
        {
            return Results.NotFound();
        }

        response.Headers.CacheControl = kept is { } span ? $"private, max-age={(int)span.TotalSeconds}, immutable" : "no-store, private";
        return Results.Bytes(png, "image/png");
    }
}
