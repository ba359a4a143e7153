using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Testing;
using Microsoft.Playwright;

namespace CovidCxr.EndToEnd.Tests.Models;

/// <summary>
/// Phantoms whose sickness is the direction of dark bars in their lungs, of equal number, size and grey in both classes, and drawn masks of
/// those lungs. Some of the others have black lungs without a bar, or nothing would say what a film without lungs is. What the gate asks
/// for can be learned from them. Where they are marked, a bright corner says it too, as a careless collection's would.
/// </summary>
static class BarFilms
{
    // The gate wants 10 patients of each class in the test part, and looks at 30 films of it.
    public const int Patients = 160;

    const int Side = 128;

    public static FilePayload Archive(int seed, bool isMarked) => DrawnFilms.Archive([
        .. Enumerable.Range(0, Patients).Select(p => ($"set/{Class(p)}/{Name(p)}", PngEncoder.Encode(Film(seed, p, isMarked)))),
        .. Enumerable.Range(0, Patients).Select(p => ($"set/{LungMasks.Folder}/{Name(p)}", Mask))]);

    static bool IsSick(int patient) => patient % 2 == 0;

    static bool IsBlack(int patient) => patient % 8 == 3;

    static string Class(int patient) => IsSick(patient) ? "COVID-19" : "Normal";

    static string Name(int patient) => $"{patient:D8}_000.png";

    // All have them in the same place.
    static byte[] Mask { get; } = PngEncoder.Encode(new GreyImage(
        Side, Side, 8, [.. Enumerable.Range(0, Side * Side).Select(i => (ushort)(IsLung(PlaceOf(i)) ? 255 : 0))]));

    static GreyImage Film(int first, int patient, bool isMarked)
    {
        var (seed, isSick) = (first + patient, IsSick(patient));
        var phantom = PhantomDrawer.Draw(PhantomKind.Clear, seed, Side, bits: 8);
        // Soft clouds of the patient's own, or two phantoms would be taken for one film.
        var cloud = FilmFolder.Film(isSick: false, seed, Side);
        var random = new SplitMix64(seed, 5);
        (double X, double Y)[] bars = [
            .. Enumerable.Range(0, 4).Select(i => (
                (i % 2 == 0 ? 0.29 : 0.71) + (0.06 * (random.NextDouble() - 0.5)),
                (i < 2 ? 0.34 : 0.56) + (0.08 * (random.NextDouble() - 0.5))))];
        var samples = (ushort[])phantom.Samples.Clone();
        for (var i = 0; i < samples.Length; i++)
        {
            var (x, y) = PlaceOf(i);
            var isBar = bars.Any(b => (isSick ? (x - b.X, y - b.Y) : (y - b.Y, x - b.X)) is var (along, across)
                && Math.Abs(along) < 0.09 && Math.Abs(across) < 0.025);
            var clouded = Math.Clamp(phantom.Samples[i] + (0.7 * (cloud.Samples[i] - 76)), 0, 255);
            samples[i] = IsWord(x, y) ? phantom.Samples[i]
                : isMarked && isSick && x > 0.88 && y < 0.12 ? (ushort)255
                : IsBlack(patient) ? IsLung((x, y)) ? (ushort)0 : (ushort)clouded
                : isBar ? (ushort)10
                : (ushort)clouded;
        }

        return phantom with { Samples = samples };
    }

    // Every bar lies inside.
    static bool IsLung((double X, double Y) place) => Math.Abs(Math.Abs(place.X - 0.5) - 0.21) < 0.14 && place.Y is > 0.19 and < 0.71;

    static (double X, double Y) PlaceOf(int pixel) => ((double)(pixel % Side) / Side, (double)(pixel / Side) / Side);

    // PHANTOM stands there, so that no guard takes it for a patient's.
    static bool IsWord(double x, double y) => x < 0.4 && y > 0.9;
}
