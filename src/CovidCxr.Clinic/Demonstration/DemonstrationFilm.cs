using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Augmentation;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Phantoms;

namespace CovidCxr.Clinic.Demonstration;

/// <summary>A film of a demonstration: nobody's, drawn.</summary>
/// <param name="Number">From 0, in order of time.</param>
/// <param name="Patient">From 0.</param>
sealed record DemonstrationFilm(int Number, int Patient, DateTimeOffset ReceivedAt, PhantomKind Kind)
{
    // The phantoms of a first start have the seeds and numbers below.
    const int FirstSeed = 1000, FirstNumber = 101, Side = 256;

    public StudyDetails Details => new(
        $"{SeedPhantomStudies.Prefix}{FirstNumber + Patient}", Patient % 2 == 0 ? Sex.Female : Sex.Male, 25 + (Patient * 17 % 60), Day,
        Number % 3 == 2 ? ViewPosition.AP : ViewPosition.PA);

    public DateOnly Day => DateOnly.FromDateTime(ReceivedAt.UtcDateTime);

    // Films that look alike are one film to the laboratory, and nothing could be divided for a training.
    public GreyImage Draw() => PhantomDrawer.Draw(Kind, FirstSeed + Number, Side, bits: 8, PhantomPose.Of(FirstSeed + Number));

    /// <summary>The films of some months that end now, the same for the same day.</summary>
    /// <param name="count">Some three for each patient.</param>
    public static IReadOnlyList<DemonstrationFilm> Of(int count, DateTimeOffset now)
    {
        const int Days = 150, MostOfAPatient = 6;
        var random = new SplitMix64(0xDE40);
        var films = new List<(int Patient, double Day, PhantomKind Kind)>();
        for (var patient = 0; films.Count < count; patient++)
        {
            var (first, kind) = (random.NextDouble() * (Days - 20), (PhantomKind)(patient % 3));
            for (var visit = 0; visit <= patient % MostOfAPatient && films.Count < count; visit++)
            {
                // Who is followed for long gets better at the end.
                films.Add((patient, first + (visit * (2 + random.NextDouble())), visit == MostOfAPatient - 1 ? PhantomKind.Clear : kind));
            }
        }

        var start = new DateTimeOffset(now.UtcDateTime.Date.AddDays(-Days), TimeSpan.Zero);
        return
        [
            .. films.OrderBy(f => f.Day).Index().Select(f => new DemonstrationFilm(
                f.Index, f.Item.Patient, start.AddDays(Math.Floor(f.Item.Day)).AddHours(7 + (8 * (f.Item.Day % 1))), f.Item.Kind)),
        ];
    }
}
