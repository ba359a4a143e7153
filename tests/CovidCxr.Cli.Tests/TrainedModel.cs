using CovidCxr.Testing;

namespace CovidCxr.Cli.Tests;

/// <summary>One training for all tests that need one; none where they are left out.</summary>
[CollectionDefinition(nameof(TrainedModel))]
public sealed class TrainedModelTests : ICollectionFixture<TrainedModel>;

/// <summary>
/// Drawn films, a configuration and a model that `train` made of them: one epoch of the smallest network, which need not be good.
/// </summary>
public sealed class TrainedModel : IAsyncLifetime
{
    readonly FilmFolder _folder = FilmFolder.WithFilms(patientsPerClass: 6, filmsPerPatient: 2);

    public string Data => _folder.Root;

    public string Config { get; private set; } = "";

    public string Model => Path.Combine(Data, "run", "model.safetensors");

    public CommandResult Training { get; private set; } = new(1, "", "");

    public async ValueTask InitializeAsync()
    {
        Config = Write("run.json", "films");
        Training = await CommandLine.RunAsync(
            "train", "--config", Config, "--data", Data, "--out", Path.Combine(Data, "run"), "--cache-megabytes", "0");
    }

    /// <summary>A configuration of a source with the class folders COVID-19 and Other.</summary>
    public string Write(string name, string source, int epochs = 1, string negative = "Other")
    {
        var path = Path.Combine(Data, name);
        File.WriteAllText(path, $$"""
            {
              "name": "films", "architecture": "resnet18", "classes": ["COVID-19", "{{negative}}"], "positiveClass": "COVID-19",
              "imageSize": 32, "batchSize": 4, "epochs": {{epochs}}, "seed": 7, "schedule": { "minRate": 0.0001, "maxRate": 0.001 },
              "data": {
                "name": "drawn films", "split": { "train": 0.5, "validation": 0.25, "test": 0.25 },
                "sources": [{ "path": "{{source}}", "classFolders": { "COVID-19": "COVID-19", "Other": "{{negative}}" },
                  "patientPattern": "^(p\\d+)_" }]
              }
            }
            """);
        return path;
    }

    /// <summary>Copies some films of the training folder, and new ones, into another source.</summary>
    /// <returns>How many there are, and how many are copies.</returns>
    public (int All, int Copies) WriteSource(string source)
    {
        var copies = new[] { "COVID-19", "Other" }
            .SelectMany(c => Directory.EnumerateFiles(Path.Combine(Data, "films", c)).Order().Select(f => (Class: c, File: f))).ToList();
        foreach (var (name, file) in copies)
        {
            _folder.Write($"{source}/{name}/copy-{Path.GetFileName(file)}", File.ReadAllBytes(file));
        }

        foreach (var i in Enumerable.Range(0, 6))
        {
            _folder.Write(
                $"{source}/{(i < 3 ? "COVID-19" : "Other")}/q{i}_0.png",
                Imaging.Rendering.PngEncoder.Encode(FilmFolder.Film(i < 3, 7000 + i, 64)));
        }

        return (copies.Count + 6, copies.Count);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
