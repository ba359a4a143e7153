using System.Text.RegularExpressions;
using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Drift;
using CovidCxr.Clinic.References;
using CovidCxr.Clinic.Studies;
using CovidCxr.Clinic.Tests.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Corrections;

/// <summary>
/// A department in which studies are withdrawn, beside one in which these studies have never been: whatever anybody asks of the others,
/// the answers are the same, byte for byte. And once they are brought back, as if nothing had been.
/// </summary>
[Trait("Speed", "Slow")]
public sealed partial class WithdrawnStudiesTests
{
    const int Every = 4;

    // Children first.
    static readonly string[] Tables =
        ["Disclosures", "KeptDrafts", "ReadRequests", "ReferenceFindings", "Readings", "ShadowPredictions", "Predictions", "StudyChanges",
         "StudyImages"];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<int, ReadingPolicy, string> Departments => new()
    {
        { 11, ReadingPolicy.BlindedFirst, nameof(TestClinic.Lead) },
        { 12, ReadingPolicy.Concurrent, nameof(TestClinic.ReadingLead) },
        { 13, ReadingPolicy.RandomisedByDay, nameof(TestClinic.Reader) },
    };

    [Theory]
    [MemberData(nameof(Departments))]
    public async Task Withdrawn_IsAsIfItHadNeverBeen_AndComesBackWhole(int seed, ReadingPolicy policy, string person)
    {
        var actor = (Actor)typeof(TestClinic).GetField(person)!.GetValue(null)!;
        await using var withdrawing = new TestClinic();
        await using var without = new TestClinic(hasPeople: false);
        await using var untouched = new TestClinic(hasPeople: false);
        var department = new AnsweredDepartment(seed, policy);
        await department.FillAsync(withdrawing);
        await department.CopyAsync(withdrawing, without, []);
        await department.CopyAsync(withdrawing, untouched, []);
        var all = await IdsAsync(withdrawing);
        List<Guid> gone = [.. all.Where((_, i) => i % Every == 1)], left = [.. all.Except(gone)];
        // Numbers are known before, as a page that stands open has them.
        await AskAllAsync(withdrawing, [], TestClinic.Lead);

        await WithdrawAsync(withdrawing, gone);
        await RemoveAsync(without, gone);

        await AssertSameAsync(withdrawing, without, left, actor);
        Assert.Equal(await FilmsAsync(without), await FilmsAsync(withdrawing));

        await BringBackAsync(withdrawing, gone);
        await AssertSameAsync(withdrawing, untouched, left, TestClinic.Lead);
        Assert.Equal(await FilmsAsync(untouched), await FilmsAsync(withdrawing));
        Assert.NotEqual(await FilmsAsync(without), await FilmsAsync(withdrawing));
    }

    static async Task AssertSameAsync(TestClinic one, TestClinic other, List<Guid> studies, Actor actor)
    {
        foreach (var clinic in new[] { one, other })
        {
            await clinic.Get<CheckAlerts>().RunAsync(actor: null, Cancellation);
        }

        var known = await UnreadAnswersTests.KnownAsync(other);
        foreach (var question in EveryQuestion.Looking(studies))
        {
            Assert.Equal(
                $"{question.Name}: {WithoutExceptions(await UnreadAnswersTests.AskAsync(question, other, actor, known))}",
                $"{question.Name}: {WithoutExceptions(await UnreadAnswersTests.AskAsync(question, one, actor, known))}");
        }
    }

    // Which rows the database holds, those of withdrawn studies too; and the patient's page says which films were withdrawn, also
    // where it has no others.
    static string WithoutExceptions(string answer) =>
        OnlyWithdrawn().IsMatch(answer) ? "null" : Exceptions().Replace(answer, "");

    [GeneratedRegex("^\\{\"Number\":\"[^\"]*\",\"Films\":\\[\\],\"Total\":0,\"Withdrawn\":\\[\\{[^\\]]*\\}\\],\"Notes\":.*\\}$")]
    private static partial Regex OnlyWithdrawn();

    [GeneratedRegex("\"DataVersion\":\"[^\"]*\"|\"Withdrawn\":\\[[^\\]]*\\]")]
    private static partial Regex Exceptions();

    static async Task AskAllAsync(TestClinic clinic, HashSet<string> known, Actor actor)
    {
        foreach (var question in EveryQuestion.Looking([Guid.Empty]))
        {
            await UnreadAnswersTests.AskAsync(question, clinic, actor, known);
        }
    }

    static async Task<List<Guid>> IdsAsync(TestClinic clinic)
    {
        await using var db = clinic.Context();
        return await db.Studies.OrderBy(s => s.Id).Select(s => s.Id).ToListAsync(Cancellation);
    }

    /// <summary>What the laboratory is offered; its names are of each installation's own secret.</summary>
    static async Task<string> FilmsAsync(TestClinic clinic)
    {
        var offered = clinic.Get<IClinicFilms>().SelectTrainable();
        var truth = await clinic.Get<SelectTrainingTruth>().RunAsync(TestClinic.Lead, Cancellation);
        var newest = await clinic.Get<IClinicFilms>().NewestImageKeysAsync(1000, Cancellation);
        return string.Join('\n', offered.Remarks) + newest.Count
            + string.Join('\n', offered.Films.Select(f => (f.Class, f.View, f.PixelBytes)).Order())
            + string.Join('\n', truth.Studies.Select(t => (t.StudyId, t.Label)).OrderBy(t => t.StudyId));
    }

    static async Task WithdrawAsync(TestClinic clinic, IEnumerable<Guid> studies)
    {
        foreach (var id in studies)
        {
            var study = (await clinic.Get<GetStudy>().RunAsync(id, isView: false, TestClinic.Lead, Cancellation))!;
            Assert.IsType<ChangeStudyResult.Changed>(await clinic.Get<ChangeStudy>().RunAsync(
                new(id, study.Particulars with { IsWithdrawn = true }, "Another patient's film", 0), TestClinic.Lead, Cancellation));
        }
    }

    static async Task BringBackAsync(TestClinic clinic, IEnumerable<Guid> studies)
    {
        foreach (var id in studies)
        {
            var study = (await clinic.Get<GetStudy>().RunAsync(id, isView: false, TestClinic.Lead, Cancellation))!;
            Assert.IsType<ChangeStudyResult.Changed>(await clinic.Get<UndoChange>().RunAsync(
                new(id, study.Changes[0].Id, "It was this patient's"), TestClinic.Lead, Cancellation));
        }
    }

    static async Task RemoveAsync(TestClinic clinic, List<Guid> studies)
    {
        await using var db = clinic.Context();
        var ids = string.Join(", ", studies.Select(id => $"'{id.ToString().ToUpperInvariant()}'"));
#pragma warning disable EF1002 // Ids of this test.
        foreach (var table in Tables)
        {
            await db.Database.ExecuteSqlRawAsync($"DELETE FROM \"{table}\" WHERE \"StudyId\" IN ({ids})", Cancellation);
        }

        Assert.Equal(
            studies.Count, await db.Database.ExecuteSqlRawAsync($"DELETE FROM \"Studies\" WHERE \"Id\" IN ({ids})", Cancellation));
#pragma warning restore EF1002
    }
}
