using System.Globalization;

namespace CovidCxr.Web.Shared;

/// <summary>A page of a list: from 0 in the program, from 1 in an address, which may be typed by hand.</summary>
static class PageNumber
{
    public static int Read(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var page) ? Math.Clamp(page, 1, 1_000_000) - 1 : 0;

    /// <summary>"51–100 of 1,234".</summary>
    public static string Range(int page, int size, int total) =>
        $"{(page * size) + 1:N0}–{Math.Min((page + 1) * size, total):N0} of {total:N0}";

    public static string Write(int page) => (page + 1).ToString(CultureInfo.InvariantCulture);
}
