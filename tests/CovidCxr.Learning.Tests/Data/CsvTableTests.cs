using System.Text;
using CovidCxr.Learning.Data;
using CsCheck;

namespace CovidCxr.Learning.Tests.Data;

/// <summary>Tables as spreadsheets and scripts write them.</summary>
public class CsvTableTests
{
    static readonly Encoding Windows = CodePagesEncodingProvider.Instance.GetEncoding(1252)!;

    static readonly Gen<Dialect> Dialects =
        from separator in Gen.OneOf(',', ';', '\t')
        from end in Gen.OneOf("\r\n", "\n", "\r")
        from encoding in Gen.Int[0, 4]
        from isDeclared in Gen.Bool
        from quotesAll in Gen.Bool
        from endsWithLine in Gen.Bool
        select new Dialect(separator, end, encoding, isDeclared, quotesAll, endsWithLine);

    static readonly Gen<string> Cells = Gen.OneOf(
        Gen.String[Gen.Char["ab é,;\t|\"'\r\n0-."], 0, 12],
        Gen.OneOf("COVID-19", "", "tube 5\" above", "a,b;c", "=1+1", "Pneumonie bactérienne", "line\nbreak"));

    static readonly Gen<string[]> Headers = Gen.Char["abcdefgh é_()"].Array[1, 6].Select(c => new string(c).Trim())
        .Where(h => h.Length > 0).Array[1, 6]
        .Where(h => h.Distinct(StringComparer.OrdinalIgnoreCase).Count() == h.Length);

    [Fact]
    public void Read_OfAnyTableInAnyDialect_GivesTheSameCells() =>
        (from dialect in Dialects
         from header in Headers
         from rows in Cells.Array[header.Length].Where(r => r.Any(c => c.Trim().Length > 0)).Array[0, 8]
         select (dialect, header, rows)).Sample(
            t =>
            {
                var table = CsvTable.Read(t.dialect.Write([t.header, .. t.rows]));
                return table.Columns.SequenceEqual(t.header)
                    && table.Rows.Select(r => r.Cells).Zip(t.rows).All(p => p.First.SequenceEqual(p.Second))
                    && table.Rows.Count == t.rows.Length && table.Remarks.Count == 0;
            },
            iter: 1000,
            print: t => $"{t.dialect} {string.Join('¦', t.header)} / {string.Join(" / ", t.rows.Select(r => string.Join('¦', r)))}");

    [Theory]
    [InlineData("filename;finding\na.png;x, y\n", "a.png|x, y")]
    [InlineData("sep=;\r\nfilename;finding\r\na.png;1,5\r\n", "a.png|1,5")]
    [InlineData("\"sep=\t\"\nfilename\tfinding\na.png\tx", "a.png|x")]
    [InlineData("filename, finding\n a.png , x \n", "a.png|x")]
    [InlineData("filename,finding\na.png,tube 5\" above\n", "a.png|tube 5\" above")]
    [InlineData("filename,finding\na.png,\"two\nlines\"\n", "a.png|two\nlines")]
    [InlineData("filename,finding\na.png,\"said \"\"yes\"\"\"\n", "a.png|said \"yes\"")]
    [InlineData("filename,finding\na.png, \"x, y\" \n", "a.png|x, y")]
    [InlineData("filename,finding\na.png,\"COVID\" suspected\n", "a.png|COVID suspected")]
    [InlineData("\n\nfilename,finding\n\na.png,x\n,\n", "a.png|x")]
    [InlineData("\uFEFFfilename,finding\na.png,x", "a.png|x")]
    public void Parse_OfAQuirk_ReadsWhatIsMeant(string text, string expected)
    {
        var table = CsvTable.Parse(text);

        Assert.Equal(["filename", "finding"], table.Columns);
        Assert.Equal(expected.Split('|'), Assert.Single(table.Rows).Cells);
    }

    [Theory]
    [InlineData("f,c,n\n1,a,\"open\n2,b,x\n3,c,y\n")]
    [InlineData("f,c,n\n1,a,\"open\n2,b,5\" x\n3,c,y\n")]
    public void Parse_OfAQuoteThatSwallowsRows_TakesItForALetter(string text)
    {
        var table = CsvTable.Parse(text);

        Assert.Equal(["1", "2", "3"], table.Rows.Select(r => r.Cells[0]));
        Assert.Equal("\"open", table.Rows[0].Cells[2]);
    }

    [Fact]
    public void Parse_OfBlankShortAndLongRows_NamesTheirLines()
    {
        var table = CsvTable.Parse("f,c,p\n1,a,P\n\n2,\"b\nb\",P\n3\n4,a,P,,\n5,a, P,rest\n");

        Assert.Equal([2, 4, 6, 7, 8], table.Rows.Select(r => r.Line));
        Assert.Equal(["3", "", ""], table.Rows[2].Cells);
        Assert.Equal([false, false, false, false, true], table.Rows.Select(r => r.IsTooLong));
        Assert.Equal(
            ["Line 3 is blank.", "Line 6 has fewer cells", "Line 8 has more cells"], table.Remarks.Select(r => r.Split(" than")[0]));
    }

    [Fact]
    public void Parse_OfRepeatedAndNamelessColumns_NumbersThem()
    {
        var table = CsvTable.Parse("filename,finding,,Finding\na,b,c,d\n");

        Assert.Equal(["filename", "finding", "column 3", "Finding (2)"], table.Columns);
        Assert.Equal(["Finding"], table.Repeated);
        Assert.Equal((1, 0, null), (table.Find(" FINDING "), table.Find("File-Name"), table.Find("other")));
    }

    // R's write.table gives the rows' names no column name.
    [Fact]
    public void Parse_OfATableThatRWrote_FindsTheColumns() =>
        Assert.Equal("a.png", CsvTable.Parse("f,c\n1,a.png,x\n2,b.png,y\n").Rows[0][1]);

    [Fact]
    public void Read_OfUtf16WithoutAMark_IsRecognised()
    {
        foreach (var encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            Assert.Equal("Müller", CsvTable.Read(encoding.GetBytes("f,c\na,Müller\n")).Rows[0].Cells[1]);
        }
    }

    [Fact]
    public void Read_OfManyOpenQuotes_TakesNoLongerThanOfOthers()
    {
        var text = "f,c\n" + string.Concat(Enumerable.Repeat("a,\"\"\"\n", 20_000));

        Assert.NotEmpty(CsvTable.Parse(text).Rows);
    }

    sealed record Dialect(char Separator, string End, int Encoding, bool IsDeclared, bool QuotesAll, bool EndsWithLine)
    {
        public byte[] Write(string[][] records)
        {
            var text = (IsDeclared ? $"sep={Separator}{End}" : "")
                + string.Join(End, records.Select(r => string.Join(Separator, r.Select(Cell)))) + (EndsWithLine ? End : "");
            Encoding encoding = Encoding switch
            {
                0 => new UTF8Encoding(false),
                1 => new UTF8Encoding(true),
                2 => System.Text.Encoding.Unicode,
                3 => System.Text.Encoding.BigEndianUnicode,
                _ => Windows,
            };
            return [.. encoding.GetPreamble(), .. encoding.GetBytes(text)];
        }

        // As Python's csv writes with the least quotes, and where blanks would be lost.
        string Cell(string cell) =>
            QuotesAll || cell.AsSpan().IndexOfAny([Separator, '"', '\r', '\n']) >= 0 || cell != cell.Trim()
                ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
                : cell;
    }

    [Fact]
    public void Parse_AHeaderOfOneNameManyTimes_NumbersThemAtOnce()
    {
        var table = CsvTable.Parse(string.Join(',', Enumerable.Repeat("a", 5000)) + "\n" + new string(',', 4999) + "\n");

        Assert.Equal((5000, "a", "a (2)", "a (5000)"), (table.Columns.Count, table.Columns[0], table.Columns[1], table.Columns[^1]));
    }
}
