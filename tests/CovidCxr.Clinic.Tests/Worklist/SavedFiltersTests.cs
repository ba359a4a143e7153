using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Worklist;

/// <summary>What a person keeps of the worklist's filters.</summary>
public sealed class SavedFiltersTests : ReadingRoom
{
    Task<string?> SaveAsync(string? name, string? query, bool isDefault = false, Actor? actor = null) =>
        Clinic.Get<SavedFilters>().SaveAsync(name, query, isDefault, actor ?? TestClinic.Reader, Cancellation);

    async Task<List<(string Name, string Query, bool IsDefault)>> ListAsync(Actor? actor = null) =>
        [.. (await Clinic.Get<SavedFilters>().ListAsync(actor ?? TestClinic.Reader, Cancellation))
            .Select(f => (f.Name, f.Query, f.IsDefault))];

    [Fact]
    public async Task Saved_AreTheOwnAlone_InOrderOfTheirNames()
    {
        Assert.Null(await SaveAsync(" night ", "read=urgent"));
        Assert.Null(await SaveAsync("Chest, AP", "view=AP"));
        Assert.Null(await SaveAsync("mine", "assigned=me", actor: TestClinic.Lead));

        Assert.Equal([("Chest, AP", "view=AP", false), ("night", "read=urgent", false)], await ListAsync());
        Assert.Equal([("mine", "assigned=me", false)], await ListAsync(TestClinic.Lead));
    }

    [Fact]
    public async Task Save_UnderAKnownName_TakesItsPlace_AndAKnownQueryIsRenamed()
    {
        await SaveAsync("night", "read=urgent", isDefault: true);

        Assert.Null(await SaveAsync("Night", "read=False"));
        Assert.Equal([("Night", "read=False", false)], await ListAsync());
        Assert.Null(await SaveAsync("late", "read=False"));
        Assert.Equal([("late", "read=False", false)], await ListAsync());
    }

    [Fact]
    public async Task Default_IsOneAtMost()
    {
        await SaveAsync("a", "view=AP", isDefault: true);
        await SaveAsync("b", "view=PA", isDefault: true);
        Assert.Equal([("a", "view=AP", false), ("b", "view=PA", true)], await ListAsync());

        await SaveAsync("b", "view=PA", isDefault: true);
        Assert.Equal([("a", "view=AP", false), ("b", "view=PA", true)], await ListAsync());
        await SaveAsync("a", "view=AP", isDefault: true);
        Assert.Equal([("a", "view=AP", true), ("b", "view=PA", false)], await ListAsync());
        await SaveAsync("a", "view=AP");
        Assert.Equal([("a", "view=AP", false), ("b", "view=PA", false)], await ListAsync());
    }

    [Fact]
    public async Task Save_OfTwentyOne_IsRefused_AndOneOfTheTwentyIsStillChanged()
    {
        for (var i = 0; i < SavedFilters.Most; i++)
        {
            Assert.Null(await SaveAsync($"filter {i:00}", $"text={i}"));
        }

        Assert.Contains("delete one first", await SaveAsync("more", "text=more"), StringComparison.Ordinal);
        Assert.Null(await SaveAsync("filter 00", "text=more"));
        Assert.Null(await SaveAsync("more", "text=more", actor: TestClinic.OtherReader));
        Assert.Equal(SavedFilters.Most, (await ListAsync()).Count);
    }

    [Theory]
    [InlineData(null, "view=AP")]
    [InlineData("  ", "view=AP")]
    [InlineData("12345678901234567890123456789012345678901", "view=AP")]
    [InlineData("two\nlines", "view=AP")]
    [InlineData("fine", "two\nlines")]
    public async Task Save_OfWhatIsNoNameOrNoQuery_IsRefused(string? name, string query)
    {
        Assert.NotNull(await SaveAsync(name, query));
        Assert.NotNull(await SaveAsync("long", new('x', SavedFilter.MaxQuery + 1)));
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task Remove_TakesTheOwnAlone()
    {
        var filters = Clinic.Get<SavedFilters>();
        await SaveAsync("night", "read=urgent");
        var id = Assert.Single(await filters.ListAsync(TestClinic.Reader, Cancellation)).Id;

        await filters.RemoveAsync(id, TestClinic.OtherReader, Cancellation);
        Assert.Single(await ListAsync());
        await filters.RemoveAsync(id, TestClinic.Reader, Cancellation);
        await filters.RemoveAsync(id, TestClinic.Reader, Cancellation);
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task Administrator_HasNone()
    {
        await Assert.ThrowsAsync<AccessRefusedException>(() => ListAsync(TestClinic.Admin));
        await Assert.ThrowsAsync<AccessRefusedException>(() => SaveAsync("a", "b", actor: TestClinic.Admin));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => Clinic.Get<SavedFilters>().RemoveAsync(1, TestClinic.Admin, Cancellation));
    }
}
