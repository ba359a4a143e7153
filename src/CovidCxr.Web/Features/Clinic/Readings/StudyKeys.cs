namespace CovidCxr.Web.Features.Clinic.Readings;

/// <summary>The page's own keys for the list that "?" opens. What they do stands in the markup, as data-key.</summary>
static class StudyKeys
{
    public static IReadOnlyList<KeyGroup> All { get; } =
    [
        new("Reading",
        [
            new("1 … 5", "Opinion"),
            new("Shift 1 … 5", "Confidence"),
            new("Enter", "Lock and reveal; save"),
            new("y d", "Agree with the model, or disagree"),
            new("u v", "Heat map useful, or not"),
            new("e", "Correct a saved reading"),
            new("n", "Next unread, once this reading is saved"),
            new("Esc", "After a refused save: change the reading"),
            new("s", "Next image of this visit, and side by side again"),
            new("p", "Another image of the patient beside this one"),
            new("l", "Move both together"),
        ]),
    ];
}
