using Bunit;
using CovidCxr.Web.Features.Clinic.Readings;
using Microsoft.JSInterop;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

public class XrayViewerTests : BunitContext
{
    readonly BunitJSModuleInterop _viewer;

    public XrayViewerTests()
    {
        var module = JSInterop.SetupModule("./viewer/viewer.js");
        _viewer = module.SetupModule("mount", _ => true);
        _viewer.Mode = JSRuntimeMode.Loose;
    }

    IRenderedComponent<XrayViewer> Viewer(string? heat = null) =>
        Render<XrayViewer>(p => p.Add(c => c.Label, "X-ray").Add(c => c.PreviewUrl, "studies/1/images/1/thumbnail")
            .Add(c => c.PixelsUrl, "studies/1/pixels").Add(c => c.HeatUrl, heat)
            .Add(c => c.HeatLabel, heat is null ? null : "COVID-19"));

    [Fact]
    public void Render_WithoutHeatMap_AsksForNone()
    {
        Viewer();

        Assert.DoesNotContain(_viewer.Invocations, i => i.Identifier == "loadHeat");
    }

    [Fact]
    public void HeatUrl_GivenLater_IsLoadedOnceAndTakenAway()
    {
        var viewer = Viewer();

        viewer.Render(p => p.Add(c => c.HeatUrl, "studies/1/heatmap/1").Add(c => c.HeatLabel, "COVID-19"));
        viewer.Render(p => p.Add(c => c.HeatUrl, "studies/1/heatmap/1"));
        viewer.Render(p => p.Add(c => c.HeatUrl, null));

        Assert.Equal(
            ["studies/1/heatmap/1", "COVID-19", true], Assert.Single(_viewer.Invocations, i => i.Identifier == "loadHeat").Arguments);
        Assert.Single(_viewer.Invocations, i => i.Identifier == "showHeat");
    }

    [Fact]
    public void Linked_SwitchedTwice_TellsTheScriptEachTime()
    {
        var viewer = Viewer();

        viewer.Render(p => p.Add(c => c.Linked, true));
        viewer.Render(p => p.Add(c => c.Linked, false));

        Assert.Equal([true, false], _viewer.Invocations.Where(i => i.Identifier == "link").Select(i => i.Arguments[0]));
    }

    [Fact]
    public async Task Dispose_WithTheCircuitLost_IsQuiet()
    {
        _viewer.SetupVoid("dispose").SetException(new JSDisconnectedException("The circuit is lost."));
        var viewer = Viewer();

        await viewer.Instance.DisposeAsync();
        await viewer.Instance.DisposeAsync();

        Assert.Single(_viewer.Invocations, i => i.Identifier == "dispose");
    }
}
