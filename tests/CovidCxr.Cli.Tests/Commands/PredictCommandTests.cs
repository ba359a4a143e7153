using System.Text.Json;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Laboratory.Models;
using CovidCxr.Testing;

namespace CovidCxr.Cli.Tests.Commands;

[Trait("Speed", "Slow")]
public sealed class PredictCommandTests(Workbench bench) : IClassFixture<Workbench>
{
    [Fact]
    public async Task Predict_GoodFiles_PrintsALineForEachAndWhoAnswered()
    {
        var (code, output, error) = await CommandLine.RunAsync("predict", bench.Film, bench.WideFilm, "--model", bench.Model);

        Assert.Equal((0, ""), (code, error));
        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.Matches(
            @"^.*film\.png: (COVID-19|Pneumonia|Other) \(COVID-19 0\.\d{4}, Pneumonia 0\.\d{4}, Other 0\.\d{4}\), \d+ ms", lines[0]);
        Assert.StartsWith(bench.WideFilm, lines[1], StringComparison.Ordinal);
        Assert.Contains("COVID-19 from 0.2500", lines[2], StringComparison.Ordinal);
        Assert.Contains("not a diagnosis", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_ABadFileAmongGoodOnes_IsAnErrorEntryAndTheOthersAreDone()
    {
        var missing = bench.Path("missing.png");
        var (code, output, error) = await CommandLine.RunAsync(
            "predict", bench.NoFilm, bench.Film, missing, "--model", bench.Model, "--json");

        Assert.Equal((1, ""), (code, error));
        using var document = JsonDocument.Parse(output);
        var files = document.RootElement.GetProperty("files").EnumerateArray().ToList();
        Assert.Equal([bench.NoFilm, bench.Film, missing], files.Select(f => f.GetProperty("file").GetString()!));
        Assert.Contains("not a PNG", files[0].GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.False(files[0].TryGetProperty("prediction", out _));
        Assert.False(files[1].TryGetProperty("error", out _));
        Assert.NotEmpty(files[2].GetProperty("error").GetString()!);
    }

    [Fact]
    public async Task Predict_DirectoryOfAMedium_ReadsTheFilmsThatItNamesAndNothingOutsideIt()
    {
        var disc = Directory.CreateDirectory(bench.Path("disc")).FullName;
        var directory = Path.Combine(disc, "DICOMDIR");
        await File.WriteAllBytesAsync(
            directory,
            DicomMedium.Write(
                DicomMedium.Image("CR1"), DicomMedium.Image("CT1", DicomMedium.Tomography), DicomMedium.Image("GONE"),
                DicomMedium.Image(@"..\FILM.PNG"), DicomMedium.Image("LINK")),
            TestContext.Current.CancellationToken);
        var film = Path.Combine(disc, "cr1.dcm;1");
        await File.WriteAllBytesAsync(
            film, DicomFilm.Write(FilmFolder.Film(isSick: true, seed: 9, size: 160)), TestContext.Current.CancellationToken);
        File.CreateSymbolicLink(Path.Combine(disc, "link"), bench.Film);

        var (code, output, error) = await CommandLine.RunAsync("predict", directory, "--model", bench.Model, "--even-withheld");

        Assert.Equal(1, code);
        Assert.StartsWith($"{film}: ", output, StringComparison.Ordinal);
        Assert.Equal(
            [
                $"{Path.Combine(disc, "GONE")}: The directory names this film, and it is not on the medium.",
                $"{directory}: The directory names no place on the medium.",
                $"{Path.Combine(disc, "LINK")}: The directory names this film, and it is not on the medium.",
            ],
            error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Predict_PictureOfNothing_IsWithheldUnlessAskedFor()
    {
        var clouds = bench.Path("clouds.png");
        await File.WriteAllBytesAsync(
            clouds, PngEncoder.Encode(FilmFolder.Film(isSick: false, seed: 9, size: 160)), TestContext.Current.CancellationToken);

        var plain = await CommandLine.RunAsync("predict", clouds, "--model", bench.Model);
        Assert.Equal((0, ""), (plain.Code, plain.Error));
        Assert.StartsWith($"{clouds}: withheld. ", plain.Output, StringComparison.Ordinal);

        var json = await CommandLine.RunAsync("predict", clouds, "--model", bench.Model, "--json");
        using var withheld = JsonDocument.Parse(json.Output);
        var file = withheld.RootElement.GetProperty("files")[0];
        Assert.NotEmpty(file.GetProperty("withheld").GetString()!);
        Assert.False(file.TryGetProperty("probabilities", out _));

        var forced = await CommandLine.RunAsync("predict", clouds, "--model", bench.Model, "--even-withheld", "--json");
        using var scored = JsonDocument.Parse(forced.Output);
        Assert.Equal(3, scored.RootElement.GetProperty("files")[0].GetProperty("probabilities").EnumerateObject().Count());
    }

    [Theory]
    [InlineData(0x0018_5101, "CS", "LL", "The film is a lateral view")]
    [InlineData(0x0018_0015, "CS", "HAND", "it shows HAND")]
    [InlineData(0x0008_0060, "CS", "MR", "the modality MR")]
    [InlineData(0x0010_1010, "AS", "009Y", "younger than 16 years")]
    public async Task Predict_HeaderThatSpeaksAgainstAScore_IsBelievedUnlessOverruled(uint tag, string kind, string text, string reason)
    {
        var film = bench.Path($"said-{tag:X}.dcm");
        await File.WriteAllBytesAsync(
            film, DicomFilm.Write(PhantomDrawer.Draw(PhantomKind.Clear, seed: 1, 128, bits: 8), (tag, kind, text)),
            TestContext.Current.CancellationToken);

        var plain = await CommandLine.RunAsync("predict", film, "--model", bench.Model);
        Assert.Equal((0, ""), (plain.Code, plain.Error));
        Assert.StartsWith($"{film}: withheld. ", plain.Output, StringComparison.Ordinal);
        Assert.Contains(reason, plain.Output, StringComparison.Ordinal);

        var forced = await CommandLine.RunAsync("predict", film, "--model", bench.Model, "--even-withheld");
        Assert.Contains("COVID-19 0.", forced.Output, StringComparison.Ordinal);
        Assert.Contains("scored although withheld. ", forced.Output, StringComparison.Ordinal);
        Assert.Contains(reason, forced.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_HeaderOfAnAdultsFrontalChest_IsScored()
    {
        var film = bench.Path("adult.dcm");
        await File.WriteAllBytesAsync(
            film,
            DicomFilm.Write(
                PhantomDrawer.Draw(PhantomKind.Clear, seed: 1, 128, bits: 8), (0x0018_5101, "CS", "PA"), (0x0018_0015, "CS", "CHEST"),
                (0x0008_0060, "CS", "DX"), (0x0010_1010, "AS", "016Y")),
            TestContext.Current.CancellationToken);

        var (_, output, _) = await CommandLine.RunAsync("predict", film, "--model", bench.Model);

        Assert.Contains("COVID-19 0.", output, StringComparison.Ordinal);
        Assert.DoesNotContain("withheld", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Predict_AsJson_HoldsEveryClassTheDecisionAndTheModel()
    {
        var (code, output, _) = await CommandLine.RunAsync("predict", bench.Film, "--model", bench.Model, "--json");

        Assert.Equal(0, code);
        using var document = JsonDocument.Parse(output);
        var (model, file) = (document.RootElement.GetProperty("model"), document.RootElement.GetProperty("files")[0]);
        var probabilities = file.GetProperty("probabilities").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble());
        Assert.Equal(Workbench.Classes, probabilities.Keys);
        Assert.Equal(1, probabilities.Values.Sum(), 1e-5);
        var expected =
            probabilities["COVID-19"] >= 0.25 ? "COVID-19" : probabilities.Where(p => p.Key != "COVID-19").MaxBy(p => p.Value).Key;
        Assert.Equal(expected, file.GetProperty("prediction").GetString());
        Assert.Equal(0.25, file.GetProperty("threshold").GetDouble());
        Assert.True(file.GetProperty("milliseconds").GetDouble() > 0);
        Assert.Equal(("bench", "resnet18", 64), (
            model.GetProperty("name").GetString(), model.GetProperty("architecture").GetString(),
            model.GetProperty("sha256").GetString()!.Length));
    }

    [Fact]
    public async Task Predict_WithHeatMaps_WritesAnOverlayOfTheFilmsSizeForEach()
    {
        var folder = bench.Path("maps/inner");
        Directory.CreateDirectory(bench.Path("twin"));
        File.Copy(bench.Film, bench.Path("twin/film.png"));

        var (code, output, _) = await CommandLine.RunAsync(
            "predict", bench.Film, bench.Path("twin/film.png"), bench.NoFilm, bench.WideFilm, "--model", bench.Model, "--heatmap", folder,
            "--json");

        Assert.Equal(1, code);
        Assert.Equal(
            ["film.png-2.heatmap.png", "film.png.heatmap.png", "wide.png.heatmap.png"],
            Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using var document = JsonDocument.Parse(output);
        var wide = document.RootElement.GetProperty("files")[3].GetProperty("heatMap").GetString()!;
        var overlay = Assert.IsType<DecodeResult.Decoded>(
            new ScanDecoder(new ImagingOptions()).Decode(
                await File.ReadAllBytesAsync(wide, TestContext.Current.CancellationToken), TestContext.Current.CancellationToken));
        Assert.Equal((160, 160), (overlay.Image.Width, overlay.Image.Height));
    }

    [Theory]
    [InlineData("missing.safetensors", "no model file")]
    [InlineData("film.png", "not a safetensors file")]
    [InlineData("weights.safetensors", "model import")]
    public async Task Predict_WithoutAModel_SaysWhyInEitherForm(string name, string words)
    {
        var plain = await CommandLine.RunAsync("predict", bench.Film, "--model", bench.Path(name));
        var json = await CommandLine.RunAsync("predict", bench.Film, "--model", bench.Path(name), "--json");

        Assert.Equal((1, ""), (plain.Code, plain.Output));
        Assert.Contains(words, plain.Error, StringComparison.Ordinal);
        Assert.Equal((1, ""), (json.Code, json.Error));
        using var document = JsonDocument.Parse(json.Output);
        Assert.Contains(words, document.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("predict", "--json")]
    [InlineData("predict", "x.png", "--json", "--no-such-option")]
    public async Task Predict_WronglyCalled_SaysSoOnStandardErrorAlone(params string[] arguments)
    {
        var (code, output, error) = await CommandLine.RunAsync(arguments);

        Assert.Equal(1, code);
        Assert.NotEmpty(error);
        Assert.Equal("", output);
    }

    [Fact]
    public async Task Predict_WithoutModelOption_UsesTheStarterModel()
    {
        Assert.SkipUnless(File.Exists(StarterModel.Path), "The starter model is not in this checkout.");

        var (code, output, _) = await CommandLine.RunAsync("predict", bench.Film, "--json");

        Assert.Equal(0, code);
        using var document = JsonDocument.Parse(output);
        Assert.Equal(
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(
                await File.ReadAllBytesAsync(StarterModel.Path, TestContext.Current.CancellationToken))),
            document.RootElement.GetProperty("model").GetProperty("sha256").GetString());
    }
}
