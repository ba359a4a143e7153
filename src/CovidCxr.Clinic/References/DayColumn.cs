using System.Globalization;
using System.Text.RegularExpressions;

namespace CovidCxr.Clinic.References;

/// <summary>What the first of two numbers with a slash or hyphen between them is.</summary>
public enum DayOrder
{
    DayFirst,
    MonthFirst,
}

/// <summary>A column of days of which nothing says how they are written: a person does.</summary>
/// <param name="Example">As the file has it.</param>
public sealed record DayQuestion(string Column, string Example, DateOnly DayFirst, DateOnly MonthFirst);

/// <summary>
/// A column of days as people and spreadsheets write them. How 03/04/2026 is meant is decided by the whole column, where one of its days
/// fits one order alone; otherwise it is a question.
/// </summary>
sealed partial class DayColumn
{
    // Day 1 of a spreadsheet is 1900-01-01, and it counts a day that 1900 did not have.
    static readonly DateOnly SpreadsheetStart = new(1899, 12, 30);

    // 2000 to 2099: a smaller or larger number is no day of a film.
    const int FirstSerial = 36526, LastSerial = 73050;

    public const string Formats =
        "yyyy-mm-dd, dd.mm.yyyy, dd/mm/yyyy or mm/dd/yyyy, with four digits of the year, or a spreadsheet's day number";

    readonly DayOrder? _order;

    DayColumn(DayOrder? order, DayQuestion? question, string? error) => (_order, Question, Error) = (order, question, error);

    public DayQuestion? Question { get; }

    /// <summary>Why the column cannot be read; null where it can, or once the question is answered.</summary>
    public string? Error { get; }

    /// <summary>For programs, which write yyyy-mm-dd.</summary>
    public static DayColumn OfPrograms { get; } = new(null, null, null);

    /// <param name="answer">A person's, where the column leaves the order open.</param>
    public static DayColumn Of(string name, IEnumerable<(int Line, string Text)> cells, DayOrder? answer)
    {
        (int Line, string Text)? dayFirst = null, monthFirst = null, serial = null, slashed = null;
        DayQuestion? open = null;
        foreach (var cell in cells)
        {
            if (IsSerial(cell.Text))
            {
                serial ??= cell;
                continue;
            }

            if (!IsSlashed(cell.Text))
            {
                continue;
            }

            slashed ??= cell;
            // A day that the calendar has in neither order (31/02/2026) says nothing of the others.
            switch (Read(cell.Text, DayOrder.DayFirst), Read(cell.Text, DayOrder.MonthFirst))
            {
                case ({ }, null):
                    dayFirst ??= cell;
                    break;
                case (null, { }):
                    monthFirst ??= cell;
                    break;
                case ({ } one, { } other) when one != other:
                    open ??= new(name, cell.Text, one, other);
                    break;
            }
        }

        if (serial is { } number && slashed is { } text)
        {
            // A spreadsheet of another country takes 03/04/2026 for a day, swapped, and leaves 13/04/2026 as text.
            return new(
                null, null, $"{name} has the spreadsheet's day number {number.Text} in line {number.Line} beside {text.Text} in line "
                + $"{text.Line}: the spreadsheet understood some of the days, perhaps in another order than they were meant, and left "
                + "the others. Write them all as yyyy-mm-dd.");
        }

        return (dayFirst, monthFirst, open, answer) switch
        {
            ({ } one, { } other, _, _) => new(
                null, null, $"{name} is written in two ways: {one.Text} in line {one.Line}, {other.Text} in line {other.Line}. "
                + "Nothing says how the other days are meant: write them all in one way."),
            ({ }, _, _, _) => new(DayOrder.DayFirst, null, null),
            (_, { }, _, _) => new(DayOrder.MonthFirst, null, null),
            (_, _, { } question, null) => new(null, question, null),
            (_, _, _, var given) => new(given ?? DayOrder.DayFirst, null, null),
        };
    }

    /// <returns>Null where the text is no day.</returns>
    public DateOnly? Read(string text) => _order is { } order
        ? Read(text, order)
        : DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    static DateOnly? Read(string text, DayOrder order)
    {
        var written = Time().Replace(text.Trim(), "");
        if (YearFirst().Match(written) is { Success: true } iso)
        {
            return Day(iso.Groups[1].Value, iso.Groups[3].Value, iso.Groups[4].Value);
        }

        if (Compact().Match(written) is { Success: true } compact)
        {
            return Day(compact.Groups[1].Value, compact.Groups[2].Value, compact.Groups[3].Value);
        }

        if (Dotted().Match(written) is { Success: true } dotted)
        {
            return Day(dotted.Groups[3].Value, dotted.Groups[2].Value, dotted.Groups[1].Value);
        }

        if (Slashed().Match(written) is { Success: true } slashed)
        {
            var (first, second) = (slashed.Groups[1].Value, slashed.Groups[3].Value);
            return order == DayOrder.DayFirst
                ? Day(slashed.Groups[4].Value, second, first)
                : Day(slashed.Groups[4].Value, first, second);
        }

        // The part of the day after the comma is its time.
        return Serial().Match(written) is { Success: true } serial
            && int.Parse(serial.Groups[1].ValueSpan, CultureInfo.InvariantCulture) is >= FirstSerial and <= LastSerial and var days
                ? SpreadsheetStart.AddDays(days)
                : null;
    }

    static bool IsSlashed(string text) => Slashed().IsMatch(Time().Replace(text.Trim(), ""));

    static bool IsSerial(string text) => Serial().IsMatch(text.Trim());

    static DateOnly? Day(string year, string month, string day) => DateOnly.TryParseExact(
        $"{year}-{Number(month):00}-{Number(day):00}", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var read)
        ? read
        : null;

    static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    // "2026-03-01 00:00:00", "2026-03-01T08:15Z", "3/1/2026 8:15 AM".
    [GeneratedRegex(@"(?:[ ]+|T)[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:[ ]?[AaPp][Mm])?Z?$")]
    private static partial Regex Time();

    [GeneratedRegex(@"^([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})$")]
    private static partial Regex YearFirst();

    // As DICOM writes it.
    [GeneratedRegex("^([0-9]{4})([0-9]{2})([0-9]{2})$")]
    private static partial Regex Compact();

    // Only countries that begin with the day write dots.
    [GeneratedRegex(@"^([0-9]{1,2})\.[ ]?([0-9]{1,2})\.[ ]?([0-9]{4})$")]
    private static partial Regex Dotted();

    [GeneratedRegex(@"^([0-9]{1,2})([-/])([0-9]{1,2})\2([0-9]{4})$")]
    private static partial Regex Slashed();

    [GeneratedRegex("^([0-9]{5})(?:[.,][0-9]+)?$")]
    private static partial Regex Serial();
}
