using CovidCxr.Imaging.Rendering;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings.Viewer;

public class ColourTests
{
    [Fact]
    public void Colours_OfTheViewer_AreImagings()
    {
        var script = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "viewer/colours.js"));

        Assert.Contains($"'{Inferno.Base64}'", script, StringComparison.Ordinal);
    }
}
