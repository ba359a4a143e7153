using CovidCxr.Clinic.Adjudication;
using CovidCxr.Clinic.Comparison;
using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.References;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Testing;
using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Adjudication;

/// <summary>From the disagreement of a reader and the model to a consensus with its history.</summary>
public sealed class AdjudicationTests : IAsyncLifetime
{
    readonly TestClinic _clinic = new();
    Guid _study;
    Guid _prediction;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _clinic.PrepareAccountsAsync(isDemo: false);
        await using (var db = _clinic.Context())
        {
            var role = await db.Roles.SingleAsync(r => r.Name == Role.Radiologist, Cancellation);
            db.UserRoles.AddRange(new[] { TestClinic.Reader, TestClinic.OtherReader, TestClinic.ReadingLead }.Select(
                a => new IdentityUserRole<Guid> { UserId = a.UserId, RoleId = role.Id }));
            await db.SaveChangesAsync(Cancellation);
        }

        (_study, _prediction) = await DisagreeAsync(seed: 1, "P-1", score: 0.9);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    /// <summary>The reader calls normal what the model calls COVID-19.</summary>
    async Task<(Guid Study, Guid Prediction)> DisagreeAsync(int seed, string patient, double score, Opinion opinion = Opinion.Normal)
    {
        var id = await _clinic.UploadAsync(seed, patient);
        var answer = await _clinic.PredictAsync(id, score);
        Assert.IsType<RecordReadingResult.Recorded>(await _clinic.ReadAsync(id, ReadingStage.Blind, opinion: opinion));
        Assert.IsType<RecordReadingResult.Recorded>(await _clinic.ReadAsync(id, ReadingStage.Final, shown: answer, opinion: opinion));
        return (id, answer);
    }

    Task<DiscordancePage> ListAsync(bool isOpen = true, Actor? actor = null) =>
        _clinic.Get<ListDiscordances>().RunAsync(new(), isOpen, actor ?? TestClinic.Lead, Cancellation);

    Task<RequestReadsResult> AskAsync(params Actor[] readers) =>
        _clinic.Get<RequestReads>().RunAsync([_study], [.. readers.Select(r => r.UserId)], TestClinic.Lead, Cancellation);

    async Task<AdjudicatedStudy> AdjudicationAsync() =>
        Assert.Single(await _clinic.Get<ListAdjudications>().RunAsync(TestClinic.Lead, Cancellation));

    [Fact]
    public async Task Discordances_AreThoseOfBlindAndModel_TheSurestFirst()
    {
        var (less, _) = await DisagreeAsync(2, "P-2", score: 0.6);
        await DisagreeAsync(3, "P-3", score: 0.95, Opinion.Covid19);
        await DisagreeAsync(4, "P-4", score: 0.95, Opinion.Indeterminate);

        var page = await ListAsync();

        Assert.Equal([_study, less], page.Studies.Select(s => s.StudyId));
        Assert.Equal(0.8 * 0.8, page.Studies[0].Sureness, 1e-12);
        Assert.Equal((2, 0, 3), (page.Total, page.Hidden, page.Readers.Count));
        await Assert.ThrowsAsync<AccessRefusedException>(() => ListAsync(actor: TestClinic.Reader));
    }

    [Fact]
    public async Task Discordances_OfALeadWhoReads_WaitForTheOwnReading()
    {
        Assert.Equal((0, 1), await ListAsync(actor: TestClinic.ReadingLead) is var page ? (page.Studies.Count, page.Hidden) : default);

        await _clinic.ReadAsync(_study, ReadingStage.Blind, TestClinic.ReadingLead);

        Assert.Single((await ListAsync(actor: TestClinic.ReadingLead)).Studies);
    }

    [Fact]
    public async Task RequestReads_OfSomebodyWhoHasReadOrIsNoReader_IsRefused()
    {
        Assert.Equal(["P-1: reader has read it."], (await AskAsync(TestClinic.Reader)).Refusals);
        Assert.Equal(["Choose one or two radiologists."], (await AskAsync(TestClinic.Admin)).Refusals);
        Assert.Equal(["Choose one or two radiologists."], (await AskAsync()).Refusals);
        Assert.Equal(1, (await AskAsync(TestClinic.OtherReader)).Asked);
        Assert.Equal(["P-1: other is asked already."], (await AskAsync(TestClinic.OtherReader)).Refusals);
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<RequestReads>().RunAsync([_study], [TestClinic.OtherReader.UserId], TestClinic.OtherReader, Cancellation));
        Assert.Equal("other", Assert.Single(await _clinic.AuditAsync(AuditAction.ReadRequest)).Detail);
    }

    [Fact]
    public async Task RequestReads_OfAnAnswerThatLeft_IsRefused_AndWhoWasAskedIsAskedNoMore()
    {
        await AskAsync(TestClinic.OtherReader);
        await using (var db = _clinic.Context())
        {
            await Disclosures.NoteLeftAsync(db, _study, _clinic.Time.GetUtcNow(), Cancellation);
        }

        Assert.Equal(
            ["P-1: the model's answer to it has left this program, where anybody may see it."],
            (await AskAsync(TestClinic.ReadingLead)).Refusals);
        Assert.Empty((await _clinic.Get<ListStudies>().RunAsync(new(IsAsked: true), TestClinic.OtherReader, Cancellation)).Items);
        Assert.Single((await ListAsync(isOpen: false, actor: TestClinic.ReadingLead)).Studies);
    }

    [Fact]
    public async Task AskedReader_UnderConcurrentReading_ReadsBlindAndIsToldNothing()
    {
        await _clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await AskAsync(TestClinic.OtherReader);

        var list = await _clinic.Get<ListStudies>().RunAsync(new(IsAsked: true), TestClinic.OtherReader, Cancellation);
        var item = Assert.Single(list.Items);
        Assert.Equal((_study, true, true, null, 1), (item.Id, item.IsAsked, item.IsLocked, item.Probability, list.Asked));
        Assert.Empty(
            (await _clinic.Get<ListStudies>().RunAsync(new(PredictedClass: "COVID-19"), TestClinic.OtherReader, Cancellation)).Items);
        var detail = await _clinic.Get<GetStudy>().RunAsync(_study, isView: true, TestClinic.OtherReader, Cancellation);
        Assert.Equal((ReadingStage.Blind, false, null), (detail!.NextStage, detail.IsRevealed, detail.Prediction));
        Assert.Null(await _clinic.Get<GetHeatMap>().RunAsync(_study, 1, TestClinic.OtherReader, Cancellation));
        Assert.IsType<RecordReadingResult.Refused>(
            await _clinic.ReadAsync(_study, ReadingStage.Concurrent, TestClinic.OtherReader, _prediction));

        Assert.IsType<RecordReadingResult.Recorded>(await _clinic.ReadAsync(_study, ReadingStage.Blind, TestClinic.OtherReader));

        Assert.Equal(0, (await _clinic.Get<ListStudies>().RunAsync(new(), TestClinic.OtherReader, Cancellation)).Asked);
        Assert.True((await _clinic.Get<GetStudy>().RunAsync(_study, isView: true, TestClinic.OtherReader, Cancellation))!.IsRevealed);
    }

    [Fact]
    public async Task TwoBlindedReaders_WhoAgree_MakeTheConsensusAndSupersedeTheOld()
    {
        await _clinic.Get<RecordReference>().RunAsync(
            new(new(_study, null, null), ReferenceSource.Consensus, ReferenceResult.Indeterminate, new(2026, 1, 1)), TestClinic.Lead,
            Cancellation);
        _clinic.Time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(1, (await AskAsync(TestClinic.OtherReader, TestClinic.ReadingLead)).Asked);
        Assert.Empty((await ListAsync()).Studies);
        Assert.Equal(AdjudicationState.Waiting, (await AdjudicationAsync()).State);

        await _clinic.ReadAsync(_study, ReadingStage.Blind, TestClinic.OtherReader, opinion: Opinion.Covid19);
        Assert.Equal(AdjudicationState.Waiting, (await AdjudicationAsync()).State);
        await _clinic.ReadAsync(_study, ReadingStage.Blind, TestClinic.ReadingLead, opinion: Opinion.Covid19);

        var settled = await AdjudicationAsync();
        Assert.Equal(AdjudicationState.Settled, settled.State);
        Assert.Equal([ReferenceResult.Positive, ReferenceResult.Indeterminate], settled.Findings.Select(f => f.Result));
        Assert.Equal(
            (settled.Findings[1].Id, "adjudication, blinded: other Covid19, reading-lead Covid19"),
            (settled.Findings[0].SupersedesId, settled.Findings[0].Basis));
        var compared = await _clinic.Get<CompareReaders>()
            .RunAsync(new(Reference: ReferencePolicy.Consensus), TestClinic.Lead, Cancellation);
        Assert.Equal(1, compared.Counts.Settled);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Readers_WhoDifferOrAreOne_LeaveItToTheLead(bool areTwo)
    {
        await AskAsync(areTwo ? [TestClinic.OtherReader, TestClinic.ReadingLead] : [TestClinic.OtherReader]);
        await _clinic.ReadAsync(_study, ReadingStage.Blind, TestClinic.OtherReader, opinion: Opinion.Covid19);
        await _clinic.ReadAsync(_study, ReadingStage.Blind, TestClinic.ReadingLead);
        Assert.Equal(AdjudicationState.NeedsDecision, (await AdjudicationAsync()).State);
        Assert.Equal(0, await _clinic.CountAsync<ReferenceFinding>());

        await _clinic.Get<RecordReference>().RunAsync(
            new(
                new(_study, null, null), ReferenceSource.Consensus, ReferenceResult.Negative, new(2026, 1, 1),
                Basis: "the lead's decision: an old scar"),
            TestClinic.Lead, Cancellation);

        var settled = await AdjudicationAsync();
        Assert.Equal(
            (AdjudicationState.Settled, "the lead's decision: an old scar"), (settled.State, Assert.Single(settled.Findings).Basis));
    }

    [Fact]
    public async Task Decision_WithAReasonThatIsTooLong_IsRefused()
    {
        var answer = await _clinic.Get<RecordReference>().RunAsync(
            new(
                new(_study, null, null), ReferenceSource.Consensus, ReferenceResult.Negative, new(2026, 1, 1),
                Basis: new('x', ReferenceFinding.MaxBasisLength + 1)),
            TestClinic.Lead, Cancellation);

        Assert.Equal("The reason must have at most 500 characters.", Assert.IsType<RecordReferenceResult.Refused>(answer).Message);
        Assert.Equal(0, await _clinic.CountAsync<ReferenceFinding>());
    }

    [Fact]
    public async Task SecondRead_OfEveryStudy_AsksWhoHasNotReadUntilSomebodyHas()
    {
        Assert.NotNull(await _clinic.Get<ChangeQualitySettings>().RunAsync(-1, 0.25, 0.8, TestClinic.Lead, Cancellation));
        Assert.Null(await _clinic.Get<ChangeQualitySettings>().RunAsync(1, 0.25, 0.8, TestClinic.Lead, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<ChangeQualitySettings>().RunAsync(1, 0.25, 0.8, TestClinic.Reader, Cancellation));

        var (drawn, answer) = await DisagreeAsync(5, "P-5", score: 0.2);

        Assert.Equal(
            drawn,
            Assert.Single((await _clinic.Get<ListStudies>().RunAsync(new(IsAsked: true), TestClinic.OtherReader, Cancellation)).Items).Id);
        Assert.Equal(0, (await _clinic.Get<ListStudies>().RunAsync(new(), TestClinic.Reader, Cancellation)).Asked);
        await _clinic.ReadAsync(drawn, ReadingStage.Blind, TestClinic.OtherReader);
        await _clinic.ReadAsync(drawn, ReadingStage.Final, TestClinic.OtherReader, answer);
        Assert.Equal(0, (await _clinic.Get<ListStudies>().RunAsync(new(), TestClinic.ReadingLead, Cancellation)).Asked);
        Assert.Empty(await _clinic.Get<ListAdjudications>().RunAsync(TestClinic.Lead, Cancellation));
    }

    [Fact]
    public async Task Thumbnail_ShowsTheHeatMapToWhomTheModelIsRevealed()
    {
        var lead = await _clinic.Get<GetStudyThumbnail>().RunAsync(_study, TestClinic.Lead, Cancellation);
        var blinded = await _clinic.Get<GetStudyThumbnail>().RunAsync(_study, TestClinic.OtherReader, Cancellation);

        // A PNG's kind of pixel: 0 grey, 2 colour.
        Assert.Equal((2, 0), (lead![25], blinded![25]));
        // Below the threshold it would show where nothing was found.
        var (below, _) = await DisagreeAsync(7, "P-7", score: 0.2);
        Assert.Equal(0, (await _clinic.Get<GetStudyThumbnail>().RunAsync(below, TestClinic.Lead, Cancellation))![25]);
        Assert.Null(await _clinic.Get<GetStudyThumbnail>().RunAsync(Guid.NewGuid(), TestClinic.Lead, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<GetStudyThumbnail>().RunAsync(_study, TestClinic.Admin, Cancellation));
    }
}
