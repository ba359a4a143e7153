using CovidCxr.Clinic.Worklist;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Worklist;

/// <summary>Which film comes next.</summary>
public sealed class FindNextStudyTests : ReadingRoom
{
    Task<Guid?> NextAsync(Guid? open = null, Actor? actor = null) =>
        Clinic.Get<FindNextStudy>().RunAsync(open, actor ?? TestClinic.Reader, Cancellation);

    async Task AskAsync(Guid film, Actor reader)
    {
        await using var db = Clinic.Context();
        db.ReadRequests.Add(new() { StudyId = film, Kind = ReadRequestKind.Adjudication, ReaderId = reader.UserId });
        await db.SaveChangesAsync(Cancellation);
    }

    [Fact]
    public async Task Next_OfAReader_IsUrgentThenAskedThenMineThenNobodys_AndAtLastTheUrgentOfOthers()
    {
        await Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        var films = await AddFilmsAsync(6);
        var (asked, urgent, mine, nobodys, others, othersUrgent) = (films[0], films[1], films[2], films[3], films[4], films[5]);
        await AskAsync(asked, TestClinic.Reader);
        await AssignAsync(asked, TestClinic.OtherReader);
        await MarkAsync(urgent);
        await MarkAsync(othersUrgent);
        await AssignAsync(mine, TestClinic.Reader);
        await AssignAsync(others, TestClinic.OtherReader);
        await AssignAsync(othersUrgent, TestClinic.OtherReader);

        List<Guid?> read = [];
        for (var next = await NextAsync(); next is { } film; next = await NextAsync())
        {
            read.Add(film);
            var isAsked = film == asked;
            await Clinic.ReadAsync(film, isAsked ? ReadingStage.Blind : ReadingStage.Concurrent);
            if (isAsked)
            {
                await Clinic.ReadAsync(film, ReadingStage.Final);
            }
        }

        Assert.Equal([urgent, asked, mine, nobodys, othersUrgent], read);
        Assert.Equal(others, await NextAsync(actor: TestClinic.OtherReader));
    }

    [Fact]
    public async Task Urgent_TheLongestWaitingComesFirst()
    {
        var films = await AddFilmsAsync(3);
        await MarkAsync(films[2]);
        await MarkAsync(films[1]);

        Assert.Equal(films[1], await NextAsync());
    }

    [Fact]
    public async Task FilmOfWhoReadsNoMore_IsNobodys_AndAReaderMayTakeIt()
    {
        var films = await AddFilmsAsync(3);
        await AssignAsync(films[0], TestClinic.OtherReader);
        await AssignAsync(films[1], TestClinic.OtherReader);
        await MarkAsync(films[0]);
        Assert.Equal(films[2], await NextAsync());
        Assert.Equal(0, (await AssignAsync(films[0], TestClinic.Reader, TestClinic.Reader)).Changed);

        await using (var db = Clinic.Context())
        {
            await db.Users.Where(u => u.Id == TestClinic.OtherReader.UserId).ExecuteUpdateAsync(
                s => s.SetProperty(u => u.IsDisabled, true), Cancellation);
        }

        Assert.Equal(films[0], await NextAsync());
        Assert.Equal(films[2], await NextAsync(films[0]));
        await Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await Clinic.ReadAsync(films[2], ReadingStage.Concurrent);
        Assert.Equal(films[1], await NextAsync(films[0]));
        Assert.Equal(1, (await AssignAsync(films[0], TestClinic.Reader, TestClinic.Reader)).Changed);
    }

    [Fact]
    public async Task Next_IsNeverTheOneThatIsOpen_AndOfEachTheNewest()
    {
        var films = await AddFilmsAsync(3);

        Assert.Equal(films[2], await NextAsync());
        Assert.Equal(films[1], await NextAsync(films[2]));
        await MarkAsync(films[0]);
        Assert.Equal(films[0], await NextAsync(films[2]));
        Assert.Equal(films[2], await NextAsync(films[0]));
    }

    [Fact]
    public async Task Next_OfALeadWhoDoesNotRead_PassesNothingBy()
    {
        var films = await AddFilmsAsync(2);
        await AssignAsync(films[0], TestClinic.Reader);
        await AssignAsync(films[1], TestClinic.OtherReader);
        await MarkAsync(films[0]);

        Assert.Equal(films[0], await NextAsync(actor: TestClinic.Lead));
        Assert.Equal(films[1], await NextAsync(films[0], TestClinic.Lead));
        // Not to and fro between the first two.
        Assert.Equal(films[0], await NextAsync(films[1], TestClinic.Lead));
        // Who leads and reads is a reader: of others' films the urgent one, when nothing else waits.
        Assert.Equal(films[0], await NextAsync(actor: TestClinic.ReadingLead));
        Assert.Null(await NextAsync(films[0], TestClinic.ReadingLead));
        await Assert.ThrowsAsync<AccessRefusedException>(() => NextAsync(actor: TestClinic.Admin));
    }

    [Fact]
    public async Task Next_OfALeadWhoDoesNotRead_GoesRoundAllUnreadFilms()
    {
        var films = await AddFilmsAsync(4);
        await MarkAsync(films[1]);
        Guid?[] round = [films[1], films[3], films[2], films[0], films[1]];

        foreach (var (open, next) in round.Zip(round[1..]))
        {
            Assert.Equal(next, await NextAsync(open, TestClinic.Lead));
        }
    }

    [Fact]
    public async Task Next_PassesWithdrawnFilmsBy()
    {
        var films = await AddFilmsAsync(1);
        await MarkAsync(films[0]);
        await WithdrawAsync(films[0]);

        Assert.Null(await NextAsync());
        Assert.Null(await NextAsync(actor: TestClinic.Lead));
    }
}
