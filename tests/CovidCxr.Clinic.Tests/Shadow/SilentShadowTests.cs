using CovidCxr.Clinic.Tests.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Shadow;

/// <summary>
/// Two departments that differ only in what a version in the shadow said of every study: whatever anybody asks, the answers are the same,
/// byte for byte, but for the comparison of the shadow.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class SilentShadowTests
{
    public static TheoryData<string> People => [.. Everybody.Select(p => p.UserName)];

    static readonly Actor[] Everybody = [TestClinic.Reader, TestClinic.ReadingLead, TestClinic.Lead, TestClinic.Admin];

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(People))]
    public async Task Nobody_IsToldBeyondTheComparison(string name)
    {
        var actor = Everybody.Single(p => p.UserName == name);
        await using var one = new TestClinic();
        await using var other = new TestClinic(hasPeople: false);
        var department = new AnsweredDepartment(11, ReadingPolicy.BlindedFirst);
        await department.FillAsync(one);
        await department.CopyAsync(one, other, []);
        await using (var db = other.Context())
        {
            var studies = await db.AllStudies.OrderBy(s => s.Id).Select(s => s.Id).ToListAsync(Cancellation);
            await db.ShadowPredictions.ExecuteUpdateAsync(s => s.SetProperty(x => x.Score, x => 1 - x.Score), Cancellation);
            Assert.True(await db.ShadowPredictions.CountAsync(Cancellation) > studies.Count / 2);
        }

        await using var filled = one.Context();
        var ids = await filled.AllStudies.OrderBy(s => s.Id).Select(s => s.Id).ToListAsync(Cancellation);
        var known = await UnreadAnswersTests.KnownAsync(one);
        HashSet<string> told = [];
        foreach (var question in EveryQuestion.Looking(ids, withWithdrawn: true).Concat(EveryQuestion.Changing(ids, [1])))
        {
            if (await UnreadAnswersTests.AskAsync(question, one, actor, known)
                != await UnreadAnswersTests.AskAsync(question, other, actor, known))
            {
                told.Add(question.Name);
            }
        }

        // A lead who reads is shown figures of films that are known to that person alone: of few, there are none.
        Assert.Empty(told.Except(actor == TestClinic.Reader ? [] : ["CompareShadow.RunAsync"]));
        Assert.True(actor.Is(Role.Radiologist) || told.Count == 1, "Nobody is told: the test shows nothing.");
        Assert.Single(await filled.ShadowPeriods.ToListAsync(Cancellation));
    }
}
