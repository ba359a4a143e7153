using System.Globalization;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Learning.Data;
using CovidCxr.Statistics.Discrimination;

namespace CovidCxr.Laboratory.DataSets;

/// <summary>Looks for what would spoil a training: a pure function of manifests.</summary>
/// <param name="others">The newest versions of other data sets, by name.</param>
sealed class InspectManifest(ImageManifest manifest, IReadOnlyList<(string Name, ImageManifest Manifest)> others)
{
    const double ImbalanceFrom = 1.5, TellingArea = 0.8;

    readonly List<ManifestImage> _readable = Readable(manifest);

    readonly Dictionary<string, int> _indices = manifest.Images.Select((image, i) => (image.Path, i))
        .ToDictionary(p => p.Path, p => p.i, StringComparer.Ordinal);

    public DataSetFindings Run()
    {
        var alike = Alike();
        DataSetFinding?[] found =
        [
            Unreadable(), ConflictingLabels(alike), ExactDuplicates(alike), NearDuplicates(alike), InOtherDataSets(), PatientInTwoClasses(),
            NotFrontal(), LeakingPatients(), Imbalance(),
            SizeTellsClass(),
        ];
        return new(Classes(), [.. found.OfType<DataSetFinding>()], [.. Remarks()]) { Sources = Sources() };
    }

    List<ClassCount> Classes() => [
        .. manifest.Images.Where(i => i.Problem is null).GroupBy(i => i.Class).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => new ClassCount(
                g.Key, g.Count(), g.Select(i => i.PatientOfSource).Distinct().Count(), Median(g.Select(i => i.Width)),
                Median(g.Select(i => i.Height)),
                g.Count(i => i.Part == DataPart.Train), g.Count(i => i.Part == DataPart.Validation), g.Count(i => i.Part == DataPart.Test))
    {
        Folds = [.. Enumerable.Range(1, manifest.Split?.Folds ?? 0).Select(f => g.Count(i => i.Fold == f))],
    })];

    List<SourceCount> Sources() => [
        .. _readable.GroupBy(i => (Source: i.Source ?? manifest.Name, i.Class)).OrderBy(g => g.Key.Source, StringComparer.Ordinal)
            .ThenBy(g => g.Key.Class, StringComparer.Ordinal)
            .Select(g => new SourceCount(
                g.Key.Source, g.Key.Class, g.Count(), g.Select(i => i.PatientOfSource).Distinct().Count(),
                g.Count(i => i.LungMask is not null)))];

    // What a network could learn in place of the disease.
    IEnumerable<string> OneClassSources() =>
        from source in Sources().GroupBy(s => s.Source)
        where source.Count() == 1 && _readable.Exists(i => (i.Source ?? manifest.Name) != source.Key)
        select $"All {source.Single().Images} images of the source '{source.Key}' are {source.Single().Class}: telling sources apart is as "
            + "good there as telling classes.";

    IEnumerable<string> Remarks()
    {
        foreach (var remark in OneClassSources())
        {
            yield return remark;
        }

        var unknown = _readable.Count(i => i.View is null);
        if (unknown > 0)
        {
            yield return $"Of {unknown} images nothing says the view: lateral ones and slices among them are not recognised.";
        }

        var (sexless, ageless) = (_readable.Count(i => i.Sex is null), _readable.Count(i => i.Age is null));
        if (sexless + ageless > 0)
        {
            yield return $"Of {sexless} images nothing says the patient's sex, of {ageless} the age: the gate judges no sub-group of "
                + "these.";
        }
    }

    DataSetFinding? Unreadable()
    {
        var bad = manifest.Images.Where(i => i.Problem is not null).ToList();
        return Make(
            FindingKind.Unreadable, bad, "cannot be read. Training would leave them out and say so.", "Leave them out", bad,
            bad.GroupBy(i => i.Problem!));
    }

    DataSetFinding? ConflictingLabels(List<List<ManifestImage>> alike)
    {
        var groups = alike.Where(g => g.Select(i => i.Class).Distinct().Count() > 1).ToList();
        var images = groups.SelectMany(g => g).ToList();
        return Make(
            FindingKind.ConflictingLabels, images, "show the same picture under two classes: at least one label is wrong.",
            "Leave all of them out", images, Named(groups, "the same picture"));
    }

    DataSetFinding? ExactDuplicates(List<List<ManifestImage>> alike)
    {
        var groups = OfOneClass(alike).SelectMany(g => g.GroupBy(i => i.PixelHash)).Select(g => g.ToList()).Where(g => g.Count > 1)
            .ToList();
        return Make(
            FindingKind.ExactDuplicates, [.. groups.SelectMany(g => g)], "have the very pixels of another image.", "Keep the first of each",
            [.. groups.SelectMany(g => g.Skip(1))], Named(groups, "equal pixels"));
    }

    DataSetFinding? NearDuplicates(List<List<ManifestImage>> alike)
    {
        var groups = OfOneClass(alike).Where(g => g.Select(i => i.PixelHash).Distinct().Count() > 1).ToList();
        return Make(
            FindingKind.NearDuplicates, [.. groups.SelectMany(g => g)],
            "look like another image: the same film at another size, crop or quality.", null, [],
            Named(groups, "nearly equal pixels")) is { } found
            ? found with { Pairs = [.. groups.SelectMany(Pairs)] }
            : null;
    }

    IEnumerable<LookalikePair> Pairs(List<ManifestImage> group)
    {
        var films = group.DistinctBy(i => i.PixelHash).OrderByDescending(i => (long)i.Width * i.Height)
            .ThenBy(i => i.Path, StringComparer.Ordinal).Select(i => (Image: i, Look: i.Appearance())).ToList();
        return from one in films.Index()
               from other in films.Skip(one.Index + 1)
               where one.Item.Look.ShowsSameFilm(other.Look)
               select new LookalikePair(
                   View(one.Item.Image), View(other.Image), one.Item.Look.Hash.DistanceTo(other.Look.Hash),
                   one.Item.Look.CorrelationWith(other.Look));
    }

    DataSetFinding? InOtherDataSets()
    {
        var found = new List<(ManifestImage Image, string Note, ManifestImage Other)>();
        foreach (var (name, other) in others)
        {
            var theirs = Readable(other);
            found.AddRange(from twin in ImageManifest.TwinsOf(_readable, theirs).OrderBy(t => t.Key)
                           select (_readable[twin.Key], $"also in {name} as {theirs[twin.Value].Class}", theirs[twin.Value]));
        }

        var images = found.Select(f => f.Image).Distinct().ToList();
        return images.Count == 0 ? null : new(
            FindingKind.InOtherDataSets, images.Count,
            $"{images.Count} images stand in another data set too: a model tested there would have seen them.", "Leave them out",
            [.. found.Select(f => new FindingGroup(f.Note, [View(f.Image), View(f.Other) with { Index = -1 }]))])
        {
            LeavesOut = Paths(images),
        };
    }

    DataSetFinding? PatientInTwoClasses()
    {
        var groups = _readable.GroupBy(i => i.PatientOfSource).Where(g => g.Select(i => i.Class).Distinct().Count() > 1).ToList();
        var images = groups.SelectMany(g => g).ToList();
        return Make(
            FindingKind.PatientInTwoClasses, images,
            $"belong to {groups.Count} patients who stand in two classes. That may be true, of films of different days; then keep them.",
            "Leave these patients out", images, groups);
    }

    DataSetFinding? NotFrontal()
    {
        var images = _readable.Where(i => i.View is { } view && !ImageViews.IsFrontal(view)).ToList();
        return Make(
            FindingKind.NotFrontal, images, "are no frontal X-rays, but lateral ones or slices. The network reads frontal X-rays.",
            "Leave them out", images, images.GroupBy(i => i.View!));
    }

    DataSetFinding? LeakingPatients()
    {
        if (manifest.Split is null)
        {
            return null;
        }

        var divided = _readable.Where(i => SideOf(i) is not null).ToList();
        var numbers = manifest.GroupsOf(divided);
        var groups = divided.Select((image, i) => (image, Group: numbers[i])).GroupBy(p => p.Group, p => p.image)
            .Where(g => g.Select(SideOf).Distinct().Count() > 1).ToList();
        return Make(
            FindingKind.LeakingPatients, [.. groups.SelectMany(g => g)],
            $"of {groups.Count} patients or duplicate films stand on both sides of the division: figures measured on it are too good.",
            "Divide anew, by patient", [],
            groups.Select(g => (IGrouping<string, ManifestImage>)new NamedImages(g.First().Patient, g)));
    }

    static int? SideOf(ManifestImage image) => image.Fold ?? (int?)image.Part;

    DataSetFinding? Imbalance()
    {
        var classes = _readable.GroupBy(i => i.Class).OrderBy(g => g.Count()).ToList();
        if (classes.Count < 2 || classes[^1].Count() < ImbalanceFrom * classes[0].Count())
        {
            return null;
        }

        var random = new SplitMix64(classes[0].Count(), 0xBA1A);
        var excess = classes.SelectMany(c =>
        {
            var members = c.ToArray();
            random.Shuffle<ManifestImage>(members);
            return members.Skip(classes[0].Count());
        }).ToList();
        return new(
            FindingKind.Imbalance, _readable.Count,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{classes[^1].Key} has {(double)classes[^1].Count() / classes[0].Count():F1} times as many images as {classes[0].Key}. "
                    + $"Class balance in the training form (weighted, oversample, undersample) answers that without losing an image."),
            $"Draw {classes[0].Count()} of each class", [])
        {
            LeavesOut = Paths(excess),
        };
    }

    // A network learns what is easiest. Where size or shape of the file tells the class, so does the machine or the journal that it came
    // from.
    DataSetFinding? SizeTellsClass()
    {
        (string Name, Func<ManifestImage, double> Of)[] features =
        [
            ("size", i => (double)i.Width * i.Height), ("proportion", i => (double)i.Width / i.Height),
            ("being square", i => -Math.Abs(Math.Log((double)i.Width / i.Height))),
        ];
        var worst = (from label in _readable.Select(i => i.Class).Distinct()
                     from feature in features
                     let area = RocCurve.Of([.. _readable.Select(feature.Of)], [.. _readable.Select(i => i.Class == label)]).Area.Value
                     where area is not null
                     select (label, feature.Name, Area: Math.Max(area.Value, 1 - area.Value))).DefaultIfEmpty().MaxBy(f => f.Area);
        return worst.Area < TellingArea ? null : new(
            FindingKind.SizeTellsClass, _readable.Count,
            string.Create(
                CultureInfo.InvariantCulture,
                $"The file's {worst.Name} alone tells {worst.label} from the rest (area under the curve {worst.Area:F2}, 0.5 is chance): "
                    + $"class and source coincide, and a network can learn the source. Nothing here removes that: test on films from "
                    + $"elsewhere, and look at the score with the lungs blacked out."),
            null, []);
    }

    DataSetFinding? Make(
        FindingKind kind, List<ManifestImage> images, string words, string? remedy, List<ManifestImage> leavesOut,
        IEnumerable<IGrouping<string, ManifestImage>> groups) =>
        images.Count == 0 ? null : new(kind, images.Count, $"{images.Count} images {words}", remedy, [.. groups.Select(g =>
            new FindingGroup(g.Key, [.. g.Select(View)]))])
        {
            LeavesOut = Paths(leavesOut),
        };

    // Groups of more than one image that show the same picture.
    List<List<ManifestImage>> Alike() =>
        [.. _readable.Zip(manifest.AlikeOf(_readable)).GroupBy(p => p.Second, p => p.First).Select(g => g.ToList()).Where(
            g => g.Count > 1)];

    static List<ManifestImage> Readable(ImageManifest manifest) => [.. manifest.Images.Where(i => i.Problem is null && i.Origin is null)];

    static IEnumerable<List<ManifestImage>> OfOneClass(List<List<ManifestImage>> alike) =>
        alike.Where(g => g.Select(i => i.Class).Distinct().Count() == 1);

    static IEnumerable<IGrouping<string, ManifestImage>> Named(IEnumerable<List<ManifestImage>> groups, string name) =>
        groups.Select(g => new NamedImages(name, g));

    ManifestImageView View(ManifestImage i) => ViewOf(i, _indices.GetValueOrDefault(i.Path, -1));

    internal static ManifestImageView ViewOf(ManifestImage i, int index) =>
        new(
            index, i.Path.Split('/', 3)[^1], i.Class, i.Patient, i.Problem is null ? $"{i.Width} x {i.Height}" : "–", (ImagePart?)i.Part,
            i.Problem)
        { Fold = i.Fold };

    static HashSet<string> Paths(IEnumerable<ManifestImage> images) => images.Select(i => i.Path).ToHashSet(StringComparer.Ordinal);

    static int Median(IEnumerable<int> values) => values.Order().ToArray() is { Length: > 0 } sorted ? sorted[sorted.Length / 2] : 0;

    sealed class NamedImages(string name, IEnumerable<ManifestImage> images) : IGrouping<string, ManifestImage>
    {
        public string Key => name;

        public IEnumerator<ManifestImage> GetEnumerator() => images.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
