using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;

namespace CovidCxr.Domain.Tests.Readings;

/// <summary>The reading policy, row by row.</summary>
public class ReadingRulesTests
{
    const ReadingPolicy Blinded = ReadingPolicy.BlindedFirst, Concurrent = ReadingPolicy.Concurrent;

    static readonly Guid Study = Guid.Parse("00000000-0000-0000-0000-000000000001");
    static readonly DateTimeOffset Morning = new(2026, 3, 2, 8, 0, 0, TimeSpan.Zero);

    static readonly Reading Blind = Of(ReadingStage.Blind, 0), Final = Of(ReadingStage.Final, 1), WithModel = Of(
        ReadingStage.Concurrent, 0);

    static Reading Of(ReadingStage stage, int minute, Guid? supersedes = null) => new()
    {
        StudyId = Study,
        Stage = stage,
        Confidence = 3,
        CreatedAt = Morning.AddMinutes(minute),
        SupersedesId = supersedes,
        SubmissionId = Guid.NewGuid(),
    };

    static Actor With(params string[] roles) => new(Guid.Empty, "someone", roles.ToHashSet());

    public static TheoryData<ReadingPolicy, Reading[], ReadingStage?> Turns => new()
    {
        { Blinded, [], ReadingStage.Blind },
        { Blinded, [Blind], ReadingStage.Final },
        { Blinded, [Blind, Final], null },
        { Blinded, [WithModel], null },
        { Blinded, [Blind, Final, Of(ReadingStage.Final, 2, Final.Id)], null },
        { Concurrent, [], ReadingStage.Concurrent },
        { Concurrent, [WithModel], null },
        // Begun blind, finished after the policy changed: the pair stays a pair.
        { Concurrent, [Blind], ReadingStage.Final },
        { Concurrent, [Blind, Final], null },
    };

    [Theory]
    [MemberData(nameof(Turns))]
    public void NextStage_OfEveryPolicyAndPast_IsTheTable(ReadingPolicy policy, Reading[] own, ReadingStage? expected) =>
        Assert.Equal(expected, ReadingRules.NextStage(policy, own, isDisclosed: false));

    [Fact]
    public void Reader_WhoWasShownTheAnswer_SeesItOnAndReadsConcurrently()
    {
        Assert.Equal(ReadingStage.Concurrent, ReadingRules.NextStage(Blinded, [], isDisclosed: true));
        Assert.True(ReadingRules.IsRevealed(With(Role.Radiologist), Blinded, [], isDisclosed: true));
        // Shown by the own blind reading's reveal, which comes after it.
        Assert.Equal(ReadingStage.Final, ReadingRules.NextStage(Blinded, [Blind], isDisclosed: true));
    }

    [Theory]
    [InlineData(Blinded, false, false, Role.Radiologist)]
    [InlineData(Blinded, true, true, Role.Radiologist)]
    [InlineData(Concurrent, false, true, Role.Radiologist)]
    [InlineData(Blinded, false, true, Role.DepartmentLead)]
    // A lead who reads is a reader: what was seen cannot be unseen.
    [InlineData(Blinded, false, false, Role.Radiologist, Role.DepartmentLead)]
    [InlineData(Blinded, true, true, Role.Radiologist, Role.DepartmentLead)]
    [InlineData(Blinded, false, false, Role.Radiologist, Role.Admin)]
    public void IsRevealed_OfPolicyPastAndRoles_IsTheTable(ReadingPolicy policy, bool hasRead, bool expected, params string[] roles) =>
        Assert.Equal(expected, ReadingRules.IsRevealed(With(roles), policy, hasRead ? [Blind] : [], isDisclosed: false));

    [Fact]
    public void Correctable_BlindAlone_IsNothing() => Assert.Null(ReadingRules.Correctable([Blind]));

    [Fact]
    public void Correctable_Finished_IsTheFinished()
    {
        Assert.Same(Final, ReadingRules.Correctable([Blind, Final]));
        Assert.Same(WithModel, ReadingRules.Correctable([WithModel]));
    }

    [Fact]
    public void Correctable_CorrectedTwice_IsTheLastCorrection()
    {
        var first = Of(ReadingStage.Final, 2, Final.Id);
        // Within the same tick of the clock: what counts is what supersedes what.
        var second = Of(ReadingStage.Final, 2, first.Id);

        Assert.Same(second, ReadingRules.Correctable([second, Blind, first, Final]));
    }

    [Theory]
    [InlineData(ReadingStage.Blind, 3, null, null, false, null)]
    [InlineData(ReadingStage.Blind, 3, true, null, true, "knows no prediction")]
    [InlineData(ReadingStage.Blind, 3, null, true, false, "no heat map")]
    [InlineData(ReadingStage.Blind, 0, null, null, false, "confidence")]
    [InlineData(ReadingStage.Blind, 6, null, null, false, "confidence")]
    [InlineData(ReadingStage.Final, 3, false, false, true, null)]
    [InlineData(ReadingStage.Final, 3, true, null, true, null)]
    [InlineData(ReadingStage.Final, 3, null, null, true, "whether you agree")]
    [InlineData(ReadingStage.Concurrent, 3, null, null, true, "whether you agree")]
    [InlineData(ReadingStage.Concurrent, 3, null, null, false, null)]
    [InlineData(ReadingStage.Concurrent, 3, true, null, false, "no prediction to agree")]
    [InlineData(ReadingStage.Final, 3, null, false, false, "no heat map")]
    public void Refusal_OfAnswers_IsTheTable(ReadingStage stage, int confidence, bool? agrees, bool? useful, bool isShown, string? expected)
    {
        var refusal = ReadingRules.Refusal(stage, Opinion.Normal, confidence, agrees, useful, note: null, isShown, isDisease: null);

        if (expected is null)
        {
            Assert.Null(refusal);
        }
        else
        {
            Assert.Contains(expected, refusal, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Opinion.Covid19, true, true)]
    [InlineData(Opinion.Covid19, false, false)]
    [InlineData(Opinion.Normal, true, false)]
    [InlineData(Opinion.OtherPneumonia, true, false)]
    [InlineData(Opinion.OtherFinding, true, false)]
    [InlineData(Opinion.Normal, false, null)]
    [InlineData(Opinion.OtherPneumonia, false, null)]
    [InlineData(Opinion.Indeterminate, true, null)]
    [InlineData(Opinion.Indeterminate, false, null)]
    public void Agreement_OfOpinionAndAnswer_FollowsOrIsTheReadersToSay(Opinion opinion, bool isDisease, bool? implied)
    {
        Assert.Equal(implied, ReadingRules.ImpliedAgreement(opinion, isDisease));

        foreach (var agrees in new[] { true, false })
        {
            var refusal = ReadingRules.Refusal(ReadingStage.Final, opinion, 3, agrees, null, null, isPredictionShown: true, isDisease);

            Assert.Equal(implied is null || implied == agrees, refusal is null);
            Assert.Null(ReadingRules.Refusal(ReadingStage.Final, opinion, 3, agrees, null, null, isPredictionShown: true, isDisease: null));
        }
    }

    [Theory]
    [InlineData(ReadingRules.MaxNoteLength, false)]
    [InlineData(ReadingRules.MaxNoteLength + 1, true)]
    public void Refusal_OfANote_KnowsItsLength(int length, bool isRefused) =>
        Assert.Equal(
            isRefused,
            ReadingRules.Refusal(
                ReadingStage.Blind, Opinion.Normal, 3, null, null, new string('x', length), isPredictionShown: false,
                isDisease: null) is not null);
}
