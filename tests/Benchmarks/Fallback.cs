using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CovidCxr.Engine.Serving;
using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace Benchmarks;

/// <summary>
/// From the start of the check on golden films, which the active version fails, until the version before it serves. Both are the network
/// that comes with the program, under names of their own.
/// </summary>
static class Fallback
{
    const int Turns = 5;

    static readonly TimeSpan Aim = TimeSpan.FromSeconds(5);

    public static async Task<int> RunAsync()
    {
        await using var clinic = new TestClinic(isReal: true);
        var files = Directory.CreateTempSubdirectory("covidcxr-benchmark-").FullName;
        try
        {
            var shipped = ModelFile.Read(StarterModel.Path);
            var number = 0;
            var before = await ActivateAsync(null);
            List<double> altered = [], damaged = [];
            for (var turn = 0; turn < Turns; turn++)
            {
                altered.Add(await MeasureAsync(_ => { }));
                damaged.Add(await MeasureAsync(path => File.WriteAllText(path, "damaged")));
            }

            Print("its kept answers altered", altered);
            Print("and its file damaged too", damaged);
            return altered.Concat(damaged).Max() < Aim.TotalMilliseconds ? 0 : 1;

            async Task<(Guid Id, string Sha256)> ActivateAsync(Guid? active)
            {
                var path = Path.Combine(files, $"{++number}.safetensors");
                ModelFile.Write(path, shipped.Header with { Name = $"version {number}" }, shipped.Tensors, inHalfPrecision: false);
                return (await TestModels.ActivateAsync(clinic, path, active), ModelFile.Read(path).Sha256);
            }

            async Task<double> MeasureAsync(Action<string> damage)
            {
                var failing = await ActivateAsync(before.Id);
                await AlterAsync(clinic, failing.Id);
                damage(Path.Combine(clinic.Get<DataFolder>().Models, failing.Sha256 + ".safetensors"));
                var watch = Stopwatch.StartNew();
                var check = await clinic.Get<CheckGoldenFilms>().RunAsync(actor: null, CancellationToken.None);
                var taken = watch.Elapsed.TotalMilliseconds;
                return clinic.Get<ModelHost>().Current?.Sha256 == before.Sha256
                    ? taken
                    : throw new InvalidOperationException($"It did not fall back: {check}.");
            }
        }
        finally
        {
            Directory.Delete(files, recursive: true);
        }
    }

    // As if the version answered otherwise than when it was put to work.
    static async Task AlterAsync(TestClinic clinic, Guid version)
    {
        await using var db = clinic.Context();
        var row = await db.GoldenAnswers.AsNoTracking().SingleAsync(g => g.ModelVersionId == version);
        var answers = JsonSerializer.Deserialize<float[][]>(row.Answers)!;
        answers[0][0] += 0.1f;
        var changed = JsonSerializer.Serialize(answers);
        await db.GoldenAnswers.Where(g => g.Id == row.Id).ExecuteUpdateAsync(s => s.SetProperty(g => g.Answers, changed));
    }

    static void Print(string what, List<double> taken)
    {
        taken.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{what}: median {taken[taken.Count / 2]:F0} ms, longest {taken[^1]:F0} ms of {taken.Count}; the aim is ")
            + $"{Aim.TotalSeconds:F0} s");
    }
}
