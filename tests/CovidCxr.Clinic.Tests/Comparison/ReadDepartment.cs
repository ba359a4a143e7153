using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata;

namespace CovidCxr.Clinic.Tests.Comparison;

/// <summary>What was put into the department, as the test knows it: one finished reading.</summary>
/// <param name="Truth">Null where no reference settles it.</param>
sealed record PutIn(
    Guid Study, string Patient, Actor Reader, Opinion? Blind, double? Score, int Version, Opinion Final, bool? Truth, ReferenceState State,
    ViewPosition View, Sex Sex, DateOnly Day, int? Age, int BlindConfidence, int FinalConfidence)
{
    public bool? BlindCall => Of(Blind);

    public bool? FinalCall => Of(Final);

    public bool? ModelCall => Score is null ? null : Score >= ReadDepartment.Threshold;

    static bool? Of(Opinion? opinion) => opinion is null or Opinion.Indeterminate ? null : opinion == Opinion.Covid19;
}

/// <summary>
/// Two hundred studies of about 120 patients, one or two readers each, two model versions; among them corrections, concurrent readings,
/// withheld answers, indeterminate opinions and references, contradictions, superseded references. Seeded, so the same each time.
/// </summary>
sealed class ReadDepartment
{
    public const int Studies = 200;

    public const double Threshold = 0.4;

    static readonly Lazy<Task<(ReadDepartment Department, string File)>> Filled = new(MakeAsync);

    static readonly Type[] Tables =
        [typeof(Domain.Models.ModelVersion), typeof(Study), typeof(Prediction), typeof(Reading), typeof(ReferenceFinding)];

    readonly Random _random = new(20);
    readonly List<object> _rows = [];
    readonly List<PutIn> _readings = [];

    public IReadOnlyList<PutIn> Readings => _readings;

    public static Guid Version(int number) => TestClinic.Numbered(0xC0 + number);

    /// <summary>The rows are made once per process and copied: to write them takes longer than most tests of them.</summary>
    public static async Task<ReadDepartment> FillAsync(TestClinic clinic, CancellationToken cancellation)
    {
        var (department, file) = await Filled.Value;
        await using var db = clinic.Context();
        if (db.IsPostgreSql)
        {
            // No statement there is over two databases.
            db.AddRange(department._rows);
            await db.SaveChangesAsync(cancellation);
            return department;
        }

        await db.Database.OpenConnectionAsync(cancellation);
        await db.Database.ExecuteSqlAsync($"ATTACH {file} AS filled", cancellation);
        await db.Database.ExecuteSqlRawAsync(
            string.Concat(Tables.Select(t => Copy(db.Model.FindEntityType(t)!))), cancellation);
        await db.Database.ExecuteSqlRawAsync("DETACH filled", cancellation);
        return department;
    }

    // What the database computes itself cannot be written.
    static string Copy(IEntityType table)
    {
        var columns = string.Join(
            ", ", table.GetProperties().Where(p => p.GetComputedColumnSql() is null).Select(p => $"\"{p.GetColumnName()}\""));
        return $"INSERT INTO main.\"{table.GetTableName()}\" ({columns}) SELECT {columns} FROM filled.\"{table.GetTableName()}\";";
    }

    static async Task<(ReadDepartment Department, string File)> MakeAsync()
    {
        var department = new ReadDepartment();
        var folder = new TestFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        await using var db = folder.CreateDbContext();
        department._rows.AddRange(new[] { 1, 2 }.Select(n => new Domain.Models.ModelVersion
        {
            Id = Version(n),
            Number = n,
            Name = $"m{n}",
            Architecture = "resnet18",
            Sha256 = $"{n}",
            FileKey = "m",
            HeaderJson = "{}",
        }));
        for (var i = 0; i < Studies; i++)
        {
            department.AddStudy(i);
        }

        db.AddRange(department._rows);
        await db.SaveChangesAsync(CancellationToken.None);
        return (department, folder.Data.Database);
    }

    bool Chance(double probability) => _random.NextDouble() < probability;

    void AddStudy(int number)
    {
        var isSick = Chance(0.4);
        var patient = number % 9 == 8 ? null : $"P-{_random.Next(120)}";
        var study = new Study
        {
            PatientNumber = patient,
            AcquiredOn = new(2026, 2, 1),
            View = Chance(0.6) ? ViewPosition.PA : ViewPosition.AP,
            Sex = Chance(0.5) ? Sex.Female : Sex.Male,
            AgeYears = number % 11 == 10 ? null : 30 + (number * 13 % 45),
            PixelHash = $"{number}",
            ImageKey = $"{number}",
            ReceivedAt = new(2026, 2, 1, 8, 0, 0, TimeSpan.Zero),
        };
        _rows.Add(study);
        var prediction = Chance(0.05)
            ? null
            : Predict(
                study.Id, Math.Round(Math.Clamp((isSick ? 0.65 : 0.3) + (0.5 * (_random.NextDouble() - 0.5)), 0, 1), 3),
                version: number < 150 ? 1 : 2);
        var state = AddReferences(study.Id, isSick);
        foreach (var reader in Chance(0.4) ? [TestClinic.Reader, TestClinic.OtherReader] : new[]
        {
            Chance(0.5) ? TestClinic.Reader : TestClinic.OtherReader
        })
        {
            var day = new DateOnly(2026, 2, 1 + (number % 20));
            var (blind, final, sureness) = Read(study.Id, reader, isSick, prediction, day);
            bool? truth = state switch { ReferenceState.Positive => true, ReferenceState.Negative => false, _ => null };
            _readings.Add(new(
                study.Id, patient ?? study.Id.ToString(), reader, blind, prediction?.Probabilities[1],
                prediction is null ? 0 : number < 150 ? 1 : 2, final, truth, state, study.View, study.Sex, day, study.AgeYears,
                sureness.Blind, sureness.Final));
        }
    }

    Prediction Predict(Guid study, double score, int version)
    {
        var prediction = new Prediction
        {
            StudyId = study,
            ModelVersionId = Version(version),
            Classes = ["Other", "COVID-19"],
            Probabilities = [1 - score, score],
            PositiveIndex = 1,
            PredictedIndex = score >= Threshold ? 1 : 0,
            Threshold = Threshold,
            Device = "cpu",
            HeatMaps = [],
        };
        _rows.Add(prediction);
        return prediction;
    }

    (Opinion? Blind, Opinion Final, (int Blind, int Final) Sureness) Read(
        Guid study, Actor reader, bool isSick, Prediction? prediction, DateOnly day)
    {
        Opinion? blind = Chance(0.1) ? null : Opine(isSick, 0.78);
        var final = Opine(isSick, 0.9);
        var at = new DateTimeOffset(day, new(9, 0), TimeSpan.Zero);
        var (before5, after5) = (_random.Next(1, 6), _random.Next(1, 6));
        if (blind is { } before)
        {
            _rows.Add(Reading(before, ReadingStage.Blind, null));
        }

        var stage = blind is null ? ReadingStage.Concurrent : ReadingStage.Final;
        if (Chance(0.1))
        {
            // A slip of the mouse, corrected: the first opinion must not count.
            var slip = Reading(final == Opinion.Covid19 ? Opinion.Normal : Opinion.Covid19, stage, null);
            _rows.Add(slip);
            _rows.Add(Reading(final, stage, slip.Id));
        }
        else
        {
            _rows.Add(Reading(final, stage, null));
        }

        return (blind, final, (before5, after5));

        Reading Reading(Opinion opinion, ReadingStage s, Guid? supersedes) => new()
        {
            StudyId = study,
            ReaderId = reader.UserId,
            Stage = s,
            Opinion = opinion,
            Confidence = s == ReadingStage.Blind ? before5 : after5,
            PredictionId = s == ReadingStage.Blind ? null : prediction?.Id,
            SupersedesId = supersedes,
            CreatedAt = at,
            SubmissionId = Guid.NewGuid(),
        };
    }

    Opinion Opine(bool isSick, double skill) => Chance(0.04) ? Opinion.Indeterminate
        : Chance(skill) == isSick ? Opinion.Covid19
        : Chance(0.5) ? Opinion.Normal : Opinion.OtherPneumonia;

    ReferenceState AddReferences(Guid study, bool isSick)
    {
        var truth = isSick ? ReferenceResult.Positive : ReferenceResult.Negative;
        var kind = _random.NextDouble();
        if (kind < 0.2)
        {
            return ReferenceState.Missing;
        }

        if (kind < 0.25)
        {
            Add(ReferenceSource.RtPcr, ReferenceResult.Indeterminate, null);
            return ReferenceState.Indeterminate;
        }

        if (kind < 0.3)
        {
            Add(ReferenceSource.RtPcr, ReferenceResult.Positive, null);
            Add(ReferenceSource.Consensus, ReferenceResult.Negative, null);
            return ReferenceState.Contradictory;
        }

        if (kind < 0.4)
        {
            // The first test was wrong, the second supersedes it.
            var first = Add(ReferenceSource.RtPcr, isSick ? ReferenceResult.Negative : ReferenceResult.Positive, null);
            Add(ReferenceSource.RtPcr, truth, first);
        }
        else
        {
            Add(kind < 0.8 ? ReferenceSource.RtPcr : ReferenceSource.FollowUp, truth, null);
        }

        return isSick ? ReferenceState.Positive : ReferenceState.Negative;

        Guid Add(ReferenceSource source, ReferenceResult result, Guid? supersedes)
        {
            var finding = new ReferenceFinding
            {
                StudyId = study,
                Source = source,
                Result = result,
                FoundOn = new(2026, 2, 1),
                EnteredByName = "lead",
                SupersedesId = supersedes
            };
            _rows.Add(finding);
            return finding.Id;
        }
    }
}
