using System.Runtime.InteropServices;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Readings;

/// <summary>
/// A department of a hundred studies, as a seed has it: readings of all kinds, some of them by a lead who reads, two versions, requests,
/// references and enough of everything for alerts. And a copy of it in which the model said something else of chosen studies.
/// </summary>
sealed class AnsweredDepartment(int seed, ReadingPolicy policy)
{
    const int Studies = 110, Withdrawn = 8, Patients = 30;

    /// <summary>Of therapy, one for each patient, whether there are films or not; every fifth is struck out.</summary>
    public static readonly IReadOnlyList<Guid> Notes = [.. Enumerable.Range(0, Patients).Select(i => TestClinic.Numbered(0x3000 + i))];

    /// <summary>The first version is in the shadow of the second.</summary>
    public static readonly Guid ShadowPeriod = TestClinic.Numbered(0xE3);

    static readonly string[] Classes = ["Other", "COVID-19"];

    static readonly string Header = (TestHeader.Of() with { Classes = Classes, PositiveClass = 1 }).ToJson();

    static readonly Guid[] Versions = [TestClinic.Numbered(0xE1), TestClinic.Numbered(0xE2)];

#pragma warning disable CA5394 // Chooses data, not secrets.
    readonly Random _random = new(seed);

    // Of its own, so that a shadow changes nothing else of a department.
    readonly Random _shadow = new(seed + 1000);

    // Likewise: what people have marked and assigned.
    readonly Random _work = new(seed + 2000);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>The id of a study's further image; not every study has one.</summary>
    public static Guid FurtherImageOf(Guid study) => Guid.Parse($"{study.ToString()[..^5]}f{study.ToString()[^4..]}");

    bool Chance(double share) => _random.NextDouble() < share;

    public async Task FillAsync(TestClinic clinic)
    {
        var key = await clinic.Get<BlobStore>().SaveAsync(TestClinic.Film(1), Cancellation);
        await using var db = clinic.Context();
        foreach (var (i, id) in Versions.Index())
        {
            db.ModelVersions.Add(new ModelVersion
            {
                Id = id,
                Number = i + 1,
                Name = "m",
                Architecture = "resnet18",
                Sha256 = $"{i}",
                FileKey = "m",
                HeaderJson = Header,
                IsActive = i == 1,
            });
        }

        db.ShadowPeriods.Add(new()
        {
            Id = ShadowPeriod,
            ModelVersionId = Versions[0],
            IsOpen = true,
            From = clinic.Time.GetUtcNow().AddDays(-30),
            Reason = "To see.",
            StartedByName = "admin",
        });

        var now = clinic.Time.GetUtcNow();
        // Half of the months' studies arrived since the first of March, for the scores of a month to be compared.
        for (var i = 0; i < Studies + Withdrawn; i++)
        {
            AddStudy(db, i, key, i % 2 == 0 ? now.AddMinutes(-i) : now.AddDays(-3 - (i % 25)));
        }

        foreach (var (i, id) in Notes.Index())
        {
            var writer = i % 3 == 0 ? TestClinic.Reader : TestClinic.Lead;
            var note = new TherapyNote
            {
                Id = id,
                PatientNumber = $"p-{i}",
                From = new(2026, 2, 1 + (i % 20)),
                Until = i % 2 == 0 ? null : new(2026, 2, 25),
                Text = $"Remdesivir, day {i}",
                CreatedBy = writer.UserId,
                CreatedByName = writer.UserName,
                CreatedAt = now,
            };
            db.TherapyNotes.Add(note);
            if (i % 5 == 0)
            {
                note.Strike("Another patient's", TestClinic.Lead, now);
            }
        }

        db.PolicyChanges.Add(
            new ReadingPolicyChange { Policy = policy, Seed = seed, ChangedByName = "lead", ChangedAt = now.AddDays(-40) });
        await db.SaveChangesAsync(Cancellation);
    }

    void AddStudy(CovidCxrDbContext db, int number, string key, DateTimeOffset received)
    {
        var study = new Study
        {
            Id = TestClinic.Numbered(0x1000 + number),
            PatientNumber = Chance(0.1) ? null : $"P-{_random.Next(Patients)}",
            Sex = (Sex)_random.Next(4),
            AgeYears = Chance(0.1) ? null : _random.Next(16, 95),
            AcquiredOn = DateOnly.FromDateTime(received.UtcDateTime),
            View = (ViewPosition)_random.Next(3),
            ReceivedAt = received,
            PixelHash = $"{number}",
            Width = 64,
            Height = 64,
            BitsStored = 8,
            MeanIntensity = _random.NextDouble(),
            IntensityDeviation = 0.2,
            ImageKey = key,
            IsWithdrawn = number >= Studies,
            Urgency = _work.Next(5) == 0 ? (UrgencyReason)_work.Next(5) : null,
            AssignedTo = _work.Next(3) switch
            {
                0 => TestClinic.Reader.UserId,
                1 => TestClinic.ReadingLead.UserId,
                _ => null,
            },
        };
        db.Studies.Add(study);
        if (number % 7 == 3)
        {
            // Some come between two readings, or after the last.
            db.StudyImages.Add(new()
            {
                Id = FurtherImageOf(study.Id),
                StudyId = study.Id,
                View = ViewPosition.Lateral,
                PixelHash = $"lateral {number}",
                Width = 64,
                Height = 64,
                BitsStored = 8,
                ImageKey = key,
                ReceivedAt = received.AddMinutes(number % 14 == 3 ? 1 : 120),
                IsLate = number % 14 != 3,
            });
        }

        if (Chance(0.05))
        {
            (study.Status, study.StatusReason) = (StudyStatus.Withheld, "The film is inverted.");
        }
        else
        {
            for (var version = Chance(0.2) ? 0 : 1; version < Versions.Length; version++)
            {
                var prediction = new Prediction
                {
                    Id = TestClinic.Numbered((0x10000 * (version + 1)) + number),
                    StudyId = study.Id,
                    ModelVersionId = Versions[version],
                    CreatedAt = received.AddMinutes(version),
                    Classes = Classes,
                    Probabilities = [0.5, 0.5],
                    PositiveIndex = 1,
                    Threshold = 0.5,
                    Device = "cpu",
                    MapWidth = 2,
                    MapHeight = 1,
                    HeatMaps = new byte[4 * sizeof(float)],
                };
                db.Predictions.Add(prediction);
                (study.Status, study.PredictionId) = (StudyStatus.Ready, prediction.Id);
                Answer(db, study, prediction);
            }

            db.ShadowPredictions.Add(
                new() { PeriodId = ShadowPeriod, StudyId = study.Id, Score = _shadow.NextDouble(), Threshold = 0.5 });
        }

        AddReadings(db, study);
        if (Chance(0.4))
        {
            db.ReferenceFindings.Add(new ReferenceFinding
            {
                StudyId = study.Id,
                Source = (ReferenceSource)_random.Next(3),
                Result = (ReferenceResult)_random.Next(3),
                FoundOn = new(2026, 2, 1),
                EnteredByName = "lead",
            });
        }
    }

    void AddReadings(CovidCxrDbContext db, Study study)
    {
        var read = study.ReceivedAt.AddHours(1);
        foreach (var (reader, share) in new[]
        {
            (TestClinic.Reader, 0.6), (TestClinic.OtherReader, 0.6), (TestClinic.ReadingLead, 0.3),
        })
        {
            if (!Chance(share))
            {
                if (Chance(0.1))
                {
                    AddRequest(db, study, reader);
                }

                continue;
            }

            var isBlind = Chance(0.8);
            if (isBlind)
            {
                db.Readings.Add(Reading(study, reader, ReadingStage.Blind, read));
            }

            if (!isBlind || Chance(0.8))
            {
                db.Readings.Add(Reading(study, reader, isBlind ? ReadingStage.Final : ReadingStage.Concurrent, read.AddMinutes(1)));
                study.ReadCount++;
            }
        }

        if (study.ReadCount > 0 && Chance(0.1))
        {
            db.ReadRequests.Add(new ReadRequest { StudyId = study.Id, Kind = ReadRequestKind.SecondRead, AskedAt = read });
        }
    }

    static void AddRequest(CovidCxrDbContext db, Study study, Actor reader) => db.ReadRequests.Add(new ReadRequest
    {
        StudyId = study.Id,
        Kind = ReadRequestKind.Adjudication,
        ReaderId = reader.UserId,
        AskedBy = TestClinic.Lead.UserId,
        AskedAt = study.ReceivedAt
    });

    Reading Reading(Study study, Actor reader, ReadingStage stage, DateTimeOffset at) => new()
    {
        StudyId = study.Id,
        ReaderId = reader.UserId,
        Stage = stage,
        Opinion = (Opinion)_random.Next(5),
        Confidence = _random.Next(1, 6),
        AgreesWithPrediction = stage == ReadingStage.Blind || study.PredictionId is null ? null : Chance(0.7),
        PredictionId = stage == ReadingStage.Blind ? null : study.PredictionId,
        CreatedAt = at,
        SubmissionId = Guid.NewGuid(),
    };

    void Answer(CovidCxrDbContext db, Study study, Prediction prediction)
    {
        // Scores of one colour a month: so the months differ, and a change of them makes or ends an alert.
        var score = study.ReceivedAt.Month == 3 ? 0.4 + (0.6 * _random.NextDouble()) : _random.NextDouble();
        var row = db.Entry(prediction);
        row.Property(p => p.Probabilities).CurrentValue = [1 - score, score];
        row.Property(p => p.PredictedIndex).CurrentValue = score >= 0.5 ? 1 : 0;
        row.Property(p => p.HeatMaps).CurrentValue =
            MemoryMarshal.AsBytes<float>([(float)score, 0.5f, 1f, (float)_random.NextDouble()]).ToArray();
        row.Property(p => p.InLungs).CurrentValue = _random.NextDouble();
        row.Property(p => p.SeverityZones).CurrentValue = [.. Enumerable.Range(0, 6).Select(_ => 3 * _random.NextDouble())];
        row.Property(p => p.SeverityLower).CurrentValue = _random.NextDouble();
        row.Property(p => p.SeverityUpper).CurrentValue = 18 * _random.NextDouble();
        row.Property(p => p.LungScores).CurrentValue = [new("Opacity", 6 * _random.NextDouble(), 0, 6, 6)];
        if (study.PredictionId == prediction.Id)
        {
            (study.Probability, study.PredictedClass) = (score, Classes[score >= 0.5 ? 1 : 0]);
        }
    }
#pragma warning restore CA5394

    /// <summary>
    /// The studies that the rules of reading hide from this person now: asked study by study, as the page of each asks.
    /// </summary>
    public static async Task<HashSet<Guid>> HiddenFromAsync(TestClinic clinic, Actor actor)
    {
        await using var db = clinic.Context();
        var now = DateOnly.FromDateTime(clinic.Time.GetUtcNow().UtcDateTime);
        var isBlinded = (await db.PolicyChanges.OrderByDescending(c => c.Id).FirstAsync(Cancellation)).On(now)
            == ReadingPolicy.BlindedFirst;
        var own = await db.Readings.Where(r => r.ReaderId == actor.UserId).Select(r => r.StudyId).ToHashSetAsync(Cancellation);
        var asked = await db.ReadRequests.Where(r => r.ReaderId == actor.UserId || r.ReaderId == null).Select(r => r.StudyId)
            .ToHashSetAsync(Cancellation);
        return await db.AllStudies.Where(s => !own.Contains(s.Id) && (isBlinded || asked.Contains(s.Id) || s.IsWithdrawn))
            .Select(s => s.Id).ToHashSetAsync(Cancellation);
    }

    /// <summary>The same rows in another clinic that nobody has used, but for what the model says of these studies.</summary>
    public async Task CopyAsync(TestClinic from, TestClinic to, HashSet<Guid> otherAnswers)
    {
        await from.Folder.CopyDatabaseAsync(to.Folder, Cancellation);
        foreach (var blob in from.Folder.Blobs)
        {
            var copy = Path.Combine(to.Folder.Data.Root, Path.GetRelativePath(from.Folder.Data.Root, blob));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(blob, copy);
        }

        await using var changed = to.Context();
        var predictions = (await changed.Predictions.ToListAsync(Cancellation)).ToLookup(p => p.StudyId);
        var studies = await changed.AllStudies.OrderBy(s => s.Id).ToListAsync(Cancellation);
        foreach (var study in studies.Where(s => otherAnswers.Contains(s.Id)))
        {
            foreach (var prediction in predictions[study.Id])
            {
                Answer(changed, study, prediction);
            }
        }

        foreach (var said in await changed.ShadowPredictions.Where(x => otherAnswers.Contains(x.StudyId)).ToListAsync(Cancellation))
        {
            changed.Entry(said).Property(x => x.Score).CurrentValue = 1 - said.Score;
        }

        await changed.SaveChangesAsync(Cancellation);
    }
}
