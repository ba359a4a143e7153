namespace CovidCxr.Laboratory.Cards;

public enum ItemState
{
    Recorded,

    /// <summary>Some of what the item asks for is recorded; the text says what is not.</summary>
    InPart,

    /// <summary>It may have been done or be known; nothing here says so.</summary>
    NotRecorded,

    /// <summary>It is known that nobody did it here.</summary>
    NotDone,
}

/// <summary>What is recorded of one question, or that nothing is.</summary>
/// <param name="Text">One or more sentences.</param>
public sealed record ItemAnswer(ItemState State, string Text)
{
    internal static ItemAnswer Recorded(params IEnumerable<string?> sentences) => new(ItemState.Recorded, Join(sentences));

    internal static ItemAnswer InPart(params IEnumerable<string?> sentences) => new(ItemState.InPart, Join(sentences));

    internal static ItemAnswer NotRecorded(params IEnumerable<string?> sentences) => new(ItemState.NotRecorded, Join(sentences));

    internal static ItemAnswer NotDone(params IEnumerable<string?> sentences) => new(ItemState.NotDone, Join(sentences));

    internal static string Join(IEnumerable<string?> sentences) => string.Join(' ', sentences.Where(s => !string.IsNullOrEmpty(s)));
}

/// <summary>One item of a guideline.</summary>
/// <param name="Number">As the guideline numbers it, such as 12e.</param>
/// <param name="Title">What it asks for, in our own words.</param>
public sealed record ReportingItem(string Number, string Title, ItemAnswer Answer);

public sealed record ReportingSection(string Title, IReadOnlyList<ReportingItem> Items);

/// <summary>A published checklist with what is recorded of each of its items.</summary>
/// <param name="Source">Where it was published.</param>
public sealed record ReportingGuideline(string Name, string Source, IReadOnlyList<ReportingSection> Sections)
{
    public IEnumerable<ReportingItem> Items => Sections.SelectMany(s => s.Items);

    public int Count(ItemState state) => Items.Count(i => i.Answer.State == state);
}
