using MudBlazor;

namespace CovidCxr.Web.Shared.Layout;

/// <summary>One accent colour on neutral greys, dark and light. Contrast of text is at least 4.5 to 1 in both.</summary>
static class Appearance
{
    static readonly string[] Fonts = ["system-ui", "Segoe UI", "Roboto", "DejaVu Sans", "sans-serif"];

    public static MudTheme Theme { get; } = new()
    {
        PaletteDark = new PaletteDark
        {
            Primary = "#6cb8ff",
            PrimaryContrastText = "#06121d",
            Background = "#0f1215",
            Surface = "#171b1f",
            TextPrimary = "#dde3e8",
            TextSecondary = "#9fabb4",
            LinesDefault = "#2c3338",
            ActionDefault = "#9fabb4",
        },
        PaletteLight = new PaletteLight
        {
            Primary = "#0b5cad",
            PrimaryContrastText = "#ffffff",
            Background = "#f4f6f8",
            Surface = "#ffffff",
            TextPrimary = "#1b2329",
            TextSecondary = "#4f5d68",
            LinesDefault = "#d3dae0",
            ActionDefault = "#4f5d68",
        },
        Typography = new Typography { Default = new DefaultTypography { FontFamily = Fonts, FontSize = "0.875rem" } },
    };
}
