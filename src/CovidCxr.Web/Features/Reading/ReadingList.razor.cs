using Microsoft.AspNetCore.Components;
using OneReading = CovidCxr.Domain.Readings.Reading;

namespace CovidCxr.Web.Features.Reading;

/// <summary>Readings as they were handed in, newest first; a corrected one stays, marked.</summary>
public sealed partial class ReadingList
{
    [Parameter, EditorRequired]
    public required string Title { get; set; }

    [Parameter, EditorRequired]
    public required IReadOnlyList<OneReading> Readings { get; set; }

    /// <summary>Names by reader, where more than one reader's are shown.</summary>
    [Parameter]
    public IReadOnlyDictionary<Guid, string>? Readers { get; set; }

    bool IsSuperseded(OneReading reading) => Readings.Any(r => r.SupersedesId == reading.Id);

    string ReaderName(OneReading reading) => Readers is null ? "" : Readers.GetValueOrDefault(reading.ReaderId, "unknown reader");
}
