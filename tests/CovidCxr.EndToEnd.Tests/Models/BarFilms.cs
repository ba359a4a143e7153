using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Testing;
using Microsoft.Playwright;

namespace CovidCxr.EndToEnd.Tests.Models;

/// <summary>
/// Phantoms whose sickness is the direction of dark bars in their lungs, of equal number, size and grey in both classes. What the gate asks
/// for can be learned from them, and the lungs are still found. Where they are marked, a bright corner says it too, as a careless
/// collection's would.
/// </summary>
static class BarFilms
{
    // The gate wants 10 patients of each class in the test part, and looks at 30 films of it.
    public const int Patients = 160;

    const int Side = 128;

    public static FilePayload Archive(int seed, bool isMarked) => DrawnFilms.Archive([
        .. Enumerable.Range(0, Patients).Select(p => (Name(p), PngEncoder.Encode(Film(seed + p, IsSick(p), IsSick(p) && isMarked))))]);

    static bool IsSick(int patient) => patient % 2 == 0;

    static string Name(int patient) => $"set/{(IsSick(patient) ? "COVID-19" : "Normal")}/{patient:D8}_000.png";

    static GreyImage Film(int seed, bool isSick, bool isMarked)
    {
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
            var (x, y) = ((double)(i % Side) / Side, (double)(i / Side) / Side);
            var isBar = bars.Any(b => (isSick ? (x - b.X, y - b.Y) : (y - b.Y, x - b.X)) is var (along, across)
                && Math.Abs(along) < 0.09 && Math.Abs(across) < 0.025);
            var clouded = Math.Clamp(phantom.Samples[i] + (0.4 * (cloud.Samples[i] - 76)), 0, 255);
            samples[i] = IsWord(x, y) ? phantom.Samples[i]
                : isMarked && x > 0.88 && y < 0.12 ? (ushort)255
                : isBar ? (ushort)10
                : (ushort)clouded;
        }

        return phantom with { Samples = samples };
    }

    // PHANTOM stands there, so that no guard takes it for a patient's.
    static bool IsWord(double x, double y) => x < 0.4 && y > 0.9;
}
