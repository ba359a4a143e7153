using System.Globalization;
using CovidCxr.Domain.Models;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Laboratory.Cards;
using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Gate;
using CovidCxr.Learning.Training;
using CovidCxr.Testing;

namespace CovidCxr.Laboratory.Tests.Cards;

/// <summary>What the items say, and above all what they do not.</summary>
public sealed class ReportingItemsTests
{
    static readonly DateTimeOffset Day = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    static readonly string[] TripodNumbers =
    [
        "1", "2", "3a", "3b", "3c", "4", "5a", "5b", "6a", "6b", "6c", "7", "8a", "8b", "8c", "9a", "9b", "9c", "10", "11", "12a", "12b",
        "12c", "12d", "12e", "12f", "12g", "13", "14", "15", "16", "17", "18a", "18b", "18c", "18d", "18e", "18f", "19", "20a", "20b",
        "20c", "21", "22", "23a", "23b", "24", "25", "26", "27a", "27b", "27c",
    ];

    static CardFacts Bare => new(TestHeader.Of(), "abc");

    static string Text(CardFacts facts, string number, int guideline = 0) => Item(facts, number, guideline).Answer.Text;

    static ReportingItem Item(CardFacts facts, string number, int guideline = 0) =>
        GetReportingItems.Of(facts)[guideline].Items.Single(i => i.Number == number);

    static IEnumerable<ReportingItem> All(CardFacts facts) => GetReportingItems.Of(facts).SelectMany(g => g.Items);

    [Fact]
    public void Items_AreEveryItemOfBothGuidelinesInOrder()
    {
        var guidelines = GetReportingItems.Of(Bare);

        Assert.Equal(
            [.. Enumerable.Range(1, 44).Select(n => n.ToString(CultureInfo.InvariantCulture))], guidelines[0].Items.Select(i => i.Number));
        Assert.Equal(TripodNumbers, guidelines[1].Items.Select(i => i.Number));
        Assert.All(guidelines.SelectMany(g => g.Items), i => Assert.NotEqual("", i.Answer.Text));
    }

    [Fact]
    public void Items_OfAFileThatSaysNothing_LeaveTrainingDataAndFiguresOpen()
    {
        string[] open = ["4", "5", "6", "8", "10", "11", "12", "13", "15", "19", "20", "21", "24", "25", "26", "28", "29", "30", "32", "33",
            "34", "35", "36", "37", "38", "39", "44"];

        Assert.All(open, n => Assert.True(
            Item(Bare, n).Answer.State is ItemState.NotRecorded or ItemState.NotDone, $"{n}: {Text(Bare, n)}"));
        Assert.Contains("abc", Text(Bare, "22"), StringComparison.Ordinal);
    }

    [Fact]
    public void Items_OfATrainedVersion_SayWhatItsConfigurationSays()
    {
        Assert.Contains("seed 7: training 60 %, validation 20 %, test 20 %", Text(Trained, "19"), StringComparison.Ordinal);
        Assert.Contains("By patient", Text(Trained, "20"), StringComparison.Ordinal);
        Assert.Contains("batches of 16", Text(Trained, "25"), StringComparison.Ordinal);
        Assert.Contains("largest area under the ROC curve", Text(Trained, "26"), StringComparison.Ordinal);
        Assert.Contains("reaches a sensitivity of 0.9", Text(Trained, "26"), StringComparison.Ordinal);
        Assert.Contains("Youden", Text(TrainedBy(c => c with { TargetSensitivity = null }), "26"), StringComparison.Ordinal);
        Assert.Contains("area under the ROC curve 0.900 (0.800 to 0.950), n = 40", Text(Trained, "37"), StringComparison.Ordinal);
        Assert.Contains("PA 2", Text(Trained, "13"), StringComparison.Ordinal);
        Assert.Contains("sex F 1, unknown 1; age 60 to 79 1, unknown 1", Text(Trained, "36"), StringComparison.Ordinal);
        Assert.Equal(ItemState.Recorded, Item(Trained, "5").Answer.State);
        Assert.Contains("Not trained on: elsewhere", Text(Trained with { Acceptance = Judged }, "33"), StringComparison.Ordinal);
        Assert.Contains("border only", Text(Trained with { Acceptance = Judged }, "30"), StringComparison.OrdinalIgnoreCase);
    }

    // Another title of the same films, or of other films of the same place, is no other place.
    [Fact]
    public void Items_OfAnotherTitleWithoutAnUnseenSource_AreNotTestedElsewhere() => Assert.Equal(
        ItemState.NotDone,
        Item(Trained with { Acceptance = Judged with { Results = [Judged.Results[0] with { Unseen = [] }] } }, "33").Answer.State);

    [Fact]
    public void Items_OfADataSetMadeAfterTheRun_DoNotCallItRetrospective() => Assert.Equal(
        ItemState.NotRecorded, Item(Trained with { RunCreatedAt = Day.AddDays(-2) }, "5").Answer.State);

    [Fact]
    public void Items_OfAVersionThatWentOnFromOthers_NameThemAndNoPath()
    {
        var first = Version(1, "first.safetensors", Bare.Header);
        var facts = TrainedBy(c => c with { InitialModel = "/srv/secret/models/second.safetensors" });
        var second = Version(2, "second.safetensors", TrainedBy(c => c with { InitialModel = "/srv/secret/first.safetensors" }).Header);

        facts = facts with { Ancestors = Ancestry.Of(facts, [first, second]) };

        Assert.Contains("Version 2", Text(facts, "24"), StringComparison.Ordinal);
        Assert.Contains("Version 1", Text(facts, "24"), StringComparison.Ordinal);
        Assert.All(All(facts), i => Assert.DoesNotContain("secret", i.Answer.Text, StringComparison.Ordinal));
        Assert.Contains(
            "not registered here", Text(facts with { Ancestors = Ancestry.Of(facts, [first]) }, "24"), StringComparison.Ordinal);
    }

    [Fact]
    public void Items_OfAConfigurationThatCannotBeRead_ClaimNoTraining()
    {
        var header = Trained.Header with { Training = Trained.Header.Training! with { Configuration = "{}" } };

        Assert.Equal(ItemState.NotRecorded, Item(new(header, "abc"), "25").Answer.State);
    }

    [Fact]
    public void Items_OfFigures_ThatWereNotMeasured_AreNotDone()
    {
        var facts = Trained with { Header = Trained.Header with { Metrics = [] } };

        Assert.Equal((ItemState.NotDone, ItemState.NotDone), (Item(facts, "37").Answer.State, Item(facts, "23a", 1).Answer.State));
    }

    static Acceptance Judged => new(
        "hash",
        [
            new(
                new("m", "resnet18", "abc", ["COVID-19", "Normal"], "COVID-19", 0.5), "elsewhere", "test", 2, 2, GateLimits.Current,
                GateVerdict.NotKnown, "Too little is known.", [new("border only", GateVerdict.NotKnown, "Limit.", "Nothing is known.")], [],
                Day)
            {
                Unseen = ["elsewhere"],
            },
        ],
        [], 2, "The gate has not passed this version.");

    static CardFacts Trained => TrainedBy(c => c);

    static CardFacts TrainedBy(Func<TrainingConfiguration, TrainingConfiguration> change)
    {
        var configuration = change(new()
        {
            Name = "run",
            Architecture = "resnet18",
            Classes = ["COVID-19", "Normal"],
            PositiveClass = "COVID-19",
            Data = new("films", [new("films", Manifest: "m.json")], new(0.6, 0.2, 0.2)),
            BestEpoch = BestEpoch.LargestArea,
            TargetSensitivity = 0.9,
        });
        var header = new ModelHeader(
            "m", "resnet18", ["COVID-19", "Normal"], 0, 0.4, PreprocessingPreset.Square(32),
            new("films", "hash", [new("training", "COVID-19", 2, 2)], "patient", 7, 5, 3, configuration.ToJson(), Day, Day, "machine"),
            [new("test", "area under the ROC curve", 0.9, 0.8, 0.95, 40, "bootstrap")], new("Support.", ["A limit."], ["films"], "CC"),
            new Dictionary<string, string> { ["TorchSharp"] = "1" });
        ManifestImage[] images = [Image("a.png", "COVID-19") with { Sex = "F", Age = "63" }, Image("b.png", "Normal")];
        return new(header, "abc")
        {
            RunNumber = 3,
            RunCreatedAt = Day,
            DataSet = new() { Name = "films", Number = 2, Change = "Divided", CreatedByName = "admin", CreatedAt = Day.AddDays(-1) },
            Manifest = new("films", new(new(0.6, 0.2, 0.2), 7, GroupBy.Patient), images),
        };
    }

    static ManifestImage Image(string path, string label) => new(path, label, path, "sha", "pixels", "look", 100, 100, "PA",
        Part: DataPart.Train);

    static ModelVersion Version(int number, string file, ModelHeader header) => new()
    {
        Number = number,
        Name = "m",
        Architecture = "resnet18",
        Sha256 = $"{number}",
        FileKey = file,
        HeaderJson = header.ToJson(),
    };
}
