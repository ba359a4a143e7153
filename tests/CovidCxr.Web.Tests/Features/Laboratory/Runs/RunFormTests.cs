using System.Text.Json;
using AngleSharp.Dom;
using Bunit;
using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Models;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Laboratory.Plans;
using CovidCxr.Laboratory.Runs;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Laboratory.Runs;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Features.Laboratory.Runs;

/// <summary>The form of a new run, with the real use case behind its button.</summary>
public sealed class RunFormTests : ClinicPages
{
    // Whatever the form has a field for, with a value that no preset has.
    static readonly (string Label, string Value)[] Changes =
    [
        ("Positive class", "Other"), ("Class balance", "Oversample"), ("Name", "another"), ("Network", "densenet169"), ("Epochs", "7"),
        ("Lowest rate (amin)", "3e-5"), ("Highest rate (amax)", "3e-3"), ("Schedule", "Cosine"), ("Cycles", "Run"),
        ("Share in which it rises (p)", "0.4"), ("A rate for", "Stage"), ("Lowest momentum", "0.7"), ("Highest momentum", "0.8"),
        ("Momentum moves", "Inverse"), ("Optimizer", "Sgd"), ("Weight decay", "0.02"), ("Kind of decay", "Decoupled"),
        ("Label smoothing (0 to 1)", "0.1"), ("Patience (epochs, empty: none)", "5"), ("Decay norms and biases too", "true"),
        ("Layers trained", "Gradual"), ("Epochs until a stage joins", "3"), ("Image size (pixels)", "64"), ("Batch size", "8"),
        ("Precision", "BFloat16"), ("Seed", "9"), ("Rotation, one of (degrees)", "3, 7.5"), ("Chance of rotation", "0.6"),
        ("Zoom up to", "1.2"), ("Chance of zoom", "0.5"), ("Lighting up to", "1.1"), ("Chance of lighting", "0.4"),
        ("Warp (0 to 1)", "0.2"), ("Chance of warp", "0.3"), ("Chance of blur", "0.1"), ("Chance of mirroring", "0.05"),
        ("Gamma up to", "1.3"), ("Chance of less detail", "0.2"), ("Noise up to (0 to 1)", "0.02"),
        ("Show the lungs alone, in their grey values", "true"), ("Stages that stay as they are", "2"),
        ("Running mean of the weights (0 to 1)", "0.9"), ("Longest gradient (empty: any)", "4"), ("Best epoch", "LargestArea"),
        ("Sensitivity that sets the threshold (empty: Youden)", "0.95"), ("Rate at the end of the run (empty: amin)", "1e-6"),
        ("Images at once (empty: the whole batch)", "4"), ("Fit a temperature on the validation part", "true"),
        ("Steps of the range test", "480"),
    ];

    DataSetVersionView _version = null!;

    public RunFormTests() => JSInterop.Mode = JSRuntimeMode.Loose;

    protected override async Task FillAsync()
    {
        var version = new DataSetVersion
        {
            Name = "films",
            Number = 1,
            Change = "Divided",
            State = DataSetState.Ready,
            IsDivided = true,
            ManifestHash = null,
            CreatedByName = TestClinic.Admin.UserName,
        };
        ImageManifest manifest = new(
            "films", new(new(), 1, GroupBy.Patient),
            [
                new("a.png", "COVID-19", "1", "", "", "", 32, 32, Part: DataPart.Train),
                new("b.png", "Other", "2", "", "", "", 32, 32, Part: DataPart.Test),
            ]);
        Services.GetRequiredService<DataSetPlaces>().Write(version.Id, manifest);
        await using var db = WebClinic.Context(Services);
        db.DataSetVersions.Add(version);
        db.ModelVersions.Add(new ModelVersion
        {
            Number = 5,
            Name = "small",
            Architecture = "resnet18",
            Sha256 = "01",
            FileKey = "small.safetensors",
            HeaderJson = "{}"
        });
        await db.SaveChangesAsync(Cancellation);
        _version = (await Services.GetRequiredService<ListDataSets>().RunAsync(TestClinic.Admin, Cancellation)).Single();
    }

    [Fact]
    public async Task Start_WithEveryFieldChanged_ChangesEveryOptionOfARun()
    {
        await (await OpenAsync()).Find("button.mud-button-filled").ClickAsync(new());
        var form = await OpenAsync();
        foreach (var (label, value) in Changes)
        {
            await ChangeAsync(form, label, value);
        }

        await form.Find("button.mud-button-filled").ClickAsync(new());

        Assert.Empty(form.FindAll(".mud-alert-outlined-error").Select(e => e.TextContent));
        var (presets, changed) = (await OptionsAsync(1), await OptionsAsync(2));
        // What is read and how it is divided is the data set version's, and the number is the program's.
        var same = presets.Keys.Where(
            k => !k.StartsWith("data.", StringComparison.Ordinal) && k != "version" && presets[k] == changed.GetValueOrDefault(k)).ToList();
        Assert.True(same.Count == 0, "No field of the form changes " + string.Join(", ", same));
        Assert.EndsWith("models/m", changed["initialModel"], StringComparison.Ordinal);
        Assert.Equal(
            ["3", "7.5"],
            changed.Where(c => c.Key.StartsWith("augmentation.rotationDegrees", StringComparison.Ordinal)).Select(c => c.Value));
    }

    [Fact]
    public async Task Start_ByAPlan_StoresIt_AndTheBoxKeepsWhatWasWritten()
    {
        var form = await OpenAsync();
        Assert.Contains("cannot be promoted", form.Markup, StringComparison.Ordinal);
        await ChangeAsync(form, "Train by a plan", "true");
        await ChangeAsync(form, "What will change", "Train on more films.");
        await ChangeAsync(form, "Judged by", "Sensitivity");
        await Field(form, "Train by a plan").ChangeAsync(new() { Value = false });
        await ChangeAsync(form, "Train by a plan", "true");
        await form.Find("button.mud-button-filled").ClickAsync(new());
        Assert.Contains("say why", form.Find(".mud-alert-outlined-error").TextContent, StringComparison.Ordinal);
        await ChangeAsync(form, "Why", "More films came in.");
        await form.Find("button.mud-button-filled").ClickAsync(new());

        await using var db = WebClinic.Context(Services);
        var plan = TrainingPlan.TryRead((await db.TrainingRuns.SingleAsync(Cancellation)).Plan)!;
        Assert.Equal(
            ("Train on more films.", "More films came in.", PlannedMetric.Sensitivity, 0.05),
            (plan.Change, plan.Why, plan.Metric, plan.Margin));
    }

    [Fact]
    public async Task Network_ThatTheActiveVersionHas_StartsFromIt_AnyOtherAtRandom()
    {
        var form = await OpenAsync();
        Assert.Equal(["random weights", "ImageNet's weights", "version 5, small"], Choices(form));
        Assert.Equal("", Field(form, "Start from").GetAttribute("value"));

        await ChangeAsync(form, "Network", "densenet169");

        Assert.Equal(["random weights", "version 4, secret-model (active)"], Choices(form));
        Assert.NotEqual("", Field(form, "Start from").GetAttribute("value"));
        await form.FindAll("input[type=radio]")[1].ClickAsync(new());
        await form.FindAll("input[type=radio]")[0].ClickAsync(new());
        Assert.Equal("", Field(form, "Start from").GetAttribute("value"));
    }

    [Fact]
    public async Task Start_FromImageNet_IsWhatTheRunStartsFrom()
    {
        var form = await OpenAsync();
        await ChangeAsync(form, "Start from", ImageNetWeights.Name);
        await form.Find("button.mud-button-filled").ClickAsync(new());

        Assert.Equal(ImageNetWeights.Name, (await OptionsAsync(1))["initialModel"]);
        await ChangeAsync(form, "Network", "densenet169");
        Assert.DoesNotContain("ImageNet's weights", Choices(form));
    }

    [Fact]
    public async Task Layers_FrozenAtRandom_AreWarnedOf()
    {
        var form = await OpenAsync();
        Assert.Empty(form.FindAll(".notice"));

        await ChangeAsync(form, "Layers trained", "HeadOnly");

        Assert.Contains("at random", form.Find(".notice").TextContent, StringComparison.Ordinal);
        await ChangeAsync(form, "Start from", Field(form, "Start from").QuerySelectorAll("option")[1].GetAttribute("value")!);
        Assert.Empty(form.FindAll(".notice"));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Start_WithARotationThatIsNoNumber_IsRefusedInWords()
    {
        var form = await OpenAsync();
        await ChangeAsync(form, "Rotation, one of (degrees)", "5, much");

        await form.Find("button.mud-button-filled").ClickAsync(new());

        Assert.Equal("Augmentation: 'much' is no rotation in degrees.", form.Find(".mud-alert-outlined-error").TextContent);
    }

    [Theory]
    [InlineData("0", "1e-3", "lowest rate must be a number above 0")]
    [InlineData("-1e-4", "1e-3", "lowest rate must be a number above 0")]
    [InlineData("small", "1e-3", "lowest rate must be a number above 0")]
    [InlineData("1e-2", "1e-3", "not below the lowest")]
    [InlineData("1e-4", "1e999", "must be a number")]
    public async Task Rates_ThatDoNotFit_AreSaidWhileTheyAreTyped(string lowest, string highest, string why)
    {
        var form = await OpenAsync();
        await ChangeAsync(form, "Lowest rate (amin)", lowest);
        await ChangeAsync(form, "Highest rate (amax)", highest);

        Assert.Contains(why, form.Find(".mud-alert-outlined-error").TextContent, StringComparison.Ordinal);
        Assert.True(form.Find("button.mud-button-filled").HasAttribute("disabled"));
        await ChangeAsync(form, "Lowest rate (amin)", "1e-4");
        await ChangeAsync(form, "Highest rate (amax)", "1e-2");
        Assert.Empty(form.FindAll(".mud-alert-outlined-error"));
        Assert.False(form.Find("button.mud-button-filled").HasAttribute("disabled"));
    }

    [Theory]
    [InlineData("Adam", "1", "0.9", "below 1.")]
    [InlineData("Sgd", "10", "9.9", "below 10.")]
    public async Task Rate_ThatNoLossSurvives_IsRefusedByTheOptimizer(string optimizer, string limit, string below, string why)
    {
        var form = await OpenAsync();
        await ChangeAsync(form, "Optimizer", optimizer);
        await ChangeAsync(form, "Highest rate (amax)", limit);

        Assert.Contains(why, form.Find(".mud-alert-outlined-error").TextContent, StringComparison.Ordinal);
        Assert.True(form.Find("button.mud-button-filled").HasAttribute("disabled"));
        await ChangeAsync(form, "Highest rate (amax)", below);
        Assert.Empty(form.FindAll(".mud-alert-outlined-error"));
    }

    [Fact]
    public async Task DataSet_ThatIsChosen_ShowsTheDivisionThatThereIs()
    {
        var form = await OpenAsync();
        Assert.Contains("seed 1: 1 training, 0 validation, 1 test images.", form.Markup, StringComparison.Ordinal);

        await ChangeAsync(form, "Data set", "");

        Assert.DoesNotContain("Divided by patient", form.Markup, StringComparison.Ordinal);
    }

    async Task<IRenderedComponent<RunForm>> OpenAsync()
    {
        var models = await Services.GetRequiredService<ListInitialModels>().RunAsync(TestClinic.Admin, Cancellation);
        var form = Draw<RunForm>(TestClinic.Admin, p => p.Add(f => f.Versions, [_version]).Add(f => f.Models, models));
        await form.WaitForAssertionAsync(() => Assert.Contains("Divided by patient", form.Markup, StringComparison.Ordinal), Patience);
        return form;
    }

    static Task ChangeAsync(IRenderedComponent<RunForm> form, string label, string value) =>
        Field(form, label).ChangeAsync(new() { Value = value == "true" ? true : value });

    // By the words beside it alone: a selection's label holds its choices, too. A label holds its field or names it.
    static IElement Field(IRenderedComponent<RunForm> form, string label)
    {
        var found = form.FindAll("label").Single(l => label == l.TextContent.Trim()
            || label == string.Concat(l.ChildNodes.OfType<IText>().Select(t => t.Data)).Trim());
        return found.GetAttribute("for") is { } id ? form.Find($"#{id}") : found.QuerySelector("input, select")!;
    }

    static IEnumerable<string> Choices(IRenderedComponent<RunForm> form) =>
        Field(form, "Start from").QuerySelectorAll("option").Select(o => o.TextContent);

    async Task<Dictionary<string, string>> OptionsAsync(int number)
    {
        await using var db = WebClinic.Context(Services);
        using var document = JsonDocument.Parse((await db.TrainingRuns.SingleAsync(r => r.Number == number, Cancellation)).Configuration);
        return Leaves("", document.RootElement).ToDictionary();
    }

    static IEnumerable<(string Key, string Value)> Leaves(string key, JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(p => Leaves(key.Length == 0 ? p.Name : $"{key}.{p.Name}", p.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany((item, i) => Leaves($"{key}[{i}]", item)),
        _ => [(key, element.ToString())],
    };
}
