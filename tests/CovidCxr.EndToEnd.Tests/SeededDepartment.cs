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
sealed record Put(Guid Study, string Patient, int Reader, bool Blind, bool Model, double Score, bool Final, bool? Truth, int Age, int Confidence);

/// <summary>Six readers and two thousand studies of eight hundred patients, three readers each, with known truth; no films. A seventh has never read, and a second version nobody has seen.</summary>
sealed class SeededDepartment
{
    public const int Studies = 2000, Readers = 6, PerStudy = 3;

    public const double Threshold = 0.4;

    public const string Note = "a-note-for-colleagues-alone";

    readonly Random random = new(52);
    readonly List<object> rows = [];

    public List<Put> Readings { get; } = [];

    public List<(Guid Id, string Name)> People { get; } = [];

    public int Contradictory { get; private set; }

    public int Missing { get; private set; }

    public static async Task<SeededDepartment> FillAsync(CovidCxrDbContext db)
    {
        var department = new SeededDepartment();
        await department.AddPeopleAsync(db);
        var versions = new[] { 101, 102 }.Select(n => new ModelVersion { Number = n, Name = $"Seeded {n}", Architecture = "resnet18", Sha256 = $"seed-{n}", FileKey = "none", HeaderJson = "{}" }).ToList();
        department.rows.AddRange(versions);
        for (var i = 0; i < Studies; i++)
        {
            department.AddStudy(i, versions[0].Id);
        }

        db.ChangeTracker.AutoDetectChangesEnabled = false;
        db.AddRange(department.rows);
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
            var account = new Account { Id = Guid.CreateVersion7(), UserName = name, NormalizedUserName = name.ToUpperInvariant(), PasswordHash = first.PasswordHash, SecurityStamp = name, LockoutEnabled = true };
            rows.Add(account);
            rows.Add(new IdentityUserRole<Guid> { UserId = account.Id, RoleId = role.Id });
            People.Add((account.Id, name));
        }
    }

    void AddStudy(int number, Guid version)
    {
        var isSick = random.NextDouble() < 0.35;
        var (patient, age) = ($"D-{random.Next(800):000}", random.Next(20, 95));
        var at = new DateTimeOffset(2026, 1, 5, 8, 0, 0, TimeSpan.Zero).AddDays(number % 50).AddMinutes(number);
        var score = Math.Round(Math.Clamp((isSick ? 0.62 : 0.28) + (0.6 * (random.NextDouble() - 0.5)), 0, 1), 3);
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
        rows.Add(study);
        rows.Add(new Prediction
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
        for (var i = 0; i < PerStudy; i++)
        {
            AddReading(study.Id, patient, (number + i) % Readers, at.AddHours(i + 1), score, truth, isSick, age, prediction);
        }
    }

    bool? AddReferences(Guid study, bool isSick)
    {
        var kind = random.NextDouble();
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

        void Add(ReferenceSource source, bool isPositive) => rows.Add(new ReferenceFinding
        {
            StudyId = study,
            Source = source,
            Result = isPositive ? ReferenceResult.Positive : ReferenceResult.Negative,
            FoundOn = new(2026, 3, 1),
            EnteredByName = "lead@demo.local",
        });
    }

    void AddReading(Guid study, string patient, int reader, DateTimeOffset at, double score, bool? truth, bool isSick, int age, Guid prediction)
    {
        var blind = random.NextDouble() < 0.76 + (0.02 * reader) ? isSick : !isSick;
        var model = score >= Threshold;
        var final = blind != model && random.NextDouble() < 0.4 ? model : blind;
        var confidence = random.Next(1, 6);
        rows.Add(Of(ReadingStage.Blind, blind, null));
        rows.Add(Of(ReadingStage.Final, final, prediction));
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
