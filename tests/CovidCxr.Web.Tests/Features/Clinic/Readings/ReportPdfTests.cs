using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Readings;
using UglyToad.PdfPig;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

/// <summary>The PDF of a reading, read by another library than the one that wrote it.</summary>
public sealed class ReportPdfTests
{
    static readonly DateTimeOffset Now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    static ReadingReport Report(string note) => new(
        "Reading of a chest X-ray", [ReadingReport.Limits], [new("Read", [new("Before the model", note), new(null, "The end.")])]);

    static (int Pages, string Text) Read(byte[] pdf)
    {
        using var document = PdfDocument.Open(pdf);
        return (document.NumberOfPages, string.Join(' ', document.GetPages().SelectMany(p => p.GetWords()).Select(w => w.Text)));
    }

    [Theory]
    [InlineData("Größer als am 3. Mai; πνευμονία; воспаление лёгких; zapalenie płuc")]
    [InlineData("first line\r\nsecond line")]
    [InlineData("")]
    public void Note_InAnyEuropeanLanguage_StandsInIt(string note)
    {
        var (pages, text) = Read(ReportPdf.Write(Report(note), null, Now));

        Assert.Equal(1, pages);
        Assert.All(note.Split([' ', '\r', '\n']), word => Assert.Contains(word, text, StringComparison.Ordinal));
        Assert.Contains("The end.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("肺炎", true)]
    [InlineData("التهاب", true)]
    [InlineData("ok 🙂", true)]
    [InlineData("\ud800 alone", true)]
    [InlineData("Ærø – ½ µm ≥ ← “x”", false)]
    public void LettersThatCannotBePrinted_AreSaidAtTheTop(string note, bool isSaid) => Assert.Equal(
        isSaid, Read(ReportPdf.Write(Report(note), null, Now)).Text.Contains("read the report as text", StringComparison.Ordinal));

    [Fact]
    public void LongNote_GoesOnOnFurtherPages_AndNoWordIsLost()
    {
        var words = Enumerable.Range(0, 3000).Select(i => $"word{i}").ToList();
        var (pages, text) = Read(ReportPdf.Write(Report(string.Join(' ', words)), null, Now));

        Assert.InRange(pages, 3, 12);
        var found = text.Split(' ').ToHashSet();
        Assert.All(words, w => Assert.Contains(w, found));
        Assert.Contains($"1 of {pages}", text, StringComparison.Ordinal);
    }

    [Fact]
    public void WordWiderThanThePaper_IsDivided()
    {
        using var document = PdfDocument.Open(ReportPdf.Write(Report(new string('W', 700)), null, Now));
        var page = document.GetPage(1);

        Assert.Equal(700, page.Letters.Count(l => l.Value == "W"));
        Assert.All(page.Letters, l => Assert.InRange(l.BoundingBox.Right, 0, page.Width - 45));
    }

    [Fact]
    public void Film_IsInIt()
    {
        using var document = PdfDocument.Open(ReportPdf.Write(Report("note"), TestClinic.Film(1), Now));

        Assert.Single(document.GetPage(1).GetImages());
    }
}
