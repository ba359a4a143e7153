using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Testing;

namespace CovidCxr.Clinic.Tests.Worklist;

/// <summary>Films that the lead has drawn for reading, by lot and by what a training would learn.</summary>
public sealed class DrawFilmsTests : ReadingRoom
{
    const StringComparison Ordinal = StringComparison.Ordinal;

    Task<WorklistChange> DrawAsync(int count, Actor? by = null) =>
        Clinic.Get<DrawFilms>().RunAsync(count, TestClinic.Reader.UserId, by ?? TestClinic.Lead, Cancellation);

    async Task<List<Guid>> AddAnsweredAsync(int count)
    {
        var films = await AddFilmsAsync(count);
        foreach (var (film, i) in films.Select((f, i) => (f, i)))
        {
            await Clinic.PredictAsync(film, (i + 0.5) / count, number: i + 1);
        }

        return films;
    }

    [Fact]
    public async Task Drawn_AreUnreadFilmsOfNobody_AndTheTrailSaysByWhatLot()
    {
        var films = await AddAnsweredAsync(9);
        await AssignAsync(films[0], TestClinic.OtherReader);
        await MarkAsync(films[1]);
        await WithdrawAsync(films[2]);

        Assert.Equal(2, (await DrawAsync(2)).Changed);
        var first = await IdsAsync(new(AssignedTo: TestClinic.Reader.UserId));
        await AssignAsync(first[0], to: null);
        Assert.Equal(2, (await DrawAsync(2)).Changed);
        Assert.Equal(
            "Draw at most half of what waits: 2 films have an answer, are nobody’s work and were in no lot before.",
            Assert.Single((await DrawAsync(2)).Refusals));

        var drawn = await IdsAsync(new(AssignedTo: TestClinic.Reader.UserId));
        Assert.Equal(3, drawn.Count);
        // Who gives a film back does not get it again by lot.
        Assert.DoesNotContain(first[0], drawn);
        Assert.Subset(films[3..].ToHashSet(), drawn.ToHashSet());
        var trail = await Clinic.AuditAsync(AuditAction.StudyAssign);
        Assert.Equal(2, trail.Count(a => a.Detail is { } lot && lot.StartsWith("drawn by lot, 2 of 6, odds up to 3 to 1, seed ", Ordinal)));
    }

    [Fact]
    public async Task Draw_ByAnotherThanTheLead_OfTooManyOrForNobody_IsRefused()
    {
        await AddAnsweredAsync(4);

        await Assert.ThrowsAsync<AccessRefusedException>(() => DrawAsync(1, TestClinic.Reader));
        Assert.Single((await DrawAsync(0)).Refusals);
        Assert.Single((await DrawAsync(WorklistChange.MostStudies + 1)).Refusals);
        Assert.Single((await Clinic.Get<DrawFilms>().RunAsync(1, TestClinic.Admin.UserId, TestClinic.Lead, Cancellation)).Refusals);
        Assert.Single((await Clinic.Get<DrawFilms>().RunAsync(
            1, TestClinic.ReadingLead.UserId, TestClinic.ReadingLead, Cancellation)).Refusals);
        Assert.Empty(await IdsAsync(new(AssignedTo: TestClinic.Reader.UserId)));
    }

    [Fact]
    public void Odds_AreHighestForTheLeastCertainAndTheStrangest_AndNeverAboveThree()
    {
        FilmLook usual = new(0.5, 0.25);
        List<FilmLook> read = [new(0.25, 0.125), usual, new(0.75, 0.375)];
        var odds = FilmLot.Odds(
            [
                new(TestClinic.Numbered(1), Margin: 0.4, usual), new(TestClinic.Numbered(2), 0.01, usual),
                new(TestClinic.Numbered(3), 0.4, new(0.9, 0.4)), new(TestClinic.Numbered(4), 0.2, new(null, null)),
                new(TestClinic.Numbered(5), -0.05, usual), new(TestClinic.Numbered(6), -0.1, usual),
            ],
            read);

        // The least certain of either side are the likeliest.
        Assert.Equal([1, 3, 3, 2, 3, 1], odds.Select(o => o.Odds));
    }

    [Fact]
    public void Lot_TakesEachAsOftenAsItsOddsSay_AndIsTheSameForOneSeed()
    {
        List<(Guid Id, double Odds)> films = [(TestClinic.Numbered(1), 1), (TestClinic.Numbered(2), 3)];
        var first = Enumerable.Range(0, 4000).Count(seed => FilmLot.Draw(films, 1, seed)[0] == films[1].Id);

        // 3 of 4; four standard deviations are 110.
        Assert.InRange(first, 2890, 3110);
        Assert.Equal(FilmLot.Draw(films, 2, 7), FilmLot.Draw(films, 2, 7));
    }
}
