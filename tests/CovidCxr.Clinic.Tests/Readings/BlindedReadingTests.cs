using System.Text.Json;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Audit;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Readings;

/// <summary>
/// Two clinics, alike but for what the model said. While the policy is blinded first, everything that a reader can ask for is, byte for
/// byte, the same in both: no value, order, count or refusal depends on the model's answer.
/// </summary>
public sealed class BlindedReadingTests : IAsyncLifetime
{
    static readonly double[] Answers = [0.91, 0.12, 0.83, 0.24, 0.75, 0.36];

    readonly TestClinic _one = new(), _other = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static Guid Study(int i) => TestClinic.Numbered(0x100 + i);

    public async ValueTask InitializeAsync()
    {
        await FillAsync(_one, Answers);
        await FillAsync(_other, [.. Answers.Reverse()]);
    }

    public async ValueTask DisposeAsync()
    {
        await _one.DisposeAsync();
        await _other.DisposeAsync();
    }

    static async Task FillAsync(TestClinic clinic, double[] answers)
    {
        var blobs = clinic.Get<Storage.Files.BlobStore>();
        await using (var db = clinic.Context())
        {
            for (var i = 0; i < answers.Length; i++)
            {
                db.Studies.Add(new()
                {
                    Id = Study(i),
                    PatientNumber = $"P-{i % 3}",
                    AgeYears = 50 + (i % 2),
                    ReceivedAt = clinic.Time.GetUtcNow().AddMinutes(i),
                    PixelHash = $"{i}",
                    Width = 64,
                    Height = 64,
                    BitsStored = 8,
                    ImageKey = await blobs.SaveAsync(TestClinic.Film(i), Cancellation),
                });
            }

            await db.SaveChangesAsync(Cancellation);
        }

        for (var i = 0; i < answers.Length; i++)
        {
            await clinic.PredictAsync(Study(i), answers[i]);
        }
    }

    /// <summary>Everything that the use cases tell this person, as text.</summary>
    static async Task<string> SeenAsync(TestClinic clinic, Actor actor)
    {
        var seen = new List<object?>();
        string?[] classes = [null, "COVID-19", "Unremarkable"];
        string?[] texts = [null, "P-1"];
        foreach (var query in
                 from sort in Enum.GetValues<WorklistSort>()
                 from isDown in new[] { false, true }
                 from page in new[] { 0, 1 }
                 from predicted in classes
                 from text in texts
                 select new WorklistQuery(page, 4, sort, isDown, PredictedClass: predicted, Text: text))
        {
            seen.Add(await clinic.Get<ListStudies>().RunAsync(query, actor, Cancellation));
        }

        seen.Add(await clinic.Get<ListStudies>().RunAsync(new(IsRead: false, Status: StudyStatus.Ready), actor, Cancellation));
        for (var i = 0; i < Answers.Length; i++)
        {
            seen.Add(await clinic.Get<GetStudy>().RunAsync(Study(i), isView: true, actor, Cancellation));
            seen.Add(await clinic.Get<GetPixels>().RunAsync(Study(i), actor, Cancellation));
            for (var c = -1; c < 3; c++)
            {
                seen.Add(await clinic.Get<GetHeatMap>().RunAsync(Study(i), c, actor, Cancellation));
            }
        }

        return JsonSerializer.Serialize(seen);
    }

    async Task<bool> IsSameAsync(Actor actor) => await SeenAsync(_one, actor) == await SeenAsync(_other, actor);

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Reader_BeforeTheOwnOpinion_CannotTellTheClinicsApart()
    {
        Assert.True(await IsSameAsync(TestClinic.Reader));
        Assert.True(await IsSameAsync(TestClinic.ReadingLead));
        // The same questions do tell them apart for who may know: the comparison above could fail.
        Assert.False(await IsSameAsync(TestClinic.Lead));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Reader_AfterAnothersWholeReading_StillCannot()
    {
        foreach (var clinic in new[] { _one, _other })
        {
            await clinic.ReadAsync(Study(0), ReadingStage.Blind, TestClinic.OtherReader);
            await clinic.ReadAsync(
                Study(0), ReadingStage.Final, TestClinic.OtherReader,
                (await clinic.Get<GetStudy>().RunAsync(Study(0), false, TestClinic.Lead, Cancellation))!.Prediction!.Id);
        }

        Assert.True(await IsSameAsync(TestClinic.Reader));
        Assert.True(await IsSameAsync(TestClinic.ReadingLead));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Reader_WithOneStudyLocked_SeesThatOneAlone()
    {
        foreach (var clinic in new[] { _one, _other })
        {
            Assert.IsType<RecordReadingResult.Recorded>(await clinic.ReadAsync(Study(2), ReadingStage.Blind));
        }

        var list = await _one.Get<ListStudies>().RunAsync(new(), TestClinic.Reader, Cancellation);
        Assert.All(list.Items, i => Assert.Equal(i.Id != Study(2), i.IsLocked));
        Assert.All(list.Items, i => Assert.Equal(i.Id == Study(2) ? 0.83 : null, i.Probability));
        Assert.All(list.Items, i => Assert.Equal(i.Id == Study(2) ? "COVID-19" : null, i.PredictedClass));
        var filtered = await _one.Get<ListStudies>().RunAsync(new(PredictedClass: "COVID-19"), TestClinic.Reader, Cancellation);
        Assert.Equal((Study(2), 1), (Assert.Single(filtered.Items).Id, filtered.Total));
        Assert.NotNull(await _one.Get<GetHeatMap>().RunAsync(Study(2), 1, TestClinic.Reader, Cancellation));
        Assert.Null(await _one.Get<GetHeatMap>().RunAsync(Study(3), 1, TestClinic.Reader, Cancellation));
        Assert.Null((await _one.Get<GetStudy>().RunAsync(Study(3), false, TestClinic.Reader, Cancellation))!.Prediction);
        Assert.Equal(
            [0.17, 0.83],
            (await _one.Get<GetStudy>().RunAsync(Study(2), false, TestClinic.Reader, Cancellation))!.Prediction!.Probabilities
                .Select(p => Math.Round(p, 6)));
        // The other reader, and nobody's audit trail, has learnt anything.
        Assert.True(await IsSameAsync(TestClinic.OtherReader));
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task AuditTrail_OfTheWholeReading_DoesNotDependOnTheAnswer()
    {
        foreach (var clinic in new[] { _one, _other })
        {
            await SeenAsync(clinic, TestClinic.Reader);
            await clinic.ReadAsync(Study(0), ReadingStage.Blind);
            await SeenAsync(clinic, TestClinic.Reader);
        }

        var trails = new List<string>();
        foreach (var clinic in new[] { _one, _other })
        {
            trails.Add(JsonSerializer.Serialize(
                await clinic.Get<ListAuditEntries>().RunAsync(new(PageSize: 200), TestClinic.Admin, Cancellation)));
        }

        Assert.Equal(trails[0], trails[1]);
    }

    [Fact]
    public async Task GetHeatMap_BeforeTheOwnOpinion_LeavesARefusal()
    {
        await _one.Get<GetHeatMap>().RunAsync(Study(1), 0, TestClinic.Reader, Cancellation);

        var entry = Assert.Single(await _one.AuditAsync(AuditAction.AccessRefused));
        Assert.Equal((TestClinic.Reader.UserId, Study(1), AuditOutcome.Refused), (entry.UserId, entry.StudyId, entry.Outcome));
    }

    [Fact]
    public async Task Reader_UnderConcurrent_SeesTheAnswerAtOnce()
    {
        await _one.SetPolicyAsync(ReadingPolicy.Concurrent);

        var list = await _one.Get<ListStudies>()
            .RunAsync(new(Sort: WorklistSort.Probability, Descending: true), TestClinic.Reader, Cancellation);
        Assert.Equal(Answers.OrderDescending(), list.Items.Select(i => i.Probability!.Value));
        Assert.Equal(3, (await _one.Get<ListStudies>().RunAsync(new(PredictedClass: "COVID-19"), TestClinic.Reader, Cancellation)).Total);
        Assert.NotNull((await _one.Get<GetStudy>().RunAsync(Study(0), false, TestClinic.Reader, Cancellation))!.Prediction);
        Assert.NotNull(await _one.Get<GetHeatMap>().RunAsync(Study(0), 1, TestClinic.Reader, Cancellation));
    }

    [Fact]
    public async Task Reader_PolicyBackToBlinded_IsBlindedAgainWhereNothingWasRead()
    {
        await _one.SetPolicyAsync(ReadingPolicy.Concurrent);
        await _one.SetPolicyAsync(ReadingPolicy.BlindedFirst);

        Assert.Null((await _one.Get<GetStudy>().RunAsync(Study(0), false, TestClinic.Reader, Cancellation))!.Prediction);
    }
}
