using CovidCxr.Learning.Data;
using CsCheck;

namespace CovidCxr.Learning.Tests.Data;

/// <summary>Which image a row means, and that nothing is lost without a word.</summary>
public class TableImagesTests
{
    static readonly TableColumns Columns = new("f", "c", "p", "view", "modality");

    static readonly Gen<string> Names = Gen.OneOf(
        "a.png", "A.png", "a", "b.jpg", "x/a.png", "y/a.png", "images\\b.jpg", "masks/b.jpg", "Mu\u0308ller.tif", "Müller", "gone.png", "",
        "1.2.3", "1.2.3.png", "../x/a.png", "b.dcm");

    static readonly Gen<string> Labels = Gen.OneOf("COVID-19", "Normal", "", "other");

    [Theory]
    [InlineData("0", "images/0.png")]
    [InlineData("0.dcm", "images/0.png")]
    [InlineData(@"C:\data\images\0.png", "images/0.png")]
    [InlineData("./images/0.PNG", "images/0.png")]
    [InlineData("1.2.840.99", "images/1.2.840.99.png")]
    [InlineData("M\u00FCller_01.png", "images/Mu\u0308ller_01.png")]
    [InlineData("Mu\u0308ller_01", "images/M\u00FCller_01.png")]
    [InlineData("set-v1/train/p1/view1.jpg", "train/p1/view1.jpg")]
    public void Read_OfANameWrittenOtherwise_FindsTheImage(string cell, string image) =>
        Assert.Equal([image], Read($"f,c\n\"{cell}\",Normal\n", image, "images/other.png").Images.Select(i => i.Path));

    [Theory]
    [InlineData("Nguye\u0302\u0303n Va\u0306n", "Nguy\u1EC5n V\u0103n")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF", "\uD55C\uAE00")]
    [InlineData("a\u0323\u0302", "\u1EAD")]
    [InlineData("plain", "plain")]
    public void Composed_OfLettersWithMarks_IsTheOneLetter(string decomposed, string expected) =>
        Assert.Equal(expected, ImagePaths.Composed(decomposed));

    [Fact]
    public void Read_OfRowsThatDisagreeAboutSexOrAge_KeepsWhatTheyAgreeOn()
    {
        var table = CsvTable.Parse("f,c,s,a\na.png,x,M,063Y\na.png,x,male,63\nb.png,y,F,40\nb.png,y,M,40\n");

        var found = TableImages.Read(table, new("f", "c", Sex: "s", Age: "a"), ["a.png", "b.png"], l => l);

        Assert.Equal([("M", "63"), (null, "40")], found.Images.Select(i => (i.Sex, i.Age)));
    }

    [Fact]
    public void Read_OfNamesThatDifferInCaseAlone_TakesTheOneThatIsMeant()
    {
        var found = Read("f,c\nA.png,Normal\na.PNG,COVID-19\n", "a.png", "A.png");

        Assert.Equal([("A.png", "Normal")], found.Images.Select(i => (i.Path, i.Class)));
        Assert.Equal(1, found.Rows.Sum(r => r.Count));
    }

    [Fact]
    public void Read_OfTwoImagesOfOneStem_TakesTheOneWithTheExtension() =>
        Assert.Equal(["a.jpg"], Read("f,c\na.jpg,Normal\na,COVID-19\n", "a.jpg", "a.png").Images.Select(i => i.Path));

    [Theory]
    [InlineData("a.png,COVID-19\na.png,Normal\n")]
    [InlineData("a.png,Normal\na.png,COVID-19\n")]
    [InlineData("a,COVID-19\na.png,COVID-19\na.png,Normal\n")]
    public void Read_OfRowsThatContradictEachOther_LeavesTheImageOutWhateverTheirOrder(string rows)
    {
        var found = Read("f,c\nb.png,Normal\n" + rows, "a.png", "b.png");

        Assert.Equal(["b.png"], found.Images.Select(i => i.Path));
        Assert.Equal(["COVID-19", "Normal"], Assert.Single(found.Contradictions).Classes);
        Assert.Equal(
            "1 images have rows that contradict each other and are left out until that is decided.", Assert.Single(found.Files).ToString());
    }

    [Fact]
    public void Read_OfADecidedContradiction_TakesTheClassThatHolds()
    {
        var found = TableImages.Read(CsvTable.Parse("f,c\na.png,COVID-19\na.png,Normal\n"), new("f", "c"), ["a.png"], l => l, "Normal");

        Assert.Equal([("a.png", "Normal")], found.Images.Select(i => (i.Path, i.Class)));
        Assert.True(Assert.Single(found.Contradictions).IsDecided);
    }

    [Fact]
    public void Read_OfRowsOfTwoPatientsForOneImage_LeavesItOut() =>
        Assert.Empty(Read("f,c,p\na.png,Normal,1\na.png,Normal,2\n", "a.png").Images);

    [Fact]
    public void Read_OfSeveralFindings_JoinsThemUnlessOneIsNone()
    {
        var table = CsvTable.Parse("f,c\na.png,Nodule\na.png,Effusion\na.png,Nodule\nb.png,No finding\nb.png,Nodule\n");

        var found = TableImages.Read(table, new("f", "c", Joins: true), ["a.png", "b.png"], l => l);

        Assert.Equal([("a.png", "Effusion|Nodule")], found.Images.Select(i => (i.Path, i.Class)));
        Assert.Equal("b.png", Assert.Single(found.Contradictions).Path);
    }

    [Fact]
    public void Read_OfOtherViews_SaysSo()
    {
        var found = Read(
            "f,c,view,modality\na.png,x,PA,X-ray\nb.png,x,Axial,CT\nc.png,x,L,X-ray\nd.png,x,,\n", "a.png", "b.png", "c.png", "d.png");

        Assert.Equal(["PA", "CT Axial", "L", null], found.Images.Select(i => i.View));
    }

    [Theory]
    [InlineData("PA", true)]
    [InlineData("AP Supine", true)]
    [InlineData("AP semi erect", true)]
    [InlineData("Frontal", true)]
    [InlineData("AP axial", true)]
    [InlineData("L", false)]
    [InlineData("Lateral", false)]
    [InlineData("PA, L", false)]
    [InlineData("Axial", false)]
    [InlineData("CT Coronal", false)]
    [InlineData("CT PA", false)]
    public void IsFrontal_OfAView_KnowsIt(string view, bool expected) => Assert.Equal(expected, ImageViews.IsFrontal(view));

    [Fact]
    public void Read_OfAnyTable_CountsEveryRowAndEveryImage() =>
        (from cells in Gen.Select(Names, Labels, Gen.OneOf("", "1", "2")).Array[0, 12]
         from images in Names.Select(n => n.Replace('\\', '/').Replace("../", "", StringComparison.Ordinal))
             .Where(n => n.Length > 0).Array[0, 8]
         from joins in Gen.Bool
         from decision in Gen.OneOf<string?>(null, "Normal")
         from extra in Gen.OneOf("", ",surplus")
         select (cells, images: images.Distinct().ToArray(), joins, decision, extra)).Sample(
            t =>
            {
                var table = TableOf(t.cells, t.extra);
                var found = TableImages.Read(table, new("f", "c", "p", Joins: t.joins), t.images, l => l == "other" ? null : l, t.decision);
                return found.Images.Count + found.Repeats + found.Rows.Sum(r => r.Count) == table.Rows.Count
                    && found.Images.Count + found.Files.Sum(f => f.Count) == t.images.Length
                    && found.Images.Select(i => i.Path).Distinct().Count() == found.Images.Count;
            },
            iter: 1000);

    [Fact]
    public void Read_OfAnyOrderOfRows_GivesTheSame() =>
        (from cells in Gen.Select(Names, Labels, Gen.OneOf("", "1", "2")).Array[0, 12]
         from shuffled in Gen.Shuffle(cells)
         select (cells, shuffled)).Sample(
            t =>
            {
                string[] images = ["a.png", "A.png", "x/a.png", "y/a.png", "images/b.jpg", "masks/b.jpg", "Müller.tif", "1.2.3.png"];
                var (first, second) = (TableImages.Read(TableOf(t.cells), new("f", "c", "p"), images, l => l), TableImages.Read(
                    TableOf(t.shuffled), new("f", "c", "p"), images, l => l));
                return first.Images.ToHashSet().SetEquals(second.Images) && first.Remarks.SequenceEqual(second.Remarks)
                    && first.Contradictions.Select(c => c.Path).ToHashSet().SetEquals(second.Contradictions.Select(c => c.Path));
            },
            iter: 1000);

    static CsvTable TableOf((string File, string Label, string Patient)[] rows, string extra = "") =>
        CsvTable.Parse("f,c,p\n" + string.Concat(rows.Select((r, i) => $"{r.File},{r.Label},{r.Patient}{(i % 3 == 1 ? extra : "")}\n")));

    static TableImages Read(string table, params string[] images) =>
        TableImages.Read(CsvTable.Parse(table), Columns, images, label => label);
}
