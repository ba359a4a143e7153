using System.Text;
using CovidCxr.Clinic.Policies;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Laboratory.Models;
using CovidCxr.Platform.Accounts;
using CovidCxr.Platform.Health;
using CovidCxr.Platform.Jobs;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Platform.Tests.Audit;

/// <summary>
/// The whole day of a clinic with a real model and every logger at its most talkative: who did what is in the audit trail, and nothing that
/// a patient is known by, no note and no password is in it, in a log line or in an exception.
/// </summary>
[Trait("Speed", "Slow")]
public sealed class WholeStoryTests : IAsyncLifetime
{
    const string Patient = "ZZ-PATIENT-4711", Note = "NOTE-widow-of-the-mayor", Password = "lantern fjord cobalt";

    readonly TestClinic _clinic = new(hasPeople: false, isReal: true, services: s => s.AddCovidCxrJobWorker(), settings: WorkerSettings);
    readonly List<Exception> _thrown = [];

    static (string, string)[] WorkerSettings => WorkerProcess.Settings;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _clinic.PrepareAccountsAsync(isDemo: false);
        await _clinic.Get<StartModel>().RunAsync(TestModels.First, Cancellation);
    }

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    async Task<Actor> HireAsync(string name, string role, Actor by)
    {
        Assert.Empty(await _clinic.RequestAsync<CreateAccount, IReadOnlyList<string>>(c => c.RunAsync(name, Password, [role], by)));
        return new(
            (await _clinic.Get<ListAccounts>().RunAsync(by, Cancellation)).Single(a => a.UserName == name).Id, name,
            new HashSet<string> { role });
    }

    async Task TryAsync(Func<Task> deed)
    {
        if (await Record.ExceptionAsync(deed) is { } e)
        {
            _thrown.Add(e);
        }
    }

    async Task<Guid> UploadAndWaitAsync(int seed, Actor reader)
    {
        var study = Assert.IsType<ImportStudyResult.Imported>(
            await _clinic.Get<ImportStudy>().RunAsync(TestClinic.Film(seed), new(Patient, AgeYears: 61), reader, Cancellation)).StudyId;
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        late.CancelAfter(TimeSpan.FromMinutes(5));
        await using var db = _clinic.Context();
        while (!await db.Studies.AnyAsync(
            s => s.Id == study && (s.Status == StudyStatus.Ready || s.Status == StudyStatus.Failed), late.Token))
        {
            await Task.Delay(50, late.Token);
        }

        return study;
    }

    DateOnly Today => DateOnly.FromDateTime(_clinic.Get<TimeProvider>().GetUtcNow().UtcDateTime);

    async Task<(Actor Reader, Guid Study)> LiveADayAsync()
    {
        var boss = TestClinic.Admin;
        var reader = await HireAsync("reader@clinic.example", Role.Radiologist, boss);
        var lead = await HireAsync("lead@clinic.example", Role.DepartmentLead, boss);
        var worker = _clinic.Services.GetServices<IHostedService>().OfType<JobWorker>().Single();
        await worker.StartAsync(Cancellation);

        await _clinic.RequestAsync<SignIn, SignInOutcome>(s => s.RunAsync("reader@clinic.example", Password, "10.0.0.1"));
        await _clinic.RequestAsync<SignIn, SignInOutcome>(s => s.RunAsync("reader@clinic.example", "meadow sextant amber", "10.0.0.1"));
        var study = await UploadAndWaitAsync(1, reader);
        await _clinic.Get<ImportStudy>().RunAsync(TestClinic.Film(1), new(Patient), reader, Cancellation);
        await _clinic.Get<ImportStudy>().RunAsync(Encoding.UTF8.GetBytes(Patient), new(Patient), reader, Cancellation);
        await _clinic.Get<ImportStudy>().RunAsync(TestClinic.Film(2), new(Patient + new string('x', 64)), reader, Cancellation);
        await _clinic.Get<ListStudies>().RunAsync(new(Text: Patient), reader, Cancellation);
        await _clinic.Get<GetHeatMap>().RunAsync(study, 0, reader, Cancellation);
        await _clinic.Get<GetStudy>().RunAsync(study, isView: true, reader, Cancellation);
        await _clinic.Get<GetPixels>().RunAsync(study, reader, Cancellation);

        await _clinic.ReadAsync(study, ReadingStage.Blind, reader, note: Note);
        var shown = (await _clinic.Get<GetStudy>().RunAsync(study, isView: false, reader, Cancellation))!.Prediction!.Id;
        var final = (RecordReadingResult.Recorded)await _clinic.ReadAsync(study, ReadingStage.Final, reader, shown, note: Note);
        await _clinic.ReadAsync(study, ReadingStage.Final, reader, shown, corrects: final.ReadingId, note: Note + " again");
        await _clinic.ReadAsync(study, ReadingStage.Final, reader, shown, note: Note);
        await _clinic.ReadAsync(study, ReadingStage.Final, reader, shown, corrects: final.ReadingId, note: Note);
        Assert.Null(await _clinic.Get<ChangeReadingPolicy>().RunAsync(ReadingPolicy.Concurrent, "to compare", Today, lead, Cancellation));
        await _clinic.Get<GetSystemState>().RunAsync(boss, Cancellation);
        await _clinic.RequestAsync<SignOut, int>(async s =>
        {
            await s.RunAsync(reader, isIdle: false);
            return 0;
        });

        // What goes wrong: a file that rots on the disk, a role that does not allow it, a table that is gone.
        await using (var db = _clinic.Context())
        {
            await File.WriteAllTextAsync(_clinic.Folder.Blobs.Single(), Patient, Cancellation);
            await TryAsync(() => _clinic.Get<GetPixels>().RunAsync(study, reader, Cancellation));
            await TryAsync(() => _clinic.Get<ImportStudy>().RunAsync(TestClinic.Film(3), new(Patient), lead, Cancellation));
            db.Jobs.Add(new Job
            {
                Kind = AnalyseStudy.JobKind,
                Payload = $$"""{"StudyId":"{{study}}"}""",
                MaxAttempts = 1,
                NotBefore = DateTimeOffset.MinValue
            });
            await db.SaveChangesAsync(Cancellation);
            while (await db.Jobs.AnyAsync(j => j.State == JobState.Queued || j.State == JobState.Running, Cancellation))
            {
                await Task.Delay(50, Cancellation);
            }

            await worker.StopAsync(Cancellation);
            await db.Database.ExecuteSqlRawAsync("""ALTER TABLE "Jobs" RENAME TO "Gone";""", Cancellation);
            await TryAsync(() => _clinic.Get<ImportStudy>().RunAsync(TestClinic.Film(4), new(Patient), reader, Cancellation));
            await db.Database.ExecuteSqlRawAsync("""ALTER TABLE "Gone" RENAME TO "Jobs";""", Cancellation);
        }

        return (reader, study);
    }

    [Fact]
    public async Task ADay_InTheAuditTrail_IsCompleteAndOnNobodysAccountButTheDoers()
    {
        var (reader, study) = await LiveADayAsync();

        var trail = (await _clinic.AuditAsync())
            .Select(a => (a.Action, a.Outcome, a.Detail, HasStudy: a.StudyId == study, IsReaders: a.UserId == reader.UserId)).ToList();

        Assert.Equal(
            [
                (AuditAction.ModelRegister, AuditOutcome.Succeeded, "version 1", false, false),
                (AuditAction.ModelActivate, AuditOutcome.Succeeded, "version 1, tried on 3 drawn phantoms", false, false),
                (AuditAction.AccountCreate, AuditOutcome.Succeeded, "reader@clinic.example: Radiologist", false, false),
                (AuditAction.AccountCreate, AuditOutcome.Succeeded, "lead@clinic.example: DepartmentLead", false, false),
                (AuditAction.SignIn, AuditOutcome.Succeeded, null, false, true),
                (AuditAction.SignIn, AuditOutcome.Refused, null, false, true),
                (AuditAction.StudyUpload, AuditOutcome.Succeeded, null, true, true),
                (AuditAction.StudyAnalysis, AuditOutcome.Succeeded, null, true, false),
                (AuditAction.StudyUpload, AuditOutcome.Succeeded, "duplicate", true, true),
                (AuditAction.StudyUpload, AuditOutcome.Refused, "NotAnImage", false, true),
                (AuditAction.StudyUpload, AuditOutcome.Refused, "details", false, true),
                (AuditAction.ListView, AuditOutcome.Succeeded, "worklist", false, true),
                (AuditAction.AccessRefused, AuditOutcome.Refused, "heat map before the own opinion", true, true),
                (AuditAction.StudyView, AuditOutcome.Succeeded, null, true, true),
                (AuditAction.StudyView, AuditOutcome.Succeeded, "image", true, true),
                (AuditAction.ReadingRecord, AuditOutcome.Succeeded, "Blind", true, true),
                (AuditAction.ReadingRecord, AuditOutcome.Succeeded, "Final", true, true),
                (AuditAction.ReadingCorrect, AuditOutcome.Succeeded, "Final", true, true),
                (
                    AuditAction.ReadingRecord, AuditOutcome.Refused, "The study has moved on since the form was opened. Reload the page.",
                    true, true),
                (
                    AuditAction.ReadingCorrect, AuditOutcome.Refused,
                    "Only your own latest finished reading can be corrected; a blind one stays locked.", true, true),
                (
                    AuditAction.PolicyChange, AuditOutcome.Succeeded, $"BlindedFirst to Concurrent from {Today:yyyy-MM-dd}: to compare",
                    false, false),
                (AuditAction.SignOut, AuditOutcome.Succeeded, null, false, true),
                (AuditAction.StudyAnalysis, AuditOutcome.Failed, null, true, false),
            ],
            trail);
    }

    [Fact]
    public async Task ADay_InLogsExceptionsAndTrail_NamesNoPatient()
    {
        await LiveADayAsync();

        Assert.Equal(3, _thrown.Count);
        string[] secrets = [Patient, Note, Password, "widow"];
        var said = _clinic.Logs.Lines.Concat(_thrown.Select(e => e.ToString()))
            .Concat((await _clinic.AuditAsync()).Select(a => a.Detail ?? "")).ToList();
        // The loggers did speak, about the queries too.
        Assert.Contains(said, l => l.Contains("Executed DbCommand", StringComparison.Ordinal));
        Assert.Contains(said, l => l.Contains("An exception occurred in the database", StringComparison.Ordinal));
        Assert.All(secrets, secret => Assert.DoesNotContain(said, l => l.Contains(secret, StringComparison.OrdinalIgnoreCase)));
    }
}
