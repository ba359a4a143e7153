namespace CovidCxr.Web.Shared;

/// <summary>
/// What a page's address asks for, and what was asked for since: the address follows a round trip later, and a change in between must not
/// undo the one before.
/// </summary>
/// <typeparam name="T">Compared by value.</typeparam>
/// <param name="at">Before the first address.</param>
public sealed class Requests<T>(T at)
    where T : IEquatable<T>
{
    readonly List<T> _pending = [];

    /// <summary>What the address asks for.</summary>
    public T At { get; private set; } = at;

    /// <summary>What was asked for last; a further change starts from it.</summary>
    public T Newest => _pending is [.., var newest] ? newest : At;

    public void Add(T request) => _pending.Add(request);

    /// <summary>
    /// Takes in the address that the browser reports. One that was asked for settles the requests up to it; any other drops them all.
    /// </summary>
    public void Arrive(T arrived)
    {
        if (!arrived.Equals(At))
        {
            _pending.RemoveRange(0, _pending.LastIndexOf(arrived) is var place and >= 0 ? place + 1 : _pending.Count);
            At = arrived;
        }
    }
}
