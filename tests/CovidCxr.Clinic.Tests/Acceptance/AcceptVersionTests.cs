using CovidCxr.Clinic.Acceptance;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Studies;
using CovidCxr.Platform.Accounts;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Tests.Acceptance;

/// <summary>A department of demo accounts, which have passwords, with a version and films of its own.</summary>
[Trait("Speed", "Slow")]
public sealed class AcceptVersionTests : IAsyncLifetime
{
    static readonly DemoAccount Lead = SeedDemoAccounts.All.Single(a => a.Role == Role.DepartmentLead);

    readonly TestClinic _clinic = new(hasPeople: false);
    readonly ModelVersion _version = ReferencedFilms.Version(1);
    Actor _lead = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _clinic.PrepareAccountsAsync(isDemo: true);
        await using var db = _clinic.Context();
        var id = await db.Users.Where(u => u.UserName == Lead.UserName).Select(u => u.Id).SingleAsync(Cancellation);
        _lead = new(id, Lead.UserName, new HashSet<string> { Role.DepartmentLead });
        db.ModelVersions.Add(_version);
        await db.SaveChangesAsync(Cancellation);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<List<Guid>> FilmsAsync(int count, bool isIll, double first, double last, string? patient = null)
    {
        await using var db = _clinic.Context();
        return await ReferencedFilms.AddAsync(db, _version.Id, isIll, ReferencedFilms.Even(count, first, last), patient);
    }

    // Enough for intervals of 0.2: the threshold for 90% lies among the scores of the ill.
    async Task FillAsync()
    {
        await FilmsAsync(60, isIll: true, 0.3, 0.9);
        await FilmsAsync(110, isIll: false, 0.01, 0.5);
    }

    async Task<AcceptanceView> ViewAsync(Actor? actor = null, SiteQuestion? question = null) =>
        (await _clinic.Get<GetAcceptance>().RunAsync(_version.Id, question ?? new(), actor ?? _lead, Cancellation))!;

    async Task<string?> AcceptAsync(
        string? hash = null, string reason = "Measured in March.", string? password = null, AcceptanceView? seen = null)
    {
        seen ??= await ViewAsync();
        return await _clinic.Get<AcceptVersion>().RunAsync(
            new(
                _version.Id, new(), hash ?? seen.EvidenceHash, seen.History is [var newest, ..] ? newest.Id : null, reason,
                password ?? Lead.Password),
            _lead, Cancellation);
    }

    [Fact]
    public async Task Get_CountsTheFilmsOfThisVersionWithAReference_AndHowManyAreWanted()
    {
        await FillAsync();
        await FilmsAsync(20, isIll: false, 0.1, 0.2, patient: "many");
        await using (var db = _clinic.Context())
        {
            var other = ReferencedFilms.Version(2);
            db.ModelVersions.Add(other);
            await db.SaveChangesAsync(Cancellation);
            await ReferencedFilms.AddAsync(db, other.Id, isIll: true, [0.9, 0.8]);
            await ReferencedFilms.AddAsync(db, version: null, isIll: true, [0.9]);
        }

        var counts = (await ViewAsync()).Evidence.Counts;

        Assert.Equal((190, 171, 60, 130, 111), (counts.Films, counts.Patients, counts.Ill.Patients, counts.Others.Films,
            counts.Others.Patients));
        // 1.96² 0.9 0.1 / 0.1² = 34.6; of the others by the specificity that was found.
        Assert.Equal(35, counts.Ill.Wanted);
        Assert.InRange(counts.Others.Wanted, 30, 97);
        Assert.Equal(139, (await ViewAsync(question: new(Width: 0.1))).Evidence.Counts.Ill.Wanted);
    }

    [Fact]
    public async Task Get_ChoosesTheThresholdForTheSensitivity_AndSaysWhatToExpect()
    {
        await FillAsync();

        var evidence = (await ViewAsync()).Evidence;

        // The 54th of 60 from above is the first at which 90% are found.
        Assert.InRange(evidence.Local.Threshold!.Value, 0.30, 0.37);
        Assert.Equal(0.9, evidence.Local.Sensitivity.Value!.Value, 6);
        Assert.InRange(evidence.Chosen.Lower!.Value, 0.3, evidence.Chosen.Value!.Value);
        Assert.True(evidence.ByOthers.Sensitivity.Value <= evidence.Local.Sensitivity.Value + 0.05);
        Assert.True(evidence.Shipped.Sensitivity.Value < evidence.Local.Sensitivity.Value);
        Assert.True(evidence.Shipped.Specificity.Value > evidence.Local.Specificity.Value);
        Assert.True(evidence.Area.Lower > 0.5);
    }

    [Fact]
    public async Task Accept_WithTooFewPatients_IsRefusedAndSaysHowManyThereAre()
    {
        await FilmsAsync(20, isIll: true, 0.5, 0.9);
        await FilmsAsync(110, isIll: false, 0.01, 0.4);
        await FilmsAsync(30, isIll: true, 0.5, 0.9, patient: "one");

        Assert.Contains("21 of 35 patients with", await AcceptAsync(), StringComparison.Ordinal);
        Assert.Equal(0, await _clinic.CountAsync<LocalAcceptance>());
        Assert.Equal(AuditOutcome.Refused, Assert.Single(await _clinic.AuditAsync(AuditAction.LocalAcceptance)).Outcome);
    }

    /// <summary>One favourable patient fills no class: with one film again and again, or with films that bear no number.</summary>
    [Fact]
    public async Task Get_CountsNoCopy_AndNoFilmWithoutAPatientNumber()
    {
        var films = await FilmsAsync(40, isIll: true, 0.5, 0.9);
        var copies = await FilmsAsync(30, isIll: true, 0.5, 0.9);
        var nameless = await FilmsAsync(20, isIll: false, 0.1, 0.4);
        await using (var db = _clinic.Context())
        {
            await db.Studies.Where(s => copies.Contains(s.Id))
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.CopyOf, films[0]), Cancellation);
            await db.Studies.Where(s => nameless.Contains(s.Id))
                .ExecuteUpdateAsync(s => s.SetProperty(x => x.PatientNumber, (string?)null), Cancellation);
        }

        var counts = (await ViewAsync()).Evidence.Counts;

        Assert.Equal((40, 40, 0), (counts.Films, counts.Ill.Patients, counts.Others.Films));
    }

    [Fact]
    public async Task Accept_WhereSomebodyWithdrewItSince_IsRefused()
    {
        await FillAsync();
        Assert.Null(await AcceptAsync());
        var seen = await ViewAsync();
        Assert.Null(await _clinic.Get<WithdrawAcceptance>().RunAsync(seen.History[0].Id, "Another scanner.", _lead, Cancellation));

        Assert.Contains("since you opened the page", await AcceptAsync(seen: seen), StringComparison.Ordinal);
        Assert.Null((await ViewAsync()).InForce);
        Assert.Equal(AuditOutcome.Refused, (await _clinic.AuditAsync(AuditAction.LocalAcceptance))[^1].Outcome);
        Assert.Null(await AcceptAsync());
    }

    [Fact]
    public async Task Accept_OfAVersionThatGuesses_IsRefused()
    {
        await FilmsAsync(60, isIll: true, 0.1, 0.9);
        await FilmsAsync(110, isIll: false, 0.1, 0.9);

        Assert.Contains("not surely better than chance", await AcceptAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accept_IsSignedAuditedAndInForce_AndEndsWithItsWithdrawal()
    {
        await FillAsync();
        Assert.Null((await ViewAsync()).InForce);
        Assert.Null(await AcceptAsync());

        var view = await ViewAsync();
        Assert.Equal(view.Evidence.Local.Threshold, view.InForce!.Threshold);
        Assert.Equal(Lead.UserName, view.InForce.AcceptedByName);
        var entry = Assert.Single(await _clinic.AuditAsync(AuditAction.LocalAcceptance));
        Assert.Equal(AuditOutcome.Succeeded, entry.Outcome);
        Assert.StartsWith("version 1, threshold 0.3", entry.Detail, StringComparison.Ordinal);
        Assert.Contains(view.EvidenceHash, entry.Detail, StringComparison.Ordinal);

        var withdraw = _clinic.Get<WithdrawAcceptance>();
        var id = view.History[0].Id;
        Assert.Contains("Say why", await withdraw.RunAsync(id, " ", _lead, Cancellation), StringComparison.Ordinal);
        Assert.Null(await withdraw.RunAsync(id, "Another scanner.", _lead, Cancellation));
        Assert.Contains("does not hold", await withdraw.RunAsync(id, "Again.", _lead, Cancellation), StringComparison.Ordinal);
        Assert.Null((await ViewAsync()).InForce);
        Assert.Equal([true, false], (await ViewAsync()).History.Select(h => h.IsWithdrawal));
    }

    [Fact]
    public async Task Accept_Anew_ReplacesTheOlderOne()
    {
        await FillAsync();
        Assert.Null(await AcceptAsync());
        var before = (await ViewAsync()).InForce!.Threshold;
        await FilmsAsync(20, isIll: true, 0.05, 0.25);
        Assert.Null(await AcceptAsync());

        Assert.True((await ViewAsync()).InForce!.Threshold < before);
    }

    [Fact]
    public async Task Accept_OfFiguresThatHaveChangedSince_OrWithAWrongPassword_IsRefused()
    {
        await FillAsync();
        var seen = (await ViewAsync()).EvidenceHash;
        Assert.NotNull(await AcceptAsync(password: "another-password-9"));
        await FilmsAsync(1, isIll: true, 0.7, 0.7);

        Assert.Contains("have changed", await AcceptAsync(seen), StringComparison.Ordinal);
        Assert.Equal(0, await _clinic.CountAsync<LocalAcceptance>());
    }

    [Fact]
    public async Task Acceptance_ThatSomebodyChangesInTheDatabase_DoesNotHold()
    {
        await FillAsync();
        Assert.Null(await AcceptAsync());
        await using (var db = _clinic.Context())
        {
            await db.LocalAcceptances.ExecuteUpdateAsync(s => s.SetProperty(a => a.Threshold, 0.99), Cancellation);
        }

        Assert.Null((await ViewAsync()).InForce);
    }

    [Fact]
    public async Task Get_ForWhoReadsToo_CountsOnlyFilmsWhoseAnswersThePersonMayKnow()
    {
        await FillAsync();
        var reading = _lead with { Roles = new HashSet<string> { Role.DepartmentLead, Role.Radiologist } };

        var counts = (await ViewAsync(reading)).Evidence.Counts;

        Assert.Equal((0, true), (counts.Films, counts.IsSeenOnly));
    }

    [Fact]
    public async Task Get_ByAReader_IsRefused() =>
        await Assert.ThrowsAsync<AccessRefusedException>(() => ViewAsync(TestClinic.Reader));

    /// <summary>The threshold that was accepted decides new predictions of the version, and only those.</summary>
    [Fact]
    public async Task Analyse_OfAnAcceptedVersion_IsCalledAtTheLocalThreshold()
    {
        await using var clinic = new TestClinic();
        var version = await TestModels.ActivateAsync(clinic, TestModels.First);
        var before = await AnalysedAsync(clinic, 3);
        var study = await StudyAsync(clinic, before);
        await using (var db = clinic.Context())
        {
            var sha = await db.ModelVersions.Where(m => m.Id == version).Select(m => m.Sha256).SingleAsync(Cancellation);
            // On the other side of this film's score than 0.5.
            var threshold = study.Probability >= 0.5 ? 0.9999 : 0.0001;
            db.LocalAcceptances.Add(new()
            {
                ModelVersionId = version,
                Threshold = threshold,
                Evidence = "{}",
                EvidenceHash = LocalAcceptance.HashOf(sha, threshold, "{}"),
                Reason = "test",
                AcceptedByName = "lead",
            });
            await db.SaveChangesAsync(Cancellation);
        }

        var after = await AnalysedAsync(clinic, 3);

        await using var stored = clinic.Context();
        var (old, now) = (
            await stored.Predictions.SingleAsync(p => p.Id == before, Cancellation),
            await stored.Predictions.SingleAsync(p => p.Id == after, Cancellation));
        Assert.Equal(0.5, old.Threshold);
        Assert.NotEqual(0.5, now.Threshold);
        Assert.Equal(old.Probabilities, now.Probabilities);
        Assert.NotEqual(old.PredictedIndex, now.PredictedIndex);
        Assert.Equal(now.Classes[now.PredictedIndex], (await StudyAsync(clinic, after)).PredictedClass);
        Assert.Equal(
            now.Threshold,
            (await clinic.Get<GetStudy>().RunAsync(now.StudyId, isView: false, TestClinic.Lead, Cancellation))!.Prediction!.AcceptedHere!
                .Threshold);
    }

    static async Task<Study> StudyAsync(TestClinic clinic, Guid prediction)
    {
        await using var db = clinic.Context();
        return await db.Studies.AsNoTracking().SingleAsync(s => s.PredictionId == prediction, Cancellation);
    }

    static async Task<Guid> AnalysedAsync(TestClinic clinic, int film)
    {
        var imported = await clinic.Get<ImportStudy>().RunAsync(TestClinic.Film(film), new(), TestClinic.Reader, Cancellation);
        var id = imported is ImportStudyResult.Imported { StudyId: var fresh } ? fresh : await OnlyStudyAsync(clinic);
        await clinic.WorkAsync(AnalyseStudy.JobKind, id);
        await using var db = clinic.Context();
        return (await db.Studies.SingleAsync(s => s.Id == id, Cancellation)).PredictionId!.Value;
    }

    static async Task<Guid> OnlyStudyAsync(TestClinic clinic)
    {
        await using var db = clinic.Context();
        return await db.Studies.Select(s => s.Id).SingleAsync(Cancellation);
    }
}
