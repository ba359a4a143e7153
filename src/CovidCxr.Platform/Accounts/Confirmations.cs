using CovidCxr.Domain.Accounts;

namespace CovidCxr.Platform.Accounts;

/// <param name="State">What a passkey was asked; null where an identity provider was.</param>
public sealed record ConfirmationQuestion(Guid Id, string Act, DateTimeOffset AskedAt, string? State);

/// <summary>
/// Who was asked again by a passkey or an identity provider: in which session, and for which act. A session has one question and one
/// answer, and each counts once. In memory: after a restart a person is asked once more.
/// </summary>
public sealed class Confirmations(TimeProvider time)
{
    public const int MaxActLength = 200;

    // A sign-in at a provider may take a code of a telephone.
    static readonly TimeSpan QuestionLifetime = TimeSpan.FromMinutes(5);

    // Long enough for the way back to the page, too short for whoever finds it open.
    static readonly TimeSpan AnswerLifetime = TimeSpan.FromMinutes(3);

    readonly Lock _gate = new();
    readonly Dictionary<Guid, ConfirmationQuestion> _questions = [];
    readonly Dictionary<Guid, (string Act, bool HasTwoFactors, DateTimeOffset At)> _answers = [];

    /// <returns>Null where the actor has no session.</returns>
    public ConfirmationQuestion? Ask(string act, string? state, Actor actor)
    {
        if (actor.Session is not { } session || act.Length is 0 or > MaxActLength)
        {
            return null;
        }

        lock (_gate)
        {
            var now = time.GetUtcNow();
            Forget(_questions, q => now - q.AskedAt >= QuestionLifetime);
            Forget(_answers, a => now - a.At >= AnswerLifetime);
            return _questions[session] = new(Guid.NewGuid(), act, now, state);
        }
    }

    /// <summary>The question of this session, which is over with it, whatever the answer.</summary>
    public ConfirmationQuestion? TakeQuestion(Actor actor)
    {
        lock (_gate)
        {
            return actor.Session is { } session && _questions.Remove(session, out var question)
                && time.GetUtcNow() - question.AskedAt < QuestionLifetime ? question : null;
        }
    }

    /// <summary>The question was answered rightly.</summary>
    public void Give(ConfirmationQuestion question, bool hasTwoFactors, Actor actor)
    {
        lock (_gate)
        {
            _answers[actor.Session!.Value] = (question.Act, hasTwoFactors, time.GetUtcNow());
        }
    }

    public bool Has(string act, Actor actor)
    {
        lock (_gate)
        {
            return Find(act, actor) is not null;
        }
    }

    /// <returns>Whether the answer stands for two factors; null where there is none for this act.</returns>
    public bool? Take(string act, Actor actor)
    {
        lock (_gate)
        {
            var found = Find(act, actor);
            if (found is not null)
            {
                _answers.Remove(actor.Session!.Value);
            }

            return found;
        }
    }

    bool? Find(string act, Actor actor) =>
        actor.Session is { } session && _answers.TryGetValue(session, out var answer) && answer.Act == act
            && time.GetUtcNow() - answer.At < AnswerLifetime ? answer.HasTwoFactors : null;

    static void Forget<T>(Dictionary<Guid, T> known, Func<T, bool> isOld)
    {
        foreach (var old in known.Where(k => isOld(k.Value)).Select(k => k.Key).ToList())
        {
            known.Remove(old);
        }
    }
}
