using CovidCxr.Clinic.Tests.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Patients;

/// <summary>
/// Two departments that differ only in the notes of patients of whom a film waits for somebody's own reading: whatever that person asks,
/// the answers are the same, byte for byte.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class HiddenNotesTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(21, ReadingPolicy.BlindedFirst, nameof(TestClinic.Reader))]
    [InlineData(22, ReadingPolicy.Concurrent, nameof(TestClinic.Reader))]
    [InlineData(23, ReadingPolicy.RandomisedByDay, nameof(TestClinic.ReadingLead))]
    public async Task WhoReads_CannotTellTheDepartmentsApart(int seed, ReadingPolicy policy, string person)
    {
        var actor = (Actor)typeof(TestClinic).GetField(person)!.GetValue(null)!;
        await using var one = new TestClinic();
        await using var other = new TestClinic(hasPeople: false);
        var studies = await FillAsync(seed, policy, actor, one, other);
        var known = await UnreadAnswersTests.KnownAsync(one);

        foreach (var question in EveryQuestion.Looking(studies, withWithdrawn: true).Concat(EveryQuestion.Changing(studies, [1])))
        {
            Assert.Equal(
                $"{question.Name}: {await UnreadAnswersTests.AskAsync(question, one, actor, known)}",
                $"{question.Name}: {await UnreadAnswersTests.AskAsync(question, other, actor, known)}");
        }
    }

    /// <summary>The theory above could fail; and nobody is told by anything but the patient's page.</summary>
    [Fact]
    public async Task Lead_WhoDoesNotRead_IsToldByThePatientsPageAlone()
    {
        await using var one = new TestClinic();
        await using var other = new TestClinic(hasPeople: false);
        var studies = await FillAsync(24, ReadingPolicy.BlindedFirst, TestClinic.ReadingLead, one, other);

        HashSet<string> different = [];
        foreach (var question in EveryQuestion.Looking(studies, withWithdrawn: true))
        {
            if (await UnreadAnswersTests.AskAsync(question, one, TestClinic.Lead, [])
                != await UnreadAnswersTests.AskAsync(question, other, TestClinic.Lead, []))
            {
                different.Add(question.Name);
            }
        }

        Assert.Equal(["GetPatient.RunAsync"], different);
    }

    static async Task<List<Guid>> FillAsync(int seed, ReadingPolicy policy, Actor actor, TestClinic one, TestClinic other)
    {
        var department = new AnsweredDepartment(seed, policy);
        await department.FillAsync(one);
        await department.CopyAsync(one, other, []);
        await using var db = other.Context();
        var waiting = await db.Studies.Where(s => s.PatientNumber != null && !db.Readings.Any(
                r => r.StudyId == s.Id && r.ReaderId == actor.UserId && r.Stage != ReadingStage.Blind))
            .Select(s => s.PatientNumber!).Distinct().ToListAsync(Cancellation);
        Assert.True(waiting.Count > 2, "Nothing is hidden: the test shows nothing.");
        foreach (var (i, number) in waiting.Order(StringComparer.Ordinal).Index())
        {
            await ChangeAsync(db, number, i % 3);
        }

        await db.SaveChangesAsync(Cancellation);
        return await db.AllStudies.OrderBy(s => s.Id).Select(s => s.Id).ToListAsync(Cancellation);
    }

    // None there, as many as anybody may write, or one that is struck out.
    static async Task ChangeAsync(Storage.CovidCxrDbContext db, string number, int how)
    {
        var notes = await db.TherapyNotes.Where(n => n.PatientNumber == number).ToListAsync(Cancellation);
        switch (how)
        {
            case 0:
                db.RemoveRange(notes);
                break;
            case 1:
                db.AddRange(Enumerable.Range(0, TherapyNote.MostByAPerson).Select(i => new TherapyNote
                {
                    PatientNumber = number,
                    From = new(2026, 1, 1),
                    Text = $"{i}",
                    CreatedBy = TestClinic.Lead.UserId,
                    CreatedByName = "lead",
                }));
                break;
            default:
                notes.ForEach(n => n.Strike("To be sure", TestClinic.Lead, DateTimeOffset.UnixEpoch));
                break;
        }
    }
}
