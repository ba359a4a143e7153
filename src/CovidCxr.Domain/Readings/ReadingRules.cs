using CovidCxr.Domain.Accounts;

namespace CovidCxr.Domain.Readings;

/// <summary>The reading policy as pure functions: what a reader may see and do, given what the same reader has said of the study.</summary>
public static class ReadingRules
{
    public const int MaxNoteLength = 4000;

    /// <summary>
    /// Whether the policy can hide the model's answer from this person. Who reads is blinded whatever other role they have: a lead who had
    /// seen the answer would give no blind opinion.
    /// </summary>
    public static bool IsBlinded(Actor actor, ReadingPolicy policy) => policy == ReadingPolicy.BlindedFirst && actor.Is(Role.Radiologist);

    /// <summary>
    /// Whether the model's answer may be shown. Once a blind reading is locked, or the answer was shown under another policy, it may,
    /// whatever the policy became since.
    /// </summary>
    /// <param name="isDisclosed">Whether there is a <see cref="Disclosure"/> of this reader and study.</param>
    public static bool IsRevealed(Actor actor, ReadingPolicy policy, IEnumerable<Reading> own, bool isDisclosed) =>
        !IsBlinded(actor, policy) || isDisclosed || own.Any();

    /// <summary>
    /// The stage that a new reading would have; null where the reader has finished and can only correct. Who has seen the answer cannot
    /// read blind any more.
    /// </summary>
    /// <param name="isDisclosed">As of <see cref="IsRevealed"/>.</param>
    public static ReadingStage? NextStage(ReadingPolicy policy, IReadOnlyCollection<Reading> own, bool isDisclosed)
    {
        if (own.Any(r => r.Stage is ReadingStage.Final or ReadingStage.Concurrent))
        {
            return null;
        }

        if (own.Any(r => r.Stage == ReadingStage.Blind))
        {
            return ReadingStage.Final;
        }

        return policy == ReadingPolicy.BlindedFirst && !isDisclosed ? ReadingStage.Blind : ReadingStage.Concurrent;
    }

    /// <summary>
    /// The reader's finished reading that nothing supersedes: the only one that can be corrected. A blind one never can, the model has been
    /// seen since.
    /// </summary>
    public static Reading? Correctable(IReadOnlyCollection<Reading> own) =>
        own.Where(r => r.Stage != ReadingStage.Blind && own.All(o => o.SupersedesId != r.Id)).MaxBy(r => r.CreatedAt);

    /// <summary>
    /// Whether an opinion agrees with a model's answer; null where only the reader can say: of an indeterminate opinion, and of a negative
    /// answer, which may name another finding than the reader does.
    /// </summary>
    /// <param name="isDisease">Whether the model's answer is <see cref="ReadDisease"/>.</param>
    public static bool? ImpliedAgreement(Opinion opinion, bool isDisease) => (opinion, isDisease) switch
    {
        (Opinion.Indeterminate, _) => null,
        (Opinion.Covid19, _) => isDisease,
        (_, true) => false,
        _ => null,
    };

    /// <summary>Why a reading with these answers cannot stand; null where it can.</summary>
    /// <param name="isPredictionShown">Whether there is a prediction to agree with.</param>
    /// <param name="isDisease">Whether the shown answer is <see cref="ReadDisease"/>; null where none is shown, or a model's of another
    /// disease.</param>
    public static string? Refusal(
        ReadingStage stage, Opinion opinion, int confidence, bool? agrees, bool? heatMapUseful, string? note, bool isPredictionShown,
        bool? isDisease) =>
        (stage, confidence, agrees) switch
        {
            _ when agrees is { } said && isDisease is { } answer && ImpliedAgreement(opinion, answer) is { } implied && said != implied =>
                said
                    ? "Your opinion is not the model's answer, and you agree with it. Change the opinion or the agreement."
                    : "Your opinion is the model's answer, and you disagree with it. Change the opinion or the agreement.",
            (_, < 1 or > 5, _) => "Give a confidence from 1 to 5.",
            _ when note?.Length > MaxNoteLength => $"The note is longer than {MaxNoteLength} characters.",
            (ReadingStage.Blind, _, not null) => "A blind reading knows no prediction to agree with.",
            (ReadingStage.Final or ReadingStage.Concurrent, _, null) when isPredictionShown => "Say whether you agree with the prediction.",
            (_, _, not null) when !isPredictionShown => "There is no prediction to agree with.",
            _ when heatMapUseful is not null && !isPredictionShown => "There is no heat map to judge.",
            _ => null,
        };
}
