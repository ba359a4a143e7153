using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Studies;

/// <summary>What an answer has meant in a department, from its own references.</summary>
public sealed class ScoreMeaningTests : IAsyncLifetime
{
    static readonly Guid Version = TestClinic.Numbered(0xCC), OtherVersion = TestClinic.Numbered(0xCD);

    readonly TestClinic _clinic = new();
    int _films;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await using var db = _clinic.Context();
        db.ModelVersions.AddRange(new[] { Version, OtherVersion }.Select((id, i) => new Domain.Models.ModelVersion
        {
            Id = id,
            Number = i + 1,
            Name = "m",
            Architecture = "resnet18",
            Sha256 = $"{i}",
            FileKey = "m",
            HeaderJson = "{}",
        }));
        await db.SaveChangesAsync(Cancellation);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    /// <summary>So many films that a version scored, each with a reference.</summary>
    async Task AddAsync(int count, double probability, ReferenceResult result, Guid? version = null, string? patient = null)
    {
        await using var db = _clinic.Context();
        for (var i = 0; i < count; i++)
        {
            var number = ++_films;
            var study = new Study
            {
                PixelHash = $"{number}",
                ImageKey = "0",
                Width = 1,
                Height = 1,
                BitsStored = 8,
                PatientNumber = patient ?? $"P{number}",
            };
            db.Studies.Add(study);
            db.AddPrediction(study, version ?? Version, probability, number: number);
            db.ReferenceFindings.Add(new()
            {
                StudyId = study.Id,
                Source = ReferenceSource.RtPcr,
                Result = result,
                FoundOn = new(2026, 3, 1),
                EnteredByName = "lead",
            });
        }

        await db.SaveChangesAsync(Cancellation);
    }

    async Task<ScoreMeaning> MeaningAsync(double probability)
    {
        await AddAsync(1, probability, ReferenceResult.Positive);
        await using var db = _clinic.Context();
        var newest = await db.Studies.SingleAsync(s => s.PixelHash == $"{_films}", Cancellation);
        await _clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        return (await _clinic.Get<GetStudy>().RunAsync(newest.Id, isView: false, TestClinic.Reader, Cancellation))!.Prediction!.Meaning!;
    }

    [Fact]
    public async Task Meaning_OfPositiveCalls_IsTheShareThatWasIllAmongTheOthers()
    {
        await AddAsync(30, 0.9, ReferenceResult.Positive);
        await AddAsync(10, 0.9, ReferenceResult.Negative);
        await AddAsync(25, 0.1, ReferenceResult.Negative);
        await AddAsync(25, 0.9, ReferenceResult.Negative, OtherVersion);
        await AddAsync(25, 0.9, ReferenceResult.Indeterminate);

        var meaning = await MeaningAsync(0.8);

        Assert.Equal((true, 40, 40, 0.75), (meaning.IsPositive, meaning.Patients, meaning.Ill.Count, meaning.Ill.Value));
        Assert.True(meaning.IsKnown);
        Assert.InRange(meaning.Ill.Lower!.Value, 0.55, 0.7);
    }

    [Fact]
    public async Task Meaning_OfNegativeCalls_IsTheShareThatWasMissed()
    {
        await AddAsync(36, 0.1, ReferenceResult.Negative);

        var meaning = await MeaningAsync(0.2);

        // None of 36 was ill: Wilson's interval says how far that goes.
        Assert.Equal((false, 0.0, true), (meaning.IsPositive, meaning.Ill.Value, meaning.IsKnown));
        Assert.InRange(meaning.Ill.Upper!.Value, 0.05, 0.15);
    }

    [Fact]
    public async Task Meaning_OfManyFilmsOfFewPatients_IsNotKnownYet()
    {
        await AddAsync(29, 0.9, ReferenceResult.Positive);
        await AddAsync(40, 0.9, ReferenceResult.Negative, patient: "P1");

        Assert.Equal((29, false), ((await MeaningAsync(0.8)) is var meaning ? (meaning.Patients, meaning.IsKnown) : default));
    }

    [Fact]
    public async Task Meaning_ForWhoReadsBlindedFirst_CountsNoFilmThatIsStillToRead()
    {
        await AddAsync(41, 0.9, ReferenceResult.Positive);
        await using var db = _clinic.Context();
        var studies = await db.Studies.Take(2).ToListAsync(Cancellation);
        foreach (var study in studies)
        {
            await _clinic.ReadAsync(study.Id, ReadingStage.Blind);
        }

        async Task<ScoreMeaning> ForAsync(Domain.Accounts.Actor actor) =>
            (await _clinic.Get<GetStudy>().RunAsync(studies[0].Id, isView: false, actor, Cancellation))!.Prediction!.Meaning!;

        Assert.Equal((true, 1), ((await ForAsync(TestClinic.Reader)) is var own ? (own.IsSeenOnly, own.Patients) : default));
        Assert.Equal((false, 40), ((await ForAsync(TestClinic.Lead)) is var all ? (all.IsSeenOnly, all.Patients) : default));
    }

    [Fact]
    public async Task Meaning_BeforeTheOwnReading_IsNotGivenAway()
    {
        await AddAsync(40, 0.9, ReferenceResult.Positive);
        await using var db = _clinic.Context();
        var study = await db.Studies.FirstAsync(Cancellation);

        Assert.Null((await _clinic.Get<GetStudy>().RunAsync(study.Id, isView: false, TestClinic.Reader, Cancellation))!.Prediction);
    }

    [Fact]
    public async Task Meaning_OfTheSameFilmAgainAndAgain_CountsItOnce()
    {
        await AddAsync(40, 0.9, ReferenceResult.Positive);
        await using (var db = _clinic.Context())
        {
            var first = await db.Studies.Where(s => s.PixelHash == "1").Select(s => s.Id).SingleAsync(Cancellation);
            await db.Studies.Where(s => s.Id != first).ExecuteUpdateAsync(s => s.SetProperty(x => x.CopyOf, first), Cancellation);
        }

        Assert.Equal((1, false), ((await MeaningAsync(0.8)) is var meaning ? (meaning.Patients, meaning.IsKnown) : default));
    }
}
