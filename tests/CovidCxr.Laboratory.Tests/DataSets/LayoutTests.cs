using System.Text;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.DataSets.Sources;
using CovidCxr.Learning.Data;
using CovidCxr.Testing;
using CsCheck;

namespace CovidCxr.Laboratory.Tests.DataSets;

/// <summary>Collections laid out as the public has them, as folders and as archives.</summary>
public sealed class LayoutTests : IDisposable
{
    static readonly string[] Litter =
    [
        "__MACOSX/set/COVID/._0.png", "set/__MACOSX/COVID/._1.png", "set/COVID/._0.png", "set/.ipynb_checkpoints/0-checkpoint.png",
        "set/COVID/.ipynb_checkpoints/1-checkpoint.png", ".hidden/x.png", "set/Thumbs.db", "set/Normal/desktop.ini", "set/.DS_Store",
        "set/COVID/@eaDir/0.png/SYNOPHOTO_THUMB_M.jpg", "$RECYCLE.BIN/a.jpg", "set/.metadata.csv", ".git/logo.png",
    ];

    readonly DataSetBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Preview_OfMasksBesideImages_TakesTheImagesAlone()
    {
        var preview = await BothAsync(
            "Set/COVID/images/a.png", "Set/COVID/masks/a.png", "Set/Normal/images/b.png", "Set/Normal/masks/b.png",
            "Set/Viral Pneumonia/images/c.png", "Set/Viral Pneumonia/masks/c.png");

        Assert.Equal([("COVID", 1), ("Normal", 1), ("Viral Pneumonia", 1)], preview.Classes);
        Assert.Equal(["3 images are masks, as their folders or names say, and are left out."], preview.Remarks);
    }

    [Theory]
    [InlineData("chest_xray/{0}/{1}/a{2}.jpeg")]
    [InlineData("{0}/{1}/a{2}.jpeg")]
    [InlineData("set/{1}/{0}/a{2}.png")]
    [InlineData("set/{0}/images/{1}/a{2}.png")]
    [InlineData("chest_xray/{0}_set/{1}/images/a{2}.png")]
    public async Task Preview_OfADividedCollection_FindsClassesAndDivision(string pattern)
    {
        string[] parts = ["train", "Val", "TEST"], classes = ["NORMAL", "PNEUMONIA"];
        var names = (from part in parts
                     from label in classes
                     select string.Format(System.Globalization.CultureInfo.InvariantCulture, pattern, part, label, part)).ToArray();

        var preview = await BothAsync(names);

        Assert.Equal([("NORMAL", 3), ("PNEUMONIA", 3)], preview.Classes);
        Assert.True(preview.TakesDivision);
        Assert.Equal(["Folders divide the images: training 2, validation 2, test 2. That division is taken."], preview.Remarks);
    }

    [Fact]
    public async Task Import_OfADividedCollection_TakesItsDivisionOrNot()
    {
        Write("kaggle", [.. from part in new[]
        {
            "train", "val", "test"
        }from label in new[] { "NORMAL", "PNEUMONIA" } select $"chest_xray/{part}/{label}/{part}.png"]);

        var taken = _bench.Manifest(await _bench.ImportAsync(new(null, "kaggle"), name: "taken"));
        var left = _bench.Manifest(await _bench.ImportAsync(new(null, "kaggle"), new() { TakesDivision = false }, "left"));

        Assert.Equal([2, 2, 2], Enum.GetValues<DataPart>().Select(p => taken.Images.Count(i => i.Part == p)));
        Assert.Equal(GroupBy.Image, taken.Split!.By);
        Assert.Equal((null, 0), (left.Split, left.Images.Count(i => i.Part is not null)));
    }

    [Fact]
    public async Task Preview_WithAChosenLevel_TakesItsFolders()
    {
        var names = new[] { "set/hospital1/COVID/a.png", "set/hospital1/Normal/b.png", "set/hospital2/COVID/c.png" };

        Assert.Equal(["hospital1", "hospital2"], (await BothAsync(names)).Classes.Select(c => c.Class));
        var chosen = await BothAsync(names, new() { ClassLevel = 3 });
        Assert.Equal([("COVID", 2), ("Normal", 1)], chosen.Classes);
        Assert.Equal(["set", "hospital1|hospital2", "COVID|Normal"], chosen.Levels.Select(l => string.Join('|', l)));
    }

    [Fact]
    public void Preview_WithAnyLitter_PlansTheSame()
    {
        string[] files = ["set/COVID/0.png", "set/COVID/1.png", "set/Normal/0.png", "set/Normal/1.png"];
        var clean = Plan(files);

        Gen.Shuffle(Litter, 0, Litter.Length).Sample(
            litter =>
            {
                var plan = Plan([.. files, .. litter]);
                return plan.Images.SequenceEqual(clean.Images) && plan.Problem == clean.Problem
                    && plan.Remarks.SequenceEqual(litter.Length == 0 ? [] : [
                        $"{litter.Length} hidden files, as macOS, Windows or Jupyter leave them, are passed over."]);
            },
            iter: 200);
    }

    [Fact]
    public void Preview_OfAnyFolders_CountsEveryImage()
    {
        var folders = Gen.OneOf("train", "test", "COVID", "Normal", "images", "masks", "__MACOSX", ".x");
        (from paths in Gen.Select(folders.Array[0, 4], Gen.Int[0, 5], (f, i) => string.Join('/', [.. f, $"{i}.png"])).Array[0, 12]
         from level in Gen.OneOf<int?>(null, 1, 2)
         select (paths: paths.Distinct().ToArray(), level)).Sample(
            t =>
            {
                using var source = new NamedSource(t.paths);
                var plan = new ImportPlanner(source).Plan(new() { ClassLevel = t.level });
                return plan.Images.Count + plan.LeftOut.Sum(l => l.Count) + source.Litter == t.paths.Length;
            },
            iter: 500);
    }

    [Fact]
    public async Task Preview_OfTheCohenRepositoryAsGitHubGivesIt_TakesTheTable()
    {
        const string Root = "covid-chestxray-dataset-master";
        var table =
            "patientid,finding,view,modality,folder,filename,clinical_notes\n"
                + "1,Pneumonia/Viral/COVID-19,PA,X-ray,images,a.jpeg,\"two\nlines\"\n"
                + "2,No Finding,Axial,CT,images,b.jpeg,\n3,No Finding,L,X-ray,images,c.jpeg,\n9,todo,,,volumes,ct.nii.gz,\n";
        var preview = await BothAsync(
            [
                $"{Root}/images/a.jpeg", $"{Root}/images/b.jpeg", $"{Root}/images/c.jpeg", $"{Root}/annotations/lungVAE-masks/a_mask.png",
                $"{Root}/docs/logo.png", $"{Root}/.gitignore", $"{Root}/scripts/load.py", $"{Root}/scripts/x.ipynb", $"{Root}/LICENSE"],
            null, ($"{Root}/metadata.csv", table), ($"{Root}/annotations/scores.csv", "filename,score\na.jpeg,1\n"));

        Assert.Equal(($"{Root}/metadata.csv", "modality"), (preview.Mapping.Table, preview.Mapping.ModalityColumn));
        Assert.Equal(["CT Axial", "L", "PA"], preview.First.Select(i => i.View).Order());
        Assert.Equal(
            [
                "1 rows name files that are not there.", "2 images stand in no row and are left out.",
                "2 images are no frontal X-rays (1 CT Axial, 1 L): the findings offer to leave them out.",
                "3 other files are not imported (1 .ipynb, 1 .py, 1 without extension).",
                "1 hidden files, as macOS, Windows or Jupyter leave them, are passed over.",
            ],
            preview.Remarks);
    }

    [Fact]
    public async Task Preview_OfRsnasTable_FindsImagesByTheirPatients()
    {
        var preview = await BothAsync(["images/0004cfab.png", "images/000924cf.png"], null, (
            "stage_2_train_labels.csv",
            "patientId,x,y,width,height,Target\n0004cfab,,,,,0\n000924cf,316,318,170,478,1\n000924cf,660,375,146,402,1\n"));

        Assert.Equal([("0", "0004cfab"), ("1", "000924cf")], preview.First.Select(i => (i.Class, i.Patient)).Order());
    }

    [Fact]
    public async Task Preview_OfNihsTable_TakesFindingsPatientsAndViews()
    {
        var preview = await BothAsync(
            ["images_001/images/00000001_000.png", "images_002/images/00000002_000.png"], null,
            (
                "Data_Entry_2017.csv",
                "Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View "
                    + "Position,OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y],\n"
                    + "00000001_000.png,Cardiomegaly|Emphysema,0,1,58,M,PA,2682,2749,0.143,0.143,\n"
                    + "00000002_000.png,No Finding,0,2,81,M,AP,2500,2048,0.171,0.171,\n"),
            ("BBox_List_2017.csv", "Image Index,Finding Label,Bbox [x,y,w,h],,,\n00000001_000.png,Atelectasis,1,2,3,4\n"));

        Assert.Equal(
            [("Cardiomegaly|Emphysema", "1", "PA"), ("No Finding", "2", "AP")],
            preview.First.Select(i => (i.Class, i.Patient, i.View)).Order());
    }

    [Fact]
    public async Task Preview_OfVinDrsTable_JoinsTheFindingsOfAnImage()
    {
        var preview = await BothAsync(
            ["train/50a4.png", "train/21a1.png"], null,
            (
                "train.csv",
                "image_id,class_name,class_id,rad_id,x_min,y_min,x_max,y_max\n50a4,No finding,14,R11,,,,\n50a4,No "
                    + "finding,14,R7,,,,\n21a1,Nodule/Mass,8,R9,1,2,3,4\n21a1,Aortic enlargement,0,R9,1,2,3,4\n"));

        Assert.Equal(["Aortic enlargement|Nodule/Mass", "No finding"], preview.Classes.Select(c => c.Class).Order());
        Assert.Equal(["2 rows name a file again."], preview.Remarks.Where(r => r.Contains("rows", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Preview_OfCheXpertsTable_TakesColumnsOfOneAndPatientsFromPaths()
    {
        var preview = await BothAsync(
            [
                "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg",
                "CheXpert-v1.0-small/train/patient00002/study1/view1_frontal.jpg",
                "CheXpert-v1.0-small/train/patient00002/study1/view2_lateral.jpg"],
            null,
            (
                "CheXpert-v1.0-small/train.csv",
                "Path,Sex,Age,Frontal/Lateral,AP/PA,No Finding,Edema\n"
                    + "CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg,F,68,Frontal,AP,1.0,\n"
                    + "CheXpert-v1.0-small/train/patient00002/study1/view1_frontal.jpg,M,1,Frontal,AP,,1.0\n"
                    + "CheXpert-v1.0-small/train/patient00002/study1/view2_lateral.jpg,M,1,Lateral,,,-1.0\n"));

        Assert.Equal(["Edema", "Edema (uncertain)", "No Finding"], preview.Classes.Select(c => c.Class).Order());
        Assert.Equal((3, 2), (preview.Images, preview.Patients));
        Assert.Contains("1 images are no frontal X-rays (1 Lateral): the findings offer to leave them out.", preview.Remarks);
    }

    [Fact]
    public async Task Preview_OfContradictoryRows_ShowsThemAndTakesThemOnceDecided()
    {
        (string, string) table = ("labels.csv", "filename,finding\na.png,COVID-19\na.png,Normal\nb.png,Normal\n");

        var open = await BothAsync(["a.png", "b.png"], null, table);
        var decided = await BothAsync(["a.png", "b.png"], open.Mapping with { Decision = "COVID-19" }, table);

        Assert.Equal([2, 3], Assert.Single(open.Contradictions).Lines);
        Assert.Equal(1, open.Images);
        Assert.Contains("1 images have rows that contradict each other and are left out until that is decided.", open.Remarks);
        Assert.Equal([("COVID-19", 1), ("Normal", 1)], decided.Classes);
    }

    // The same preview from a folder and from an archive.
    async Task<ImportPreview> BothAsync(string[] images, ImportMapping? mapping = null, params (string Name, string Text)[] tables)
    {
        (string Name, byte[] Bytes)[] files =
            [.. images.Select((n, i) => (n, TestClinic.Film(1))), .. tables.Select(t => (t.Name, Encoding.UTF8.GetBytes(t.Text)))];
        var name = Guid.NewGuid().ToString("N");
        foreach (var (path, bytes) in files)
        {
            var place = Path.Combine(_bench.Root.Path, name, path);
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            await File.WriteAllBytesAsync(place, bytes, DataSetBench.Cancellation);
        }

        var accepted = Assert.IsType<AcceptArchiveResult.Accepted>(await _bench.UploadAsync(Archives.Of(files)));
        var fromArchive = await new PreviewImport(_bench.Sources)
            .RunAsync(new(accepted.Archive, null), mapping, DataSetBench.Admin, DataSetBench.Cancellation);
        var fromFolder = await _bench.PreviewAsync(name, mapping);
        Assert.Equal(fromArchive.First, fromFolder.First);
        Assert.Equal(fromArchive.Remarks, fromFolder.Remarks);
        return fromFolder;
    }

    Task<ImportPreview> BothAsync(params string[] images) => BothAsync(images, null);

    void Write(string set, string[] names)
    {
        foreach (var (seed, name) in names.Index())
        {
            var path = Path.Combine(_bench.Root.Path, set, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, TestClinic.Film(seed + 1));
        }
    }

    static ImportPlan Plan(string[] files)
    {
        using var source = new NamedSource(files);
        var planner = new ImportPlanner(source);
        return planner.Plan(planner.Guess());
    }

    /// <summary>Names without files.</summary>
    sealed class NamedSource(string[] names) : ImageSource
    {
        public override IReadOnlyList<SourceFile> Files => [
            .. names.Where(n => SourceNames.KindOf(n) is SourceKind.Image or SourceKind.Table).Order(StringComparer.Ordinal)
                .Select(n => new SourceFile(n, 1))];

        public override IReadOnlyList<string> Ignored => [.. names.Where(n => SourceNames.KindOf(n) == SourceKind.Foreign)];

        public override int Litter => names.Count(n => SourceNames.KindOf(n) == SourceKind.Litter);

        public override byte[] Read(SourceFile file) => [];
    }
}
