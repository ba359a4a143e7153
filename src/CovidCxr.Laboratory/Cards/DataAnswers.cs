using CovidCxr.Laboratory.DataSets;
using CovidCxr.Learning.Data;
using static CovidCxr.Laboratory.Cards.ItemAnswer;
using static CovidCxr.Laboratory.Cards.StudyAnswers;

namespace CovidCxr.Laboratory.Cards;

/// <summary>What is recorded of the images, their patients and their labels.</summary>
sealed class DataAnswers(CardFacts facts)
{
    const string Own = "Of the clinic's own films";

    IReadOnlyList<ManifestImage> Originals => [.. facts.Manifest?.Images.Where(i => i.Origin is null) ?? []];

    List<ManifestImage> Readable => [.. Originals.Where(i => i.Problem is null)];

    bool HasClinic => Originals.Any(i => i.Source == ImportImages.Clinic);

    public ItemAnswer Sources => Readable is { Count: > 0 } films
        ? Recorded($"{Title}: {string.Join("; ", films.GroupBy(i => i.Source ?? facts.Manifest!.Name).Select(Source))}.")
        : facts.Header.Card.DataSources is { Count: > 0 } sources
        ? InPart($"{string.Join("; ", sources.Select(s => s.TrimEnd('.')))}.", "How many images come from each is not recorded here.")
        : NotRecorded("The file names no source.");

    string Title => facts.DataSet is { } set ? $"{set.Name}, version {set.Number}" : facts.Header.Training!.DataSet;

    static string Source(IGrouping<string, ManifestImage> films) =>
        Say($"{films.Key} ({films.Count()} images of {films.Select(i => i.PatientOfSource).Distinct().Count()} patients)");

    public ItemAnswer Criteria => facts.DataSet is null && facts.Configuration is null
        ? NotRecorded("Who was let in is not recorded.")
        : InPart(
            facts.DataSet is { } set ? $"The data set version: {set.Change.TrimEnd('.')}." : null,
            Unreadable > 0 ? Say($"{Unreadable} files could not be read and are left out.") : null, Chosen,
            "By which criteria the collections took their patients is not recorded.");

    int Unreadable => Originals.Count - Readable.Count;

    string? Chosen => facts.Configuration?.Data is not { } data ? null : Join([
        data.HeldOut is { Count: > 0 } held ? $"Held out and only tested on: {string.Join(", ", held)}." : null,
        data.Sources.Any(s => s.Table?.FrontalOnly == true) ? "Of tables that say the view, frontal films alone are taken." : null,
        data.Sources.Any(s => s.Table?.Except is { Count: > 0 }) ? "Rows of a table are left out by what stands in a column." : null,
    ]);

    public ItemAnswer Subsets => facts.Configuration is null
        ? NotRecorded("Whether a part of the data was chosen is not recorded.")
        : InPart(
            Chosen is { Length: > 0 } chosen ? chosen : "The configuration leaves nothing out.",
            "Whether images were chosen before they came here is not recorded.");

    public ItemAnswer Preprocessing
    {
        get
        {
            var preset = facts.Header.Preset;
            return Recorded(
                preset.Lungs is { } lungs
                    ? Say($"A square around the lungs that a network finds, with {lungs.Margin:P0} around them; grey values within ")
                        + Say($"{lungs.Spread} standard deviations of the lungs' become 0 to 1.")
                    : Say($"The whole image; grey values from percentile {preset.LowPercentile} to {preset.HighPercentile} become 0 to 1."),
                Say($"Resized to {preset.Width} x {preset.Height} pixels in three equal channels; of each its mean ")
                    + $"({string.Join(", ", preset.Mean.Select(m => Say($"{m:G3}")))}) is taken away, and it is divided by its deviation "
                    + $"({string.Join(", ", preset.Deviation.Select(d => Say($"{d:G3}")))}).");
        }
    }

    public ItemAnswer Preparation => InPart(
        Preprocessing.Text,
        facts.Manifest is null ? null : "Each import looks for unreadable, duplicate and lateral images and for labels that contradict.",
        "What was corrected by hand before the images came here is not recorded.");

    public ItemAnswer Deidentification => HasClinic
        ? InPart(
            $"{Own} the pixels were taken, drawn anew, with sex, age in years and view, under pseudonyms.",
            Originals.All(i => i.Source == ImportImages.Clinic) ? null : "How the other collections did it is not recorded.")
        : NotRecorded("How the collections made their patients unrecognisable is not recorded.");

    public ItemAnswer Missing => Originals.Count == 0
        ? NotRecorded("What is missing is not recorded.")
        : InPart(
            Unreadable > 0 ? Say($"{Unreadable} unreadable files are left out.") : "Every file could be read.",
            Say($"Of {Readable.Count} images nothing says the view of {Readable.Count(i => i.View is null)}, the sex of ")
                + Say($"{Readable.Count(i => i.Sex is null)} and the age of {Readable.Count(i => i.Age is null)}. ")
                + "Such images stay in, and in no sub-group of that kind.",
            "What the collections themselves lacked is not recorded.");

    public ItemAnswer Acquisition => Readable.Where(i => i.View is not null).GroupBy(i => i.View!).ToList() is { Count: > 0 } views
        ? InPart(
            $"Views: {string.Join(", ", views.OrderByDescending(v => v.Count()).Select(v => Say($"{v.Key} {v.Count()}")))}.",
            "Device, dose and protocol are not recorded.")
        : NotRecorded("View, device, dose and protocol are not recorded.");

    public ItemAnswer Dates => NotRecorded(
        "From when the films are is not recorded.",
        facts.DataSet is { } set ? $"They came into the data set by {Day(set.CreatedAt)}." : null);

    public ItemAnswer Setting => Readable.Select(i => i.Source ?? facts.Manifest!.Name).Distinct().ToList() is { Count: > 0 } sources
        ? InPart(
            Say($"{sources.Count} collections: {string.Join(", ", sources)}."), "Hospitals, wards and countries are not recorded.")
        : NotRecorded("Hospitals, wards and countries are not recorded.");

    public static ItemAnswer Treatments => NotRecorded("Treatments are not recorded.");

    public ItemAnswer Reference => InPart(
        $"The outcome is {facts.Header.Classes[facts.Header.PositiveClass]}, against {string.Join(", ", Others)}.",
        HasClinic ? $"{Own}: a reference (RT-PCR, consensus or follow-up), or readings made blind to the model that agree." : null,
        HasClinic && Originals.All(i => i.Source == ImportImages.Clinic)
            ? null
            : "How a collection came to its labels is not recorded.");

    IEnumerable<string> Others => facts.Header.Classes.Where((_, i) => i != facts.Header.PositiveClass);

    public static ItemAnswer ReferenceReason => NotRecorded("Why these labels were taken for the truth is not recorded.");

    public ItemAnswer Annotators => HasClinic
        ? InPart($"{Own}: the laboratory's result, or this department's readers.", "Who labelled other collections is not recorded.")
        : NotRecorded("Who made the labels is not recorded.");

    public ItemAnswer Blinding => HasClinic
        ? InPart($"{Own}: readings made blind to the model alone.", "Readers saw the film itself; of other sources nothing is recorded.")
        : NotRecorded("Whether the labels were made without the film is not recorded.");

    public ItemAnswer TestLabels => facts.Header.Training is null
        ? NotRecorded("How test films were labelled is not recorded.")
        : NotDone("The test films have the labels that they came with; nobody labelled them anew.");

    public static ItemAnswer Agreement => NotDone("Every film has one label; nobody labelled it twice for this.");

    public ItemAnswer Division => facts switch
    {
        { Manifest.Split: { } split } => Recorded(
            Say($"At random, by {ByWords(split.By)}, with seed {split.Seed}: training {split.Fractions.Train:P0}, validation ")
                + Say($"{split.Fractions.Validation:P0}, test {split.Fractions.Test:P0}."),
            split.Folds is { } folds ? Say($"In {folds} folds.") : null),
        { Configuration: { } c } => Recorded(
            Say($"By {ByWords(c.Data.GroupBy)}, with the run's seed: training {c.Data.Split.Train:P0}, validation ")
                + Say($"{c.Data.Split.Validation:P0}, test {c.Data.Split.Test:P0}."),
            c.Data.HeldOut is { Count: > 0 } held ? $"Only tested on: {string.Join(", ", held)}." : null),
        _ => NotRecorded("How images were divided is not recorded."),
    };

    static string ByWords(GroupBy by) => by == GroupBy.Patient ? "patient" : "image";

    public ItemAnswer Apart => facts.Header.Training switch
    {
        null => NotRecorded("At which level training and test are apart is not recorded."),
        { GroupedBy: "patient" } => Recorded(
            "By patient: all films of a patient, and whatever shows one of them, stand in one part.",
            "Where nothing says the patient, a film is a patient of its own."),
        _ => Recorded("By image: films of one patient may stand in several parts."),
    };

    public ItemAnswer Counts => facts.Header.Training is { Counts: { Count: > 0 } counts }
        ? InPart(
            $"{string.Join("; ", counts.GroupBy(c => c.Part).Select(Part))}.",
            Unreadable > 0 ? Say($"Left out as unreadable: {Unreadable}.") : null,
            facts.Evaluation is { SeenInTraining.Count: var seen and > 0 } ? Say($"Left out of every figure, as seen: {seen}.") : null,
            "How many the collections left out is not recorded.")
        : NotRecorded("How many images there were is not recorded.");

    static string Part(IGrouping<string, PartCount> part) =>
        $"{part.Key}: {string.Join(", ", part.Select(c => Say($"{c.Images} {c.Class} of {c.Patients} patients")))}";

    public ItemAnswer Outcomes => facts.Header.Training is { Counts: { Count: > 0 } counts }
        ? Recorded($"{string.Join("; ", counts.GroupBy(c => c.Part).Select(Part))}.")
        : NotRecorded("How many images there were is not recorded.");

    public ItemAnswer Demographics => Readable.Exists(i => i.Sex is not null || i.Age is not null)
        ? InPart(
            string.Join(
                ' ', Readable.Where(i => i.Part is not null || i.Fold is not null).GroupBy(i => i.Part).OrderBy(g => g.Key)
                    .Select(People)),
            "Illnesses besides are not recorded.")
        : NotRecorded("Sex, age and illnesses of the patients of each part are not recorded.");

    // By image: of a patient with several films the age may differ.
    static string People(IGrouping<DataPart?, ManifestImage> part) =>
        $"{(part.Key is { } key ? DataSet.PartName(key) : "All folds")}, by image: sex {Shares(part, i => i.Sex)}; age "
            + $"{Shares(part, i => PatientTraits.AgeBand(i.Age))}.";

    static string Shares(IEnumerable<ManifestImage> images, Func<ManifestImage, string?> nameOf) => string.Join(
        ", ", images.GroupBy(i => nameOf(i) ?? "unknown").OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => Say($"{g.Key} {g.Count()}")));
}
