using Bunit;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Web.Features.Laboratory.DataSets;

namespace CovidCxr.Web.Tests.Features.Laboratory.DataSets;

/// <summary>Look-alikes side by side, each decided on by a person.</summary>
public sealed class LookalikePairsTests : BunitContext
{
    static readonly LookalikePair[] Pairs =
    [
        new(Image(0), Image(1), 3, 0.931), new(Image(2), Image(3), 6, null), new(Image(4), Image(5), 19, 0.85),
    ];

    [Fact]
    public void Pairs_Drawn_ShowBothPicturesAndHowAlikeTheyAre()
    {
        var page = Draw(_ => { });

        Assert.Equal(6, page.FindAll("img[src*='large=true']").Count);
        Assert.Contains("3 of 256 bits", page.Markup, StringComparison.Ordinal);
        Assert.Contains("correlate by 0.93", page.Markup, StringComparison.Ordinal);
        Assert.Contains("too old to compare", page.Markup, StringComparison.Ordinal);
        Assert.True(Button(page, "Apply 0").HasAttribute("disabled"));
    }

    [Fact]
    public void Pairs_Decided_AreAppliedTogether()
    {
        IReadOnlyList<PairDecision> applied = [];
        var page = Draw(decisions => applied = decisions);

        Button(page, "Different films").Click();
        Button(page, "Same film for all").Click();
        Button(page, "Apply 3").Click();

        Assert.Equal([new(0, 1, false), new(2, 3, true), new(4, 5, true)], applied.OrderBy(d => d.Larger));
    }

    IRenderedComponent<LookalikePairs> Draw(Action<IReadOnlyList<PairDecision>> decide) => Render<LookalikePairs>(p => p
        .Add(l => l.VersionId, Guid.Empty).Add(l => l.Pairs, Pairs).Add(l => l.OnDecide, decide));

    static AngleSharp.Dom.IElement Button(IRenderedComponent<LookalikePairs> page, string text) =>
        page.FindAll("button").First(b => b.TextContent.Contains(text, StringComparison.Ordinal));

    static ManifestImageView Image(int index) => new(index, $"{index}.png", "COVID-19", $"p{index}", "64 x 64", null, null);
}
