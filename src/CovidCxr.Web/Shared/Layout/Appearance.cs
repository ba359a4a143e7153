using MudBlazor;

namespace CovidCxr.Web.Shared.Layout;

/// <summary>
/// The one theme: an accent colour on neutral greys, dark and light, and type that is small and close, as lists need it. Contrast of
/// text is at least 4.5 to 1 in both palettes.
/// </summary>
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
            LinesInputs = "#4a545c",
            TableLines = "#2c3338",
            TableHover = "#dde3e80f",
            ActionDefault = "#9fabb4",
            ActionDisabled = "#dde3e880",
            ActionDisabledBackground = "#dde3e81f",
            Error = "#ff7a7e",
            Success = "#4cc38a",
            Warning = "#e0a82e",
            Info = "#6cb8ff",
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
            LinesInputs = "#8b98a3",
            TableLines = "#d3dae0",
            TableHover = "#1b23290f",
            ActionDefault = "#4f5d68",
            ActionDisabled = "#1b232980",
            ActionDisabledBackground = "#1b23291f",
            Error = "#b3261e",
            Success = "#18794e",
            Warning = "#8a5b00",
            Info = "#0b5cad",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = Fonts, FontSize = "0.875rem" },
            Body1 = new Body1Typography { FontFamily = Fonts, FontSize = "0.875rem", LineHeight = "1.45", LetterSpacing = "normal" },
            Body2 = new Body2Typography { FontFamily = Fonts, FontSize = "0.875rem", LineHeight = "1.45", LetterSpacing = "normal" },
            Subtitle1 = new Subtitle1Typography
            {
                FontFamily = Fonts,
                FontSize = "0.875rem",
                LineHeight = "1.45",
                LetterSpacing = "normal",
            },
            Button = new ButtonTypography
            {
                FontFamily = Fonts,
                FontSize = "0.875rem",
                FontWeight = "400",
                LineHeight = "1.25rem",
                LetterSpacing = "normal",
                TextTransform = "none",
            },
        },
        LayoutProperties = new LayoutProperties { DefaultBorderRadius = "4px" },
    };
}
