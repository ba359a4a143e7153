namespace CovidCxr.Hospital.Hl7;

/// <summary>
/// Places for connections. Where none is free, the connection that has waited for its next message the longest loses its place; one that
/// is amid a message keeps it.
/// </summary>
sealed class Hl7Places(int count)
{
    readonly Lock _lock = new();
    readonly List<Place> _taken = [];

    /// <summary>Counts up with each rest: the smallest has rested the longest.</summary>
    long _rests;

    /// <returns>Null where all are amid messages.</returns>
    public Place? Take(CancellationToken stopping)
    {
        Place? loser = null;
        Place place;
        lock (_lock)
        {
            if (_taken.Count >= count)
            {
                loser = _taken.Where(p => !p.IsBusy).MinBy(p => p.RestsSince);
                if (loser is null)
                {
                    return null;
                }

                _taken.Remove(loser);
            }

            place = new(this, stopping) { RestsSince = _rests++ };
            _taken.Add(place);
        }

        loser?.End();
        return place;
    }

    public sealed class Place : IDisposable
    {
        readonly Hl7Places _places;
        readonly CancellationTokenSource _ended;

        internal Place(Hl7Places places, CancellationToken stopping)
        {
            (_places, _ended) = (places, CancellationTokenSource.CreateLinkedTokenSource(stopping));
            Ended = _ended.Token;
        }

        /// <summary>Somebody else has the place, or the program stops.</summary>
        public CancellationToken Ended { get; }

        internal bool IsBusy { get; private set; }

        internal long RestsSince { get; set; }

        /// <summary>A message begins.</summary>
        public void Begin()
        {
            lock (_places._lock)
            {
                IsBusy = true;
            }
        }

        /// <summary>It was answered.</summary>
        public void Rest()
        {
            lock (_places._lock)
            {
                (IsBusy, RestsSince) = (false, _places._rests++);
            }
        }

        internal void End()
        {
            try
            {
                _ended.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself at the same moment.
            }
        }

        public void Dispose()
        {
            lock (_places._lock)
            {
                _places._taken.Remove(this);
            }

            _ended.Dispose();
        }
    }
}
