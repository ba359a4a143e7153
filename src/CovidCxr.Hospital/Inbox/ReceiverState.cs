namespace CovidCxr.Hospital.Inbox;

/// <summary>Whether this process receives.</summary>
public class ReceiverState
{
    volatile string? _fault;
    volatile bool _isListening;
    int _associations;

    public bool IsListening => _isListening;

    /// <summary>Why it does not receive, or why the last sender was turned away though it may send; null where nothing is wrong.</summary>
    public string? Fault => _fault;

    /// <summary>Whether another program on the database receives.</summary>
    public bool IsElsewhere { get; internal set; }

    /// <summary>Senders that are connected.</summary>
    public int Associations => Volatile.Read(ref _associations);

    internal void Listens() => (_isListening, _fault) = (true, null);

    internal void Fails(string fault) => (_isListening, _fault) = (false, fault);

    internal void Hinders(string? fault) => _fault = fault;

    internal void Ends() => _isListening = false;

    internal void Enter() => Interlocked.Increment(ref _associations);

    internal void Leave() => Interlocked.Decrement(ref _associations);
}
