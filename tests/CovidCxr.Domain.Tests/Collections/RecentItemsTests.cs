using CovidCxr.Domain.Collections;

namespace CovidCxr.Domain.Tests.Collections;

public class RecentItemsTests
{
    static string Kept<TValue>(RecentItems<string, TValue> items) =>
        string.Concat(new[] { "a", "b", "c", "d" }.Where(key => items.TryGet(key, out _)));

    [Fact]
    public void Put_BeyondTheNumber_LetsTheLongestUnusedGo()
    {
        var items = new RecentItems<string, int>(2);
        items.Put("a", 1);
        items.Put("b", 2);
        Assert.True(items.TryGet("a", out var first));
        items.Put("c", 3);

        Assert.Equal((1, "ac"), (first, Kept(items)));
    }

    [Fact]
    public void Put_BeyondTheWeight_LetsAsManyGoAsItTakes()
    {
        var items = new RecentItems<string, int>(10, value => value);
        items.Put("a", 4);
        items.Put("b", 4);
        items.Put("c", 8);
        Assert.Equal("c", Kept(items));

        items.Put("d", 11);
        Assert.Equal("", Kept(items));

        items.Put("a", 10);
        Assert.Equal("a", Kept(items));
    }

    [Fact]
    public void Put_OfAKnownKey_TakesItsPlaceAndWeight()
    {
        var items = new RecentItems<string, int>(10, value => value);
        items.Put("a", 9);
        items.Put("a", 5);
        items.Put("b", 5);

        Assert.True(items.TryGet("a", out var value));
        Assert.Equal((5, "ab"), (value, Kept(items)));
    }

    [Fact]
    public void TryTake_WhatIsThere_GivesItOnceAndFreesItsWeight()
    {
        var items = new RecentItems<string, int>(10, value => value);
        items.Put("a", 6);

        Assert.True(items.TryTake("a", out var value));
        Assert.Equal(6, value);
        Assert.False(items.TryTake("a", out _));
        items.Put("b", 5);
        items.Put("c", 5);
        Assert.Equal("bc", Kept(items));
    }
}
