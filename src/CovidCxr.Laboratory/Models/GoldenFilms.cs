using System.Security.Cryptography;
using System.Text.Json;
using CovidCxr.Domain.Models;
using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Preprocessing;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Models;

/// <summary>
/// Films whose answers are known: drawn, so the same for ever and nobody's. A version's answers to them are kept when it is put to work,
/// and it has to give the same ever after.
/// </summary>
static class GoldenFilms
{
    const int Side = 256;

    /// <summary>The largest difference of a probability that is rounding: films answered together differ by a tenth of it.</summary>
    public const double Rounding = 1e-3;

    /// <summary>A larger difference between two versions of the program is more than rounding.</summary>
    public const double Change = 0.02;

    static readonly Lazy<IReadOnlyList<GreyImage>> Drawn = new(() =>
        [.. Enum.GetValues<PhantomKind>().Select(kind => PhantomDrawer.Draw(kind, seed: 11 + (int)kind, Side, bits: 16))]);

    public static IReadOnlyList<GreyImage> All => Drawn.Value;

    /// <summary>The largest difference of a probability, 0..1; infinite where answers are no numbers, or of another kind.</summary>
    public static double Difference(IReadOnlyList<IReadOnlyList<float>> one, IReadOnlyList<IReadOnlyList<float>> other) =>
        one.Count != other.Count || one.Zip(other).Any(f => f.First.Count != f.Second.Count)
            || !one.Concat(other).SelectMany(f => f).All(float.IsFinite)
            ? double.PositiveInfinity
            : one.Zip(other).SelectMany(f => f.First.Zip(f.Second)).Max(p => Math.Abs((double)p.First - p.Second));

    public static IReadOnlyList<IReadOnlyList<float>> Read(GoldenAnswer row)
    {
        try
        {
            return JsonSerializer.Deserialize<float[][]>(row.Answers) ?? [];
        }
        catch (JsonException)
        {
            // Somebody changed it. Nothing equals no answers.
            return [];
        }
    }
}

/// <summary>Keeps what a version answers to the golden films, once for each program and device.</summary>
public sealed class PinGoldenFilms(IDbContextFactory<CovidCxrDbContext> contexts, ModelHost host, TimeProvider time)
{
    // What computes an answer. A version's number need not change with the code.
    static readonly string Version = Convert.ToHexStringLower(SHA256.HashData(
        new[] { typeof(Preprocessor), typeof(ModelFile), typeof(ModelHost) }
            .SelectMany(t => t.Module.ModuleVersionId.ToByteArray()).ToArray()))[..16];

    /// <summary>The program and what computes, in words.</summary>
    internal string Program => $"{Version}, {host.Device}";

    /// <summary>What stands already stays: it is what the version has to give.</summary>
    /// <param name="isFallback">Whether the program itself returns to it: then answers that another program gave count too.</param>
    /// <returns>Why it must not be put to work; null where it may.</returns>
    internal async Task<string?> PinAsync(Guid version, LoadedModel model, bool isFallback, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var before = await db.GoldenAnswers.AsNoTracking().Where(g => g.ModelVersionId == version).OrderByDescending(g => g.Id)
            .ToListAsync(cancellation);
        var answers = await model.AnswerAsync(GoldenFilms.All, cancellation);
        if (before.Find(g => g.Program == Program) is { } pinned)
        {
            return GoldenFilms.Difference(GoldenFilms.Read(pinned), answers) <= GoldenFilms.Rounding
                ? null
                : "On the golden films it does not answer as it did when it was first put to work.";
        }

        // Of the same device where there is one: another rounds otherwise.
        var last = before.Find(g => g.Program.EndsWith($", {host.Device}", StringComparison.Ordinal)) ?? before.FirstOrDefault();
        var difference = last is null ? (double?)null : GoldenFilms.Difference(GoldenFilms.Read(last), answers);
        if (isFallback && difference > GoldenFilms.Change)
        {
            return "On the golden films it answers otherwise than an earlier program did.";
        }

        db.GoldenAnswers.Add(new()
        {
            ModelVersionId = version,
            Program = Program,
            MadeAt = time.GetUtcNow(),
            Answers = JsonSerializer.Serialize(answers),
            Difference = difference is { } known ? Math.Min(known, 1) : null,
        });
        await db.SaveChangesAsync(cancellation);
        return null;
    }
}
