using System.Globalization;

namespace CovidCxr.Web.Shared;

/// <summary>A page of a list: from 0 in the program, from 1 in an address, which may be typed by hand.</summary>
static class PageNumber
{
    public static int Read(string? text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var page) ? Math.Clamp(page, 1, 1_000_000) - 1 : 0;

    public static string Write(int page) => (page + 1).ToString(CultureInfo.InvariantCulture);
}
