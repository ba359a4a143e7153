using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Drift;

/// <summary>Studies that arrive on chosen days, with the scores and images that a test wants.</summary>
sealed class Arrivals(TestClinic clinic)
{
    public static readonly Guid Old = TestClinic.Numbered(0xD1), New = TestClinic.Numbered(0xD2);

    int _made;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Two versions; the newer keeps what it was trained on: scores evenly spread, bright films of 1,000 pixels.</summary>
    public async Task RegisterAsync()
    {
        await using var db = clinic.Context();
        var kept = ModelFile.Read(TestModels.First).Header with
        {
            Distributions = new(
                Of(0, 1, 100, Enumerable.Range(0, 200).Select(i => i / 200.0)), Of(0, 8192, 128, Enumerable.Repeat(1000.0, 80)),
                Of(0, 8192, 128, Enumerable.Repeat(1000.0, 80)), Of(0, 1, 100, Enumerable.Repeat(0.8, 80)),
                Of(0, 0.5, 50, Enumerable.Repeat(0.2, 80))),
        };
        db.ModelVersions.Add(
            new() { Id = Old, Number = 1, Name = "old", Architecture = "resnet18", Sha256 = "1", FileKey = "m", HeaderJson = "{}" });
        db.ModelVersions.Add(new()
        {
            Id = New,
            Number = 2,
            Name = "new",
            Architecture = "resnet18",
            Sha256 = "2",
            FileKey = "m",
            HeaderJson = kept.ToJson()
        });
        await db.SaveChangesAsync(Cancellation);

        static Statistics.Drift.Histogram Of(double low, double high, int bins, IEnumerable<double> values) =>
            Statistics.Drift.Histogram.Of([.. values], low, high, bins);
    }

    /// <param name="score">By the study's number among these.</param>
    /// <param name="mean">Null for studies of before it was measured.</param>
    public async Task AddAsync(
        DateOnly day, int count, Func<int, double> score, Guid? version = null, double? mean = 0.5, ViewPosition view = ViewPosition.PA)
    {
        await using var db = clinic.Context();
        for (var i = 0; i < count; i++)
        {
            var at = new DateTimeOffset(day, new(9, 0), TimeSpan.Zero).AddSeconds(i);
            var study = new Study
            {
                PatientNumber = $"A-{_made}",
                PixelHash = $"arrival-{_made++}",
                ImageKey = "k",
                ReceivedAt = at,
                Width = 1000,
                Height = 1000,
                BitsStored = 8,
                MeanIntensity = mean,
                IntensityDeviation = mean is null ? null : 0.2,
                View = view,
            };
            var value = score(i);
            db.AddRange(study, new Prediction
            {
                StudyId = study.Id,
                ModelVersionId = version ?? Old,
                CreatedAt = at,
                Classes = ["Other", "COVID-19"],
                Probabilities = [1 - value, value],
                PositiveIndex = 1,
                PredictedIndex = value >= 0.5 ? 1 : 0,
                Threshold = 0.5,
                Device = "cpu",
                HeatMaps = [],
            });
        }

        await db.SaveChangesAsync(Cancellation);
    }

    /// <summary>Reads the studies of a day before and with the model, as many of them as it calls.</summary>
    public async Task ReadAsync(DateOnly arrived, DateOnly read, int agreeing)
    {
        await using var db = clinic.Context();
        var (from, to) =
            (new DateTimeOffset(arrived, default, TimeSpan.Zero), new DateTimeOffset(arrived.AddDays(1), default, TimeSpan.Zero));
        var predictions = await (from p in db.Predictions
                                 join s in db.Studies on p.StudyId equals s.Id
                                 where s.ReceivedAt >= @from && s.ReceivedAt < to
                                 orderby s.ReceivedAt
                                 select p).AsNoTracking().ToListAsync(Cancellation);
        foreach (var (i, prediction) in predictions.Index())
        {
            var called = (prediction.PredictedIndex == 1) == (i < agreeing) ? Opinion.Covid19 : Opinion.Normal;
            foreach (var stage in new[] { ReadingStage.Blind, ReadingStage.Final })
            {
                db.Readings.Add(new()
                {
                    StudyId = prediction.StudyId,
                    ReaderId = TestClinic.Reader.UserId,
                    Stage = stage,
                    Opinion = called,
                    Confidence = 3,
                    Note = "a note for colleagues",
                    AgreesWithPrediction = stage == ReadingStage.Blind ? null : i < agreeing,
                    PredictionId = stage == ReadingStage.Blind ? null : prediction.Id,
                    CreatedAt = new DateTimeOffset(read, new(12, 0), TimeSpan.Zero).AddSeconds(i),
                    SubmissionId = Guid.NewGuid(),
                });
            }
        }

        await db.SaveChangesAsync(Cancellation);
    }
}
