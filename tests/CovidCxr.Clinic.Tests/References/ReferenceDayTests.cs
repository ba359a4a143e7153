using CovidCxr.Clinic.References;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.References;

/// <summary>Days as people and spreadsheets write them: read, asked about or refused, never guessed.</summary>
public sealed class ReferenceDayTests : IAsyncLifetime
{
    const string Head = "patient_number;study_date;source;result;found_on\n";
    static readonly DateOnly FilmOf = new(2026, 1, 2);

    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _clinic.UploadAsync(1, "P-1");
        await _clinic.UploadAsync(2, "P-2");
        await using var db = _clinic.Context();
        await db.Studies.ExecuteUpdateAsync(s => s.SetProperty(x => x.AcquiredOn, FilmOf), Cancellation);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    [Theory]
    [InlineData("2026-02-13", 13)]
    [InlineData("2026/02/13", 13)]
    [InlineData("2026/2/3", 3)]
    [InlineData("20260213", 13)]
    [InlineData("13.02.2026", 13)]
    [InlineData("13.2.2026", 13)]
    [InlineData("13. 2. 2026", 13)]
    [InlineData("02.02.2026", 2)]
    // Dots are written by those alone who begin with the day.
    [InlineData("03.02.2026", 3)]
    [InlineData("13/02/2026", 13)]
    [InlineData("2/13/2026", 13)]
    [InlineData("13-02-2026", 13)]
    [InlineData("02/02/2026", 2)]
    [InlineData("13.02.2026 00:00", 13)]
    [InlineData("2026-02-13T08:15:00Z", 13)]
    [InlineData("2/13/2026 8:15:00 AM", 13)]
    [InlineData("46066", 13)]
    [InlineData("46066,5", 13)]
    [InlineData("46066.25", 13)]
    public async Task Preview_OfADay_ReadsItAndShowsHowItIsWritten(string written, int day)
    {
        var line = Assert.Single((await PreviewAsync($"{Head}P-1;02.01.2026;rt-pcr;positive;{written}\n")).Lines);

        Assert.Equal(
            (ReferenceOutcome.New, new DateOnly(2026, 2, day), written, FilmOf),
            (line.Outcome, line.FoundOn, line.FoundOnText, line.FilmOf));
        Assert.Equal("P-1 02.01.2026", line.Study);
    }

    [Theory]
    [InlineData("13.02.26")]
    [InlineData("31.02.2026")]
    [InlineData("2026-13-01")]
    [InlineData("13/13/2026")]
    [InlineData("13/02-2026")]
    [InlineData("20261301")]
    [InlineData("1")]
    [InlineData("99999")]
    [InlineData("4606,6")]
    [InlineData("13 Feb 2026")]
    [InlineData("\u0661\u0663.\u0660\u0662.2026")]
    [InlineData("=46066")]
    [InlineData("")]
    public async Task Preview_OfWhatIsNoDay_RefusesItsLineAloneAndSaysWhich(string written)
    {
        var plan = await PreviewAsync(
            $"{Head}P-1;02.01.2026;rt-pcr;positive;13.02.2026\nP-2;02.01.2026;rt-pcr;positive;{written}\n");

        Assert.Null(plan.Error);
        Assert.Equal([ReferenceOutcome.New, ReferenceOutcome.Refused], plan.Lines.Select(l => l.Outcome));
        Assert.Equal(3, plan.Lines[1].Line);
        Assert.Contains("found_on must be a date as yyyy-mm-dd, dd.mm.yyyy", plan.Lines[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preview_OfADayThatAnotherOfItsColumnDecides_FollowsIt()
    {
        var dayFirst = await PreviewAsync(
            Head + "P-1;02.01.2026;rt-pcr;positive;01/02/2026\nP-2;02.01.2026;rt-pcr;positive;13/02/2026\n");
        var monthFirst = await PreviewAsync(
            Head + "P-1;02.01.2026;rt-pcr;positive;02/01/2026\nP-2;02.01.2026;rt-pcr;positive;02/13/2026\n");

        Assert.Equal([new DateOnly(2026, 2, 1), new(2026, 2, 13)], dayFirst.Lines.Select(l => l.FoundOn));
        Assert.Equal([new DateOnly(2026, 2, 1), new(2026, 2, 13)], monthFirst.Lines.Select(l => l.FoundOn));
    }

    [Fact]
    public async Task Preview_OfColumnsThatNothingDecides_AsksOfEach_AndImportsOnlyWhatWasAnswered()
    {
        // The day 00/05 of the last line is none in either order, and decides nothing.
        var csv = Head + "P-1;01/02/2026;rt-pcr;positive;02/01/2026\nP-2;01/02/2026;rt-pcr;negative;02/02/2026\n"
            + "P-2;00/05/2026;rt-pcr;negative;02/02/2026\n";
        var asked = await PreviewAsync(csv);
        Assert.Empty(asked.Lines);
        Assert.Equal(
            [
                new DayQuestion("study_date", "01/02/2026", new(2026, 2, 1), new(2026, 1, 2)),
                new("found_on", "02/01/2026", new(2026, 1, 2), new(2026, 2, 1)),
            ],
            asked.Questions);
        Assert.Contains("Look at it again", await ImportAsync(csv, asked), StringComparison.Ordinal);

        var half = await PreviewAsync(csv, asked.Orders.With("study_date", DayOrder.MonthFirst));
        Assert.Equal("found_on", Assert.Single(half.Questions).Column);
        Assert.NotNull(await ImportAsync(csv, half));
        Assert.Equal(0, await _clinic.CountAsync<ReferenceFinding>());

        var whole = await PreviewAsync(csv, half.Orders.With("found_on", DayOrder.MonthFirst));
        Assert.Equal([FilmOf, FilmOf, null], whole.Lines.Select(l => l.FilmOf));
        // What is carried out is what was shown, by the same answers.
        Assert.NotNull(await ImportAsync(csv, whole with { Orders = whole.Orders.With("found_on", DayOrder.DayFirst) }));
        Assert.Null(await ImportAsync(csv, whole));
        await using var db = _clinic.Context();
        Assert.Equal(
            [new DateOnly(2026, 2, 1), new(2026, 2, 2)],
            (await db.ReferenceFindings.Select(f => f.FoundOn).ToListAsync(Cancellation)).Order());
    }

    [Fact]
    public async Task Preview_OfAColumnInTwoWays_RefusesTheFileAndNamesTheLines()
    {
        var plan = await PreviewAsync(
            Head + "P-1;02.01.2026;rt-pcr;positive;13/02/2026\nP-2;02.01.2026;rt-pcr;positive;02/13/2026\n");

        Assert.StartsWith(
            "found_on is written in two ways: 13/02/2026 in line 2, 02/13/2026 in line 3.", plan.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preview_OfADayThatNoCalendarHas_DecidesNothing()
    {
        var plan = await PreviewAsync(
            Head + "P-1;02.01.2026;rt-pcr;positive;01/02/2026\nP-2;02.01.2026;rt-pcr;positive;31/02/2026\n");

        Assert.Equal("found_on", Assert.Single(plan.Questions).Column);
    }

    [Fact]
    public async Task Preview_OfDayNumbersBesideSlashes_RefusesTheFile()
    {
        // A spreadsheet of another country took the first for a day, swapped, and left the second as text.
        var plan = await PreviewAsync(
            Head + "P-1;02.01.2026;rt-pcr;positive;46024\nP-2;02.01.2026;rt-pcr;positive;13/02/2026\n");

        Assert.StartsWith(
            "found_on has the spreadsheet's day number 46024 in line 2 beside 13/02/2026 in line 3", plan.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Submit_OfAProgram_TakesYyyyMmDdAlone()
    {
        var plan = await _clinic.Get<SubmitReferences>().RunAsync(
            [new(PatientNumber: "P-1", StudyDate: "2026-01-02", Source: "rt-pcr", Result: "positive", FoundOn: "13.02.2026")],
            isDryRun: false, TestClinic.Lead, Cancellation);

        Assert.Equal("found_on must be a date as yyyy-mm-dd.", Assert.Single(plan.Lines).Message);
    }

    [Fact]
    public void Refusal_OfASpreadsheetsOwnFile_SaysHowToSaveIt()
    {
        Assert.Contains("CSV UTF-8", ReferenceCsv.Refusal([0x50, 0x4B, 0x03, 0x04, 0x14]), StringComparison.Ordinal);
        Assert.Contains("CSV UTF-8", ReferenceCsv.Refusal([0xD0, 0xCF, 0x11, 0xE0, 0xA1]), StringComparison.Ordinal);
        Assert.Null(ReferenceCsv.Refusal("PK;source"u8));
        Assert.Null(ReferenceCsv.Refusal([]));
    }

    Task<ReferencePlan> PreviewAsync(string csv, DayOrders? orders = null) =>
        _clinic.Get<ImportReferences>().PreviewAsync(csv, TestClinic.Lead, Cancellation, orders);

    Task<string?> ImportAsync(string csv, ReferencePlan plan) =>
        _clinic.Get<ImportReferences>().RunAsync(csv, plan, TestClinic.Lead, Cancellation);
}
