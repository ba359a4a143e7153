using System.Diagnostics.CodeAnalysis;

namespace CovidCxr.Domain.Collections;

/// <summary>
/// Keeps what was put in or found last, up to a limit, and lets the rest go, the longest unused first. For a few dozen items: a key is
/// looked for one by one. Safe to call from several threads.
/// </summary>
/// <param name="limit">How much all items may weigh together. An item that is heavier alone is not kept, nor what was there before
/// it.</param>
/// <param name="weigh">What one value weighs; without it each weighs 1, and the limit is a number of items.</param>
public sealed class RecentItems<TKey, TValue>(long limit, Func<TValue, long>? weigh = null)
    where TKey : notnull
{
    readonly Lock _gate = new();

    // The one used last comes first.
    readonly LinkedList<(TKey Key, TValue Value)> _items = [];
    long _weight;

    /// <summary>Puts a value in the place of what has this key, if anything has.</summary>
    public void Put(TKey key, TValue value)
    {
        lock (_gate)
        {
            if (Find(key) is { } old)
            {
                Remove(old);
            }

            _items.AddFirst((key, value));
            _weight += WeightOf(value);
            while (_weight > limit && _items.Last is { } oldest)
            {
                Remove(oldest);
            }
        }
    }

    /// <summary>Finds a value, which counts as used now.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_gate)
        {
            if (Find(key) is not { } node)
            {
                value = default;
                return false;
            }

            _items.Remove(node);
            _items.AddFirst(node);
            value = node.Value.Value;
            return true;
        }
    }

    /// <summary>Finds a value and removes it.</summary>
    public bool TryTake(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_gate)
        {
            if (Find(key) is not { } node)
            {
                value = default;
                return false;
            }

            Remove(node);
            value = node.Value.Value;
            return true;
        }
    }

    LinkedListNode<(TKey Key, TValue Value)>? Find(TKey key)
    {
        var node = _items.First;
        while (node is not null && !node.Value.Key.Equals(key))
        {
            node = node.Next;
        }

        return node;
    }

    void Remove(LinkedListNode<(TKey Key, TValue Value)> node)
    {
        _items.Remove(node);
        _weight -= WeightOf(node.Value.Value);
    }

    long WeightOf(TValue value) => weigh?.Invoke(value) ?? 1;
}
