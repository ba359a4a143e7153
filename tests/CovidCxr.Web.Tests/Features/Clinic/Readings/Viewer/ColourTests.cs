using System.Text.RegularExpressions;
using CovidCxr.Imaging.Rendering;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings.Viewer;

public partial class ColourTests
{
    [Fact]
    public void Colours_OfTheViewer_AreImagings()
    {
        var script = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "viewer/colours.js"));

        var table = Table().Match(script).Groups[1].Captures.Select(c => c.Value);

        Assert.Equal(Inferno.Base64, string.Concat(table));
    }

    // The script joins the table from lines of a screen's width.
    [GeneratedRegex(@"const inferno =\s+(?:'([\w+/=]+)'[\s+]*)+;")]
    private static partial Regex Table();
}
