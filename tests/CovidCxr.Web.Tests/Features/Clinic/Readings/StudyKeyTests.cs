using Bunit;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

/// <summary>What keys mean in each state of a reading, and that none of it is lost.</summary>
public sealed class StudyKeyTests : StudyPages
{
    [Fact]
    public async Task Save_ThatIsRefused_TakesNothingButItsRepair()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var page = await OpenAsync(study);
        await PressAsync(page, "4");
        await PressAsync(page, "Shift+3");
        await PressAsync(page, "Enter");
        await StageAsync(page, "Final");
        await PressAsync(page, "y");

        await PressAsync(page, "Enter");

        Assert.Contains("you agree with it", page.Find(".study-model .study-said").TextContent, StringComparison.Ordinal);
        Assert.Equal("Enter Escape", page.Find("[data-key-panel]").GetAttribute("data-key-only"));
        await PressAsync(page, "Escape");
        await PressAsync(page, "d");
        await PressAsync(page, "Enter");
        await StageAsync(page, "None");
    }

    [Fact]
    public async Task Keys_OfEveryState_HaveOneMeaningEach()
    {
        await WebClinic.AddStudyAsync(Services, patient: "P-1", day: 4);
        var page = await OpenAsync(await WebClinic.AddStudyAsync(Services, patient: "P-1", day: 9));
        var meanings = new Dictionary<string, HashSet<string>>();
        foreach (var key in new[] { "p", "n", "Escape", "5", "Shift+3", "Enter", "Enter", "y", "Enter", "e", "Enter" })
        {
            Collect();
            await PressAsync(page, key);
        }

        Collect();
        Assert.Contains("Escape", meanings.Keys);
        Assert.All(meanings, m => Assert.True(m.Value.Count == 1, $"{m.Key}: {string.Join(" | ", m.Value)}"));

        // What an element does, whatever words stand on it: "next unread" waits and goes on, Enter hands in.
        void Collect()
        {
            var named = page.FindAll("[data-key]").Where(e => !e.HasAttribute("disabled") && e.Closest("fieldset[disabled]") is null)
                .Select(e => (Key: e.GetAttribute("data-key")!, Is: Meaning(e))).ToList();
            Assert.Equal(named.Count, named.Select(n => n.Key).Distinct().Count());
            named.ForEach(n => (meanings.TryGetValue(n.Key, out var known) ? known : meanings[n.Key] = []).Add(n.Is));
        }

        static string Meaning(AngleSharp.Dom.IElement e) =>
            e.GetAttribute("name") ?? e.TextContent.Trim() switch
            {
                var t when t.Contains("Lock", StringComparison.Ordinal) || t.Contains("Save", StringComparison.Ordinal) => "hand in",
                var t when t.Contains("next unread", StringComparison.Ordinal) => "go on",
                var t when t.Contains("worklist", StringComparison.Ordinal) => "go on",
                var t => t,
            };
    }

    [Fact]
    public async Task Draft_OfAPageThatWasLost_IsBackForItsReaderAlone()
    {
        var study = await WebClinic.AddStudyAsync(Services);
        var lost = await OpenAsync(study);
        await PressAsync(lost, "2");
        await PressAsync(lost, "Shift+4");
        await lost.Find("textarea").ChangeAsync(new() { Value = "Left base." });
        lost.Instance.Dispose();

        var page = await OpenAsync(study);

        await page.WaitForAssertionAsync(() => Assert.True(page.Find("[data-key='2']").HasAttribute("checked")), Patience);
        Assert.True(page.Find("[data-key='Shift+4']").HasAttribute("checked"));
        Assert.Equal("Left base.", page.Find("textarea").GetAttribute("value"));
        Assert.Contains("not saved yet", page.Find(".study-form .study-said").TextContent, StringComparison.Ordinal);
        Assert.Empty((await OpenAsync(study, TestClinic.OtherReader)).FindAll("input[name=opinion][checked]"));

        await PressAsync(page, "Enter");
        await StageAsync(page, "Final");
        await using var db = WebClinic.Context(Services);
        Assert.Empty(await db.KeptDrafts.ToListAsync(Cancellation));
        Assert.Equal("Left base.", (await db.Readings.SingleAsync(Cancellation)).Note);
    }
}
