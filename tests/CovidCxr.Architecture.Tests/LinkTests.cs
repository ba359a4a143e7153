using System.Text.RegularExpressions;

namespace CovidCxr.Architecture.Tests;

/// <summary>
/// The program may be served under a path of a host. So every link, form, script, picture and request is relative to the page's base
/// address ("studies/1", "./" for the start), and none begins with a slash, which would lead out of that path.
/// </summary>
public partial class LinkTests
{
    [Fact]
    public void Addresses_OfPagesScriptsAndStyles_AreRelativeToTheBase()
    {
        var offenders =
            (from file in SourceTree.Files("src/CovidCxr.Web", ".razor", ".cs").Concat(SourceTree.Files("wwwroot-assets", ".js", ".css"))
             where !file.EndsWith(".umd.js", StringComparison.Ordinal)
             from line in File.ReadLines(file).Select((text, i) => (Number: i + 1, Text: text))
             where LeavesTheBase(line.Text)
             select $"{SourceTree.Relative(file)}:{line.Number}: {line.Text.Trim()}").ToList();

        Assert.True(offenders.Count == 0, $"{offenders.Count} lead out of the path:\n{string.Join('\n', offenders)}");
    }

    [Theory]
    [InlineData("<a href=\"/models\">", true)]
    [InlineData("<a href=\"models\">", false)]
    [InlineData("<a href=\"/\">Back</a>", true)]
    [InlineData("<a href=\"./\">Back</a>", false)]
    [InlineData("<MudButton Href=\"@($\"/data-sets/{Id}\")\">", true)]
    [InlineData("<img src=\"/studies/@id/thumbnail\" />", true)]
    [InlineData("<form action='/account/sign-out'>", true)]
    [InlineData("<a href=\"@(x ? \"/\" : \"./\")\">", true)]
    [InlineData("@page \"/models\"", false)]
    [InlineData("navigation.NavigateTo($\"/training/{id}\");", true)]
    [InlineData("navigation.NavigateTo(\"/\");", true)]
    [InlineData("return Results.LocalRedirect(\"/account\");", true)]
    [InlineData("return Results.LocalRedirect(\"~/account\");", false)]
    [InlineData("routes.MapGet(\"/studies/{id:guid}/pixels\", RunAsync)", false)]
    [InlineData("var x = \"/?asked=true\";", true)]
    [InlineData("await fetch('/account/alive')", true)]
    [InlineData("await fetch(`/studies/${id}`)", true)]
    [InlineData("location.assign('account/sign-in')", false)]
    [InlineData("import { a } from '/viewer/keys.js';", true)]
    [InlineData("  '/': () => search(),", false)]
    [InlineData("  background: url(/icon.svg);", true)]
    public void LeavesTheBase_OfALine_SeesWhatBeginsWithASlash(string line, bool leaves) => Assert.Equal(leaves, LeavesTheBase(line));

    static bool LeavesTheBase(string line) => Absolute().IsMatch(Route().Replace(line, ""));

    // What the server itself takes, when the path before it is gone; and comments.
    [GeneratedRegex("""
        @page[ ]"[^"]*" | \.(?:Map\w+|StartsWithSegments|WithOpenApiRoutePattern)\("[^"]*" | ^\s*///.*$
        | (?:ExceptionHandlingPath|LoginPath|AccessDeniedPath|CallbackPath)[ ]=[ ]\$?"[^"]*" | UseStatusCodePagesWithReExecute\("[^"]*"
        """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Route();

    [GeneratedRegex("""
        ["'`]/\??[A-Za-z@{$] | (?:href|src|action)\s*=\s*["'`]?/ | [?][ ]["'`]/["'`] | :[ ]["'`]/["'`]
        | (?:NavigateTo|Redirect|fetch|assign|replace|import|open)\([^()]*["'`]/["'`?] | url\(\s*["']?/
        """, RegexOptions.IgnorePatternWhitespace | RegexOptions.IgnoreCase)]
    private static partial Regex Absolute();
}
