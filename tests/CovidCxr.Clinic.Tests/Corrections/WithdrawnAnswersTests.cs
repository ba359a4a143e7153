using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Corrections;

/// <summary>A withdrawn film may be brought back to be read: until then nothing tells a reader what the model says of it.</summary>
public sealed class WithdrawnAnswersTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    Guid _sick, _well;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        (_sick, _well) = (await AddAsync(seed: 1, "COVID-19", 0.9), await AddAsync(seed: 2, "Other", 0.1));
        await _clinic.ReadAsync(_sick, ReadingStage.Concurrent, TestClinic.OtherReader);
        foreach (var id in new[] { _sick, _well })
        {
            var particulars = (await OpenAsync(id, TestClinic.Lead)).Particulars;
            Assert.IsType<ChangeStudyResult.Changed>(await _clinic.Get<ChangeStudy>().RunAsync(
                new(id, particulars with { IsWithdrawn = true }, "Mixed up", 0), TestClinic.Lead, Cancellation));
        }
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<Guid> AddAsync(int seed, string answer, double probability)
    {
        var id = await _clinic.UploadAsync(seed, $"P-{seed}");
        await using var db = _clinic.Context();
        await db.Studies.Where(s => s.Id == id).ExecuteUpdateAsync(
            s => s.SetProperty(x => x.PredictedClass, answer).SetProperty(x => x.Probability, probability), Cancellation);
        return id;
    }

    async Task<StudyDetail> OpenAsync(Guid study, Actor actor) =>
        (await _clinic.Get<GetStudy>().RunAsync(study, isView: false, actor, Cancellation))!;

    async Task<List<Guid>> ListAsync(Actor actor, WorklistSort sort = WorklistSort.Unread, bool isDown = true, string? answer = null)
    {
        var query = new WorklistQuery(Sort: sort, Descending: isDown, PredictedClass: answer, IsWithdrawn: true);
        return [.. (await _clinic.Get<ListStudies>().RunAsync(query, actor, Cancellation)).Items.Select(i => i.Id)];
    }

    [Fact]
    public async Task List_TellsAReaderNoAnswer_ByFilterOrOrder()
    {
        Assert.Equal(2, (await ListAsync(TestClinic.Reader)).Count);
        Assert.Empty(await ListAsync(TestClinic.Reader, answer: "COVID-19"));
        Assert.Equal(
            await ListAsync(TestClinic.Reader, WorklistSort.Probability, isDown: false),
            await ListAsync(TestClinic.Reader, WorklistSort.Probability, isDown: true));
        Assert.Equal([_sick], await ListAsync(TestClinic.Lead, answer: "COVID-19"));
    }

    [Fact]
    public async Task Page_ShowsWhatOthersSaid_OnlyToWhoDoesNotRead()
    {
        Assert.Empty((await OpenAsync(_sick, TestClinic.ReadingLead)).Readings);
        Assert.Single((await OpenAsync(_sick, TestClinic.Lead)).Readings);
    }
}
