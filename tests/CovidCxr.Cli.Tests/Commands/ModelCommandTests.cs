using CovidCxr.Engine.Checkpoints;
using CovidCxr.Engine.Serving;
using CovidCxr.Learning.Checkpoints;

namespace CovidCxr.Cli.Tests.Commands;

[Trait("Speed", "Slow")]
public sealed class ModelCommandTests(Workbench bench) : IClassFixture<Workbench>
{
    [Fact]
    public async Task Show_AModel_PrintsItsCard()
    {
        var (code, output, _) = await CommandLine.RunAsync("model", "show", bench.Model);

        Assert.Equal(0, code);
        Assert.All(
            new[]
            {
                "bench", "resnet18", "COVID-19, Pneumonia, Other", "COVID-19 from 0.2500", "64 x 64", "not here",
                "test: sensitivity 0.5000 (0.2500 to 0.7500), n = 12, Wilson", "untrained"
            },
            words => Assert.Contains(words, output, StringComparison.Ordinal));
        Assert.Contains(ModelFile.Read(bench.Model).Sha256, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("show")]
    [InlineData("export", "--onnx", "x.onnx")]
    public async Task Command_OnBareWeights_PointsToTheImport(string name, params string[] options)
    {
        var (code, output, error) = await CommandLine.RunAsync((string[])["model", name, bench.Weights, .. options]);

        Assert.Equal((1, ""), (code, output));
        Assert.Contains("model import", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WithOtherClasses_MakesAModelThatSaysItIsNotMeasured()
    {
        var path = bench.Path("imported.safetensors");
        var (code, output, _) = await CommandLine.RunAsync(
            "model", "import", bench.Weights, "--architecture", "resnet18", "--classes", "COVID-19, Other", "--out", path, "--size", "64");

        Assert.Equal(0, code);
        Assert.Contains("random", output, StringComparison.Ordinal);
        var file = ModelFile.Read(path);
        using var network = file.ToNetwork();
        Assert.Equal(2, network.Classes);
        Assert.Equal(["COVID-19", "Other"], file.Header.Classes);
        Assert.Null(file.Header.Training);
        Assert.Empty(file.Header.Metrics);
        Assert.Contains(file.Header.Card.Limitations, l => l.Contains("Not measured", StringComparison.Ordinal));
        Assert.Contains("answers mean nothing", file.Header.Card.IntendedUse, StringComparison.Ordinal);
        Assert.Contains("none: not measured", (await CommandLine.RunAsync("model", "show", path)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_WithTheFilesClasses_KeepsTheHeadAndPredicts()
    {
        var path = bench.Path("whole.safetensors");
        var imported = await CommandLine.RunAsync(
            "model", "import", bench.Weights, "--classes", "COVID-19,Pneumonia,Other", "--out", path, "--size", "64", "--name", "theirs");

        Assert.Equal(0, imported.Code);
        Assert.Contains("The head is the file's", imported.Output, StringComparison.Ordinal);
        Assert.Contains("theirs", (await CommandLine.RunAsync("predict", bench.Film, "--model", path)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_AMissingFile_SaysHowToGetImageNetWeights()
    {
        var (code, _, error) = await CommandLine.RunAsync(
            "model", "import", bench.Path("densenet169.pth"), "--architecture", "densenet169", "--classes", "a,b", "--out",
            bench.Path("none.safetensors"));

        Assert.Equal(1, code);
        Assert.Contains("torchvision.models.densenet169(weights='IMAGENET1K_V1')", error, StringComparison.Ordinal);
        Assert.False(File.Exists(bench.Path("none.safetensors")));
    }

    [Theory]
    [InlineData("resnet50", "a,b", "224", "those of resnet18, not of resnet50")]
    [InlineData("vgg16", "a,b", "224", "no architecture 'vgg16'")]
    [InlineData("resnet18", "a", "224", "2 to 100 classes")]
    [InlineData("resnet18", "a,a", "224", "different names")]
    [InlineData("resnet18", "a,", "224", "different names")]
    [InlineData("resnet18", "a,b", "31", "32 to 1024")]
    public async Task Import_WhatCannotBe_IsRefused(string architecture, string classes, string size, string words)
    {
        var path = bench.Path("refused.safetensors");
        var (code, _, error) = await CommandLine.RunAsync(
            "model", "import", bench.Weights, "--architecture", architecture, "--classes", classes, "--out", path, "--size", size);

        Assert.Equal(1, code);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task Export_AModel_WritesAGraphThatRuns()
    {
        var path = bench.Path("bench.onnx");
        var (code, output, _) = await CommandLine.RunAsync("model", "export", bench.Model, "--onnx", path);

        Assert.Equal(0, code);
        Assert.Contains("differs from TorchSharp by", output, StringComparison.Ordinal);
        using var graph = new OnnxNetwork(path, threads: 1, spins: false);
        Assert.True(OnnxVerification.Distance(ModelFile.Read(bench.Model), graph) <= VerifiedGraph.Tolerance);
    }

    [Fact]
    public async Task Export_IntoAFolderThatIsNotThere_IsRefused()
    {
        var (code, _, error) = await CommandLine.RunAsync("model", "export", bench.Model, "--onnx", bench.Path("nowhere/bench.onnx"));

        Assert.Equal(1, code);
        Assert.NotEmpty(error);
    }
}
