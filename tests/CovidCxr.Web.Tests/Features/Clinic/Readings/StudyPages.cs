using Bunit;
using CovidCxr.Domain.Accounts;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Readings;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

/// <summary>The study page on the real use cases, and the keys that are pressed on it.</summary>
public abstract class StudyPages : ClinicPages
{
    protected BunitJSModuleInterop Viewer { get; }

    protected StudyPages()
    {
        SetRendererInfo(new("Server", isInteractive: true));
        var module = JSInterop.SetupModule("./viewer/viewer.js");
        Viewer = module.SetupModule("mount", _ => true);
        Viewer.Mode = JSRuntimeMode.Loose;
    }

    protected async Task<IRenderedComponent<StudyPage>> OpenAsync(Guid study, Actor? actor = null)
    {
        var page = Draw<StudyPage>(actor ?? TestClinic.Reader, p => p.Add(c => c.Id, study));
        await page.WaitForAssertionAsync(() => Assert.NotEmpty(page.Markup.Trim()), Patience);
        return page;
    }

    protected static Task PressAsync(IRenderedComponent<StudyPage> page, string key)
    {
        var element = page.Find($"[data-key='{key}']");
        return element.NodeName == "INPUT" ? element.ChangeAsync(new() { Value = true }) : element.ClickAsync(new());
    }

    protected static async Task StageAsync(IRenderedComponent<StudyPage> page, string stage) =>
        await page.WaitForAssertionAsync(() => Assert.Equal(stage, page.Find(".study").GetAttribute("data-stage")), Patience);
}
