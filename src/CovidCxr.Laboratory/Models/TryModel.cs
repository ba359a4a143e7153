using CovidCxr.Domain.Studies;
using CovidCxr.Engine.Serving;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Storage.Files;

namespace CovidCxr.Laboratory.Models;

/// <summary>What a loaded model must do before it is put to work: answer X-rays, in numbers, and not all of them alike.</summary>
public sealed class TryModel(IClinicFilms clinic, BlobStore blobs, IScanDecoder decoder)
{
    const int Most = 4, Phantoms = 3, PhantomSide = 256;

    // Of the logarithms: a sure model says 1.000000 to many films, but never the same of what is left. Rounding makes a hundredth of this.
    const double Alike = 1e-4;

    public async Task<ModelTrial> RunAsync(LoadedModel model, CancellationToken cancellation)
    {
        var stored = await StoredAsync(cancellation);
        var triedOn = stored.Count switch
        {
            0 => $"tried on {Phantoms} drawn phantoms",
            1 => $"tried on 1 stored X-ray and {Phantoms} drawn phantoms",
            _ => $"tried on {stored.Count} stored X-rays and {Phantoms} drawn phantoms",
        };
        // The phantoms always: the newest films may well be one film four times.
        var answers = await model.AnswerAsync([.. stored, .. Drawn()], cancellation);
        return new(triedOn, Objection(answers) is { } objection ? $"The model must not be put to work: {triedOn}, {objection}" : null);
    }

    // The newest, as they come from this clinic's machines. One that cannot be read is not the model's fault.
    async Task<IReadOnlyList<GreyImage>> StoredAsync(CancellationToken cancellation)
    {
        var keys = await clinic.NewestImageKeysAsync(Most, cancellation);
        var scans = new List<GreyImage>();
        foreach (var key in keys.Where(blobs.Exists))
        {
            if (decoder.Decode(await blobs.ReadAsync(key, cancellation), cancellation) is DecodeResult.Decoded { Image: var image })
            {
                scans.Add(image);
            }
        }

        return scans;
    }

    static IReadOnlyList<GreyImage> Drawn() =>
        [.. Enumerable.Range(0, Phantoms).Select(i => PhantomDrawer.Draw((PhantomKind)i, seed: i + 1, PhantomSide, bits: 8))];

    static string? Objection(IReadOnlyList<float[]> answers) =>
        !answers.All(a => a.All(float.IsFinite)) ? "it answers with numbers that are not finite."
        : answers.Skip(1).All(a => AreAlike(a, answers[0])) ? "it gives every one of them the same answer."
        : null;

    static bool AreAlike(float[] one, float[] other) =>
        one.Zip(other).All(p => Math.Abs(Math.Log(Math.Max(p.First, float.Epsilon)) - Math.Log(Math.Max(p.Second, float.Epsilon))) < Alike);
}

/// <param name="TriedOn">In words, such as "tried on 4 stored X-rays".</param>
/// <param name="Refusal">Why the model must not be put to work; null where it may.</param>
public sealed record ModelTrial(string TriedOn, string? Refusal);
