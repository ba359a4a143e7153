using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.EndToEnd.Tests;

/// <summary>One finished reading, as the test knows it.</summary>
/// <param name="Truth">Null where the references are missing or contradict each other.</param>
sealed record Put(
    Guid Study, string Patient, int Reader, bool Blind, bool Model, double Score, bool Final, bool? Truth, int Age, int Confidence);

/// <summary>One reading of the month by lot.</summary>
/// <param name="Before">Null where the day's lot was concurrent.</param>
sealed record Drawn(string Patient, Sex Sex, bool? Before, bool Final, bool Model, bool? Truth);

/// <summary>
/// Six readers and two thousand studies of eight hundred patients, three readers each, with known truth; no films. A seventh has never
/// read, and a second version nobody has seen.
/// </summary>
sealed class SeededDepartment
{
    public const int Studies = 2000, Readers = 6, PerStudy = 3;

    public const double Threshold = 0.4;

    public const string Note = "a-note-for-colleagues-alone";

    readonly Random _random = new(52);
    readonly List<object> _rows = [];
    readonly List<(Study Study, Guid Prediction, bool Model, bool? Truth, bool IsSick)> _films = [];

    public List<Put> Readings { get; } = [];

    /// <summary>Of July, when the policy was by lot: old films again, by readers who had not read them.</summary>
    public List<Drawn> Trial { get; } = [];

    public List<(Guid Id, string Name)> People { get; } = [];

    public int Contradictory { get; private set; }

    public int Missing { get; private set; }

    public static async Task<SeededDepartment> FillAsync(CovidCxrDbContext db)
    {
        var department = new SeededDepartment();
        await department.AddPeopleAsync(db);
        var versions = new[]
        {
            101, 102
        }.Select(n => new ModelVersion
        {
            Number = n,
            Name = $"Seeded {n}",
            Architecture = "resnet18",
            Sha256 = $"seed-{n}",
            FileKey = "none",
            HeaderJson = "{}"
        })
            .ToList();
        department._rows.AddRange(versions);
        for (var i = 0; i < Studies; i++)
        {
            department.AddStudy(i, versions[0].Id);
        }

        department.AddTrial();
        db.ChangeTracker.AutoDetectChangesEnabled = false;
        db.AddRange(department._rows);
        await db.SaveChangesAsync();
        return department;
    }

    async Task AddPeopleAsync(CovidCxrDbContext db)
    {
        var first = await db.Users.SingleAsync(u => u.UserName == "radiologist@demo.local");
        var role = await db.Roles.SingleAsync(r => r.Name == Role.Radiologist);
        People.Add((first.Id, first.UserName!));
        for (var n = 2; n <= Readers + 1; n++)
        {
            // The demo account's password: a hash holds its own salt.
            var name = $"reader{n}@demo.local";
            var account = new Account
            {
                Id = Guid.CreateVersion7(),
                UserName = name,
                NormalizedUserName = name.ToUpperInvariant(),
                PasswordHash = first.PasswordHash,
                SecurityStamp = name,
                LockoutEnabled = true
            };
            _rows.Add(account);
            _rows.Add(new IdentityUserRole<Guid> { UserId = account.Id, RoleId = role.Id });
            People.Add((account.Id, name));
        }
    }

    void AddStudy(int number, Guid version)
    {
        var isSick = _random.NextDouble() < 0.35;
        var (patient, age) = ($"D-{_random.Next(800):000}", _random.Next(20, 95));
        var at = new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero).AddDays(number % 50).AddMinutes(number);
        var score = Math.Round(Math.Clamp((isSick ? 0.62 : 0.28) + (0.6 * (_random.NextDouble() - 0.5)), 0, 1), 3);
        var prediction = Guid.CreateVersion7();
        string[] classes = ["Other", "COVID-19"];
        var study = new Study
        {
            PatientNumber = patient,
            AgeYears = age,
            Sex = number % 2 == 0 ? Sex.Female : Sex.Male,
            View = number % 3 == 0 ? ViewPosition.AP : ViewPosition.PA,
            AcquiredOn = DateOnly.FromDateTime(at.UtcDateTime),
            ReceivedAt = at,
            PixelHash = $"seeded-{number}",
            ImageKey = Guid.NewGuid().ToString("N"),
            Width = 512,
            Height = 512,
            BitsStored = 8,
            Status = StudyStatus.Ready,
            ReadCount = PerStudy,
            PredictionId = prediction,
            PredictedClass = classes[score >= Threshold ? 1 : 0],
            Probability = score,
        };
        _rows.Add(study);
        _rows.Add(new Prediction
        {
            Id = prediction,
            StudyId = study.Id,
            ModelVersionId = version,
            CreatedAt = at,
            Classes = classes,
            Probabilities = [1 - score, score],
            PositiveIndex = 1,
            PredictedIndex = score >= Threshold ? 1 : 0,
            Threshold = Threshold,
            Device = "cpu",
            HeatMaps = [],
        });
        var truth = AddReferences(study.Id, isSick);
        _films.Add((study, prediction, score >= Threshold, truth, isSick));
        for (var i = 0; i < PerStudy; i++)
        {
            AddReading(study.Id, patient, (number + i) % Readers, at.AddHours(i + 1), score, truth, isSick, age, prediction);
        }
    }

    void AddTrial()
    {
        var lot = new ReadingPolicyChange
        {
            Id = 1,
            Policy = ReadingPolicy.RandomisedByDay,
            Seed = 5,
            ChangedByName = "lead@demo.local",
            ChangedAt = new(2026, 7, 1, 0, 0, 0, TimeSpan.Zero)
        };
        _rows.Add(lot);
        _rows.Add(new ReadingPolicyChange
        {
            Id = 2,
            Policy = ReadingPolicy.BlindedFirst,
            ChangedByName = "lead@demo.local",
            ChangedAt = new(2026, 8, 1, 0, 0, 0, TimeSpan.Zero)
        });
        foreach (var (number, film) in _films.Take(600).Index())
        {
            var day = new DateOnly(2026, 7, 1 + (number % 30));
            var own = _random.NextDouble() < 0.78 ? film.IsSick : !film.IsSick;
            bool? before = lot.On(day) == ReadingPolicy.Concurrent ? null : own;
            var final = own != film.Model && _random.NextDouble() < (before is null ? 0.7 : 0.4) ? film.Model : own;
            foreach (var (stage, said) in before is null ? new[] { (ReadingStage.Concurrent, final) } : [
                (ReadingStage.Blind, own), (ReadingStage.Final, final)])
            {
                _rows.Add(new Reading
                {
                    StudyId = film.Study.Id,
                    ReaderId = People[(number + PerStudy) % Readers].Id,
                    Stage = stage,
                    Opinion = said ? Opinion.Covid19 : Opinion.Normal,
                    Confidence = 3,
                    AgreesWithPrediction = stage == ReadingStage.Blind ? null : said == film.Model,
                    PredictionId = stage == ReadingStage.Blind ? null : film.Prediction,
                    CreatedAt = new(day, new(9, stage == ReadingStage.Blind ? 0 : 1), TimeSpan.Zero),
                    SubmissionId = Guid.NewGuid(),
                });
            }

            Trial.Add(new(film.Study.PatientNumber!, film.Study.Sex, before, final, film.Model, film.Truth));
        }
    }

    bool? AddReferences(Guid study, bool isSick)
    {
        var kind = _random.NextDouble();
        if (kind < 0.25)
        {
            Missing++;
            return null;
        }

        Add(ReferenceSource.RtPcr, isSick);
        if (kind > 0.95)
        {
            Add(ReferenceSource.FollowUp, !isSick);
            Contradictory++;
            return null;
        }

        return isSick;

        void Add(ReferenceSource source, bool isPositive) => _rows.Add(new ReferenceFinding
        {
            StudyId = study,
            Source = source,
            Result = isPositive ? ReferenceResult.Positive : ReferenceResult.Negative,
            FoundOn = new(2026, 3, 1),
            EnteredByName = "lead@demo.local",
        });
    }

    void AddReading(
        Guid study, string patient, int reader, DateTimeOffset at, double score, bool? truth, bool isSick, int age, Guid prediction)
    {
        var blind = _random.NextDouble() < 0.76 + (0.02 * reader) ? isSick : !isSick;
        var model = score >= Threshold;
        var final = blind != model && _random.NextDouble() < 0.4 ? model : blind;
        var confidence = _random.Next(1, 6);
        _rows.Add(Of(ReadingStage.Blind, blind, null));
        _rows.Add(Of(ReadingStage.Final, final, prediction));
        Readings.Add(new(study, patient, reader, blind, model, score, final, truth, age, confidence));

        Reading Of(ReadingStage stage, bool isPositive, Guid? shown) => new()
        {
            StudyId = study,
            ReaderId = People[reader].Id,
            Stage = stage,
            Opinion = isPositive ? Opinion.Covid19 : Opinion.Normal,
            Confidence = confidence,
            AgreesWithPrediction = shown is null ? null : isPositive == model,
            Note = Note,
            PredictionId = shown,
            CreatedAt = at.AddMinutes(stage == ReadingStage.Blind ? 0 : 1),
            SubmissionId = Guid.NewGuid(),
        };
    }
}
