using CovidCxr.Domain.Accounts;

namespace CovidCxr.Application.Accounts;

/// <summary>The actor's roles do not allow this. Web maps it to 403.</summary>
public sealed class AccessRefusedException(string message) : Exception(message);

static class ActorDemands
{
    /// <exception cref="AccessRefusedException">The actor has none of the roles.</exception>
    public static void Demand(this Actor actor, params ReadOnlySpan<string> roles)
    {
        foreach (var role in roles)
        {
            if (actor.Is(role))
            {
                return;
            }
        }

        throw new AccessRefusedException("Your role does not allow this.");
    }
}
