using CovidCxr.Laboratory.DataSets;
using CovidCxr.Learning.Data;
using CovidCxr.Testing;

namespace CovidCxr.Laboratory.Tests.DataSets;

/// <summary>
/// Files that importers failed on, where they lie beside the repository: through the web's import and through the command line's reader.
/// </summary>
public sealed class SharedCaseTests : IDisposable
{
    readonly DataSetBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Theory]
    [InlineData("cohen-ct-slices/cohen_ct.zip", "No Finding 4, Pneumonia/Viral/COVID-19 4", "3 images are no frontal X-rays")]
    [InlineData("csv-header-differs-by-case/csv_header_case_dup.zip", "COVID-19 2, Pneumonie bactérienne 2", "Several columns")]
    [InlineData("csv-name-without-extension/csv_noext.zip", "a 2, b 2", null)]
    [InlineData("csv-semicolon/csv_semicolon.zip", "COVID-19 2, Pneumonie bactérienne 2", null)]
    [InlineData("csv-stray-quote/csv_stray_quote.zip", "COVID-19 2, Normal 2", null)]
    [InlineData("csv-windows-1252/csv_cp1252.zip", "COVID-19 2, Pneumonie bactérienne 2", null)]
    [InlineData("hidden-folder-class/ipynb_ckpt.zip", "COVID 3, Normal 3", "1 hidden")]
    [InlineData("kaggle-nested-macosx/kaggle_nested_macosx.zip", "NORMAL 11, PNEUMONIA 11", "3 hidden")]
    [InlineData("kaggle-train-test-folders/kaggle_train_val_test.zip", "NORMAL 11, PNEUMONIA 11", "training 12, validation 4, test 6")]
    [InlineData("macos-appledouble/hidden_dotunderscore.zip", "COVID 3, Normal 3", "6 hidden")]
    [InlineData("nfd-names/nfd_names_nfc_csv.zip", "COVID-19 2, Normal 2", null)]
    [InlineData("radiography-masks/radiography_masks.zip", "COVID 4, Normal 4, Viral Pneumonia 4", "12 images are masks")]
    [InlineData("zip-cp437-names/cp437_umlaut.zip", "COVID 2, Normal 1", null)]
    [InlineData("zip-dot-slash/dotslash.zip", "COVID 3, Normal 3", null)]
    [InlineData("zip-github-extras/py_scripts.zip", "COVID 3, Normal 3", "1 other files")]
    [InlineData("zip64-few-entries/zip64.zip", "COVID 3, Normal 3", null)]
    public async Task Import_OfACase_FindsItsClassesAndSaysWhatIsLeftOut(string file, string classes, string? remark)
    {
        var accepted = Assert.IsType<AcceptArchiveResult.Accepted>(
            await _bench.UploadAsync(await File.ReadAllBytesAsync(Path.Combine(CasesOrSkip(), file), DataSetBench.Cancellation)));
        var preview = await new PreviewImport(_bench.Sources)
            .RunAsync(new(accepted.Archive, null), null, DataSetBench.Admin, DataSetBench.Cancellation);
        var images = _bench.Manifest(await _bench.ImportAsync(new(accepted.Archive, null))).Images;

        Assert.Equal(
            classes, string.Join(", ", preview.Classes.OrderBy(c => c.Class, StringComparer.Ordinal).Select(c => $"{c.Class} {c.Images}")));
        Assert.Equal((preview.Images, 0), (images.Count, images.Count(i => i.Problem is not null)));
        Assert.True(
            remark is null ? preview.Remarks.Count == 0 : preview.Remarks.Any(r => r.Contains(remark, StringComparison.Ordinal)),
            string.Join('\n', preview.Remarks));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Upload_OfBZip2_IsRefused() => Assert.Contains(
        "BZip2",
        Assert.IsType<AcceptArchiveResult.Refused>(
            await _bench.UploadAsync(
                await File.ReadAllBytesAsync(Path.Combine(CasesOrSkip(), "zip-bzip2/t_BZip2.zip"), DataSetBench.Cancellation))).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("csv-blank-line-cli/blankend.csv", 18, "is blank")]
    [InlineData("csv-blank-line-cli/short.csv", 18, "Line 20 has fewer cells")]
    [InlineData("csv-blank-line-cli/hspace.csv", 18, null)]
    [InlineData("csv-blank-line-cli/back.csv", 18, null)]
    [InlineData("csv-blank-line-cli/stray.csv", 18, null)]
    [InlineData("csv-blank-line-cli/dupcase.csv", 18, "Several columns")]
    public void Train_OnATableOfACase_TakesEveryRow(string table, int images, string? remark)
    {
        var data = Load(table, new ClassRule("COVID-19", "COVID-19"));

        Assert.Equal(images, data.Samples.Count);
        Assert.Equal((images / 2, images / 2), (data.Samples.Count(s => s.Class == 0), data.Samples.Count(s => s.Class == 1)));
        Assert.True(remark is null || data.Remarks.Any(r => r.Contains(remark, StringComparison.Ordinal)), string.Join('\n', data.Remarks));
    }

    [Fact]
    public void Train_OnLabelsThatDenyTheRule_NeedsADecision()
    {
        Assert.Contains(
            "\"COVID-19 negative\" 6",
            Assert.Throws<DataSetException>(() => Load("csv-rule-substring/mixneg.csv", new ClassRule("COVID-19", "COVID-19"))).Message,
            StringComparison.Ordinal);
        Assert.Equal(6, Load(
            "csv-rule-substring/mixneg.csv", new ClassRule("COVID-19 negative", "Other"),
            new ClassRule("COVID-19", "COVID-19")).Samples.Count(s => s.Class == 0));
    }

    DataSet Load(string table, params ClassRule[] rules)
    {
        var (cases, root) = (CasesOrSkip(), Path.Combine(_bench.Root.Path, "cases"));
        Directory.CreateDirectory(Path.Combine(root, "t/images"));
        foreach (var image in Directory.EnumerateFiles(Path.Combine(cases, "csv-blank-line-cli/images")))
        {
            File.Copy(image, Path.Combine(root, "t/images", Path.GetFileName(image)), overwrite: true);
        }

        File.Copy(Path.Combine(cases, table), Path.Combine(root, "t/table.csv"), overwrite: true);
        var source = new DataSource("t", Table: new("table.csv", "images", "filename", "finding", "patientid", rules, "Other"));
        return DataSet.Load(
            new("case", [source], new(0.6, 0.4)), root, ["COVID-19", "Other"], Imaging.Preprocessing.PreprocessingPreset.Square(64), 1,
            null, DataSetBench.Cancellation);
    }

    static string CasesOrSkip()
    {
        var cases = SharedData.Cases();
        Assert.SkipUnless(cases is not null, "The files that importers failed on are not on this machine.");
        return cases!;
    }
}
