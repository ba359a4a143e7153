using System.Text;
using PdfSharp.Drawing;
using PdfSharp.Fonts;
using PdfSharp.Pdf;

namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>
/// Draws a report on A4, for scripts that are written from left to right with letters of their own (Latin, Greek, Cyrillic). Where there
/// are others it says so at the top: the text has them all.
/// </summary>
public static class ReportPdf
{
    const double Margin = 50, Gap = 4, NameWidth = 95, PictureSide = 150;

    // The library's fonts are one for the process.
    static readonly Lock Turn = new();

    static ReportPdf() => GlobalFontSettings.FontResolver = new OwnFont();

    public const string Unprintable =
        "Some letters of this report cannot be printed here and stand as boxes or in a wrong order: read the report as text.";

    /// <param name="picture">The film, small, as PNG; null for none.</param>
    public static byte[] Write(ReadingReport report, byte[]? picture, DateTimeOffset now)
    {
        lock (Turn)
        {
            using var document = new PdfDocument();
            (document.Info.Title, document.Info.Creator, document.Info.CreationDate) = (report.Title, "CovidCxr", now.UtcDateTime);
            using (var pen = new Pen(document))
            {
                pen.Write(report, picture);
            }

            Number(document);
            using var bytes = new MemoryStream();
            document.Save(bytes, closeStream: false);
            return bytes.ToArray();
        }
    }

    static void Number(PdfDocument document)
    {
        var font = new XFont(OwnFont.Name, 7);
        for (var page = 0; page < document.PageCount; page++)
        {
            using var graphics = XGraphics.FromPdfPage(document.Pages[page]);
            graphics.DrawString(
                $"CovidCxr · {ReadingReport.Limits} · {page + 1} of {document.PageCount}", font, XBrushes.DimGray,
                new XPoint(Margin, document.Pages[page].Height.Point - (Margin / 2)));
        }
    }

    /// <summary>Writes from top to bottom, on as many pages as it takes.</summary>
    sealed class Pen(PdfDocument document) : IDisposable
    {
        readonly XFont _text = new(OwnFont.Name, 9), _strong = new(OwnFont.Name, 9, XFontStyleEx.Bold),
            _heading = new(OwnFont.Name, 11, XFontStyleEx.Bold), _title = new(OwnFont.Name, 15, XFontStyleEx.Bold);
        XGraphics? _graphics;
        double _y, _width, _bottom;

        public void Write(ReadingReport report, byte[]? picture)
        {
            TurnPage();
            Write(report.Title, _title, Margin, _width);
            List<string> warnings = [.. report.Warnings];
            if (!report.ToText().EnumerateRunes().All(IsDrawn))
            {
                warnings.Add(Unprintable);
            }

            warnings.ForEach(w => Write(w, _strong, Margin, _width));
            if (picture is not null)
            {
                Draw(picture);
            }

            foreach (var section in report.Sections)
            {
                _y += 2 * Gap;
                Write(section.Heading, _heading, Margin, _width);
                foreach (var (name, text) in section.Lines)
                {
                    Write(name, text);
                }
            }
        }

        public void Dispose() => _graphics?.Dispose();

        // Blocks of which the font has all common letters: up to Armenian, Georgian, Latin and Greek with marks, punctuation to operators.
        static bool IsDrawn(Rune rune) => rune.Value is < 0x0590 or (>= 0x10A0 and < 0x1100) or (>= 0x1E00 and < 0x2300);

        void Write(string? name, string text)
        {
            if (name is null)
            {
                Write(text, _text, Margin, _width);
                return;
            }

            // The name and the text beside it begin on one line, so on one page.
            var names = Wrap(name, _strong, NameWidth - Gap);
            Room(names.Count * _strong.GetHeight());
            var (top, graphics) = (_y, _graphics);
            names.ForEach(line => Line(line, _strong, Margin));
            var below = _y;
            _y = top;
            Write(text, _text, Margin + NameWidth, _width - NameWidth);
            _y = graphics == _graphics ? Math.Max(_y, below) : _y;
        }

        void Write(string text, XFont font, double x, double width) => Wrap(text, font, width).ForEach(line =>
        {
            Room(font.GetHeight());
            Line(line, font, x);
        });

        void Line(string line, XFont font, double x)
        {
            _y += font.GetHeight();
            _graphics!.DrawString(line, font, XBrushes.Black, new XPoint(x, _y));
        }

        // At words; within a word that is wider than the line.
        List<string> Wrap(string text, XFont font, double width)
        {
            List<string> lines = [];
            foreach (var paragraph in text.ReplaceLineEndings("\n").Split('\n'))
            {
                var line = "";
                foreach (var word in paragraph.Split(' ').SelectMany(w => Parts(w, font, width)))
                {
                    var longer = line.Length == 0 ? word : $"{line} {word}";
                    if (line.Length > 0 && Width(longer, font) > width)
                    {
                        lines.Add(line);
                        longer = word;
                    }

                    line = longer;
                }

                lines.Add(line);
            }

            return lines;
        }

        IEnumerable<string> Parts(string word, XFont font, double width)
        {
            while (word.Length > 1 && Width(word, font) > width)
            {
                var fits = Enumerable.Range(1, word.Length - 1).TakeWhile(n => n == 1 || Width(word[..n], font) <= width).Last();
                fits -= fits > 1 && char.IsHighSurrogate(word[fits - 1]) ? 1 : 0;
                yield return word[..fits];
                word = word[fits..];
            }

            yield return word;
        }

        double Width(string text, XFont font) => _graphics!.MeasureString(text, font).Width;

        void Draw(byte[] picture)
        {
            using var stream = new MemoryStream(picture, 0, picture.Length, writable: false, publiclyVisible: true);
            using var image = XImage.FromStream(stream);
            var scale = PictureSide / Math.Max(image.PixelWidth, image.PixelHeight);
            var (width, height) = (image.PixelWidth * scale, image.PixelHeight * scale);
            _y += Gap;
            _graphics!.DrawImage(image, Margin, _y, width, height);
            _y += height;
            Write("Small, not for reading.", _text, Margin, _width);
        }

        void Room(double height)
        {
            if (_y + height > _bottom)
            {
                TurnPage();
            }
        }

        void TurnPage()
        {
            _graphics?.Dispose();
            var page = document.AddPage();
            page.Size = PdfSharp.PageSize.A4;
            _graphics = XGraphics.FromPdfPage(page);
            (_y, _width, _bottom) = (Margin, page.Width.Point - (2 * Margin), page.Height.Point - Margin);
        }
    }

    /// <summary>One face; bold is drawn of it.</summary>
    sealed class OwnFont : IFontResolver
    {
        public const string Name = "DejaVu Sans";

        public FontResolverInfo? ResolveTypeface(string familyName, bool bold, bool italic) => new(Name, bold, italic);

        public byte[]? GetFont(string faceName)
        {
            using var stream = typeof(OwnFont).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }
    }
}
