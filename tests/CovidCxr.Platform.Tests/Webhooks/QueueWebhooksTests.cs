using System.Text.Json;
using CovidCxr.Clinic.Corrections;
using CovidCxr.Clinic.References;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Domain.Webhooks;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Webhooks;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Tests.Webhooks;

/// <summary>What becomes a message, and what is in it: which study and what happened, and nothing that tells of an answer.</summary>
public sealed class QueueWebhooksTests : IAsyncLifetime
{
    readonly TestFolder _secrets = new();
    readonly TestClinic _clinic;

    public QueueWebhooksTests() => _clinic = new(settings:
    [
        .. WebhookProgram.Settings(_secrets.Data.Root, "https://ris.example.org/hooks"),
        .. WebhookProgram.Settings(_secrets.Data.Root, "https://pacs.example.org/hooks", "PACS", 1),
        ("Webhooks:Addresses:1:Events:0", "study.read"),
    ]);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await _clinic.Get<QueueWebhooks>().PrepareAsync(Cancellation);

    public async ValueTask DisposeAsync()
    {
        await _clinic.DisposeAsync();
        _secrets.Dispose();
    }

    async Task<IReadOnlyList<WebhookMessage>> QueueAsync(string address = "RIS")
    {
        await _clinic.Get<QueueWebhooks>().RunAsync(Cancellation);
        await using var db = _clinic.Context();
        return await db.WebhookMessages.Where(m => m.Address == address).OrderBy(m => m.StudyId).ThenBy(m => m.Event)
            .ToListAsync(Cancellation);
    }

    async Task ChangeAsync(Guid study, Func<StudyParticulars, StudyParticulars> change)
    {
        await using var db = _clinic.Context();
        var now = StudyParticulars.Of(await db.AllStudies.SingleAsync(s => s.Id == study, Cancellation));
        var last = await db.StudyChanges.Where(c => c.StudyId == study).MaxAsync(c => (long?)c.Id, Cancellation) ?? 0;
        Assert.IsType<ChangeStudyResult.Changed>(await _clinic.Get<ChangeStudy>().RunAsync(
            new(study, change(now), "for a test", last, IsConfirmed: true), TestClinic.Lead, Cancellation));
    }

    [Fact]
    public async Task Events_OfAStudysLife_AreQueued()
    {
        var study = await _clinic.UploadAsync(1, "P-SECRET");
        await _clinic.Get<AuditLog>().RecordAsync(null, AuditAction.StudyAnalysis, AuditOutcome.Succeeded, study);
        var prediction = await _clinic.PredictAsync(study);
        Assert.IsType<CovidCxr.Clinic.Readings.RecordReadingResult.Recorded>(await _clinic.ReadAsync(study, ReadingStage.Blind));
        Assert.IsType<CovidCxr.Clinic.Readings.RecordReadingResult.Recorded>(
            await _clinic.ReadAsync(study, ReadingStage.Final, shown: prediction));
        Assert.IsType<RecordReferenceResult.Recorded>(await _clinic.Get<RecordReference>().RunAsync(
            new(new(study, null, null), ReferenceSource.RtPcr, ReferenceResult.Positive, new(2026, 3, 1)), TestClinic.Lead, Cancellation));
        await ChangeAsync(study, p => p with { Sex = Sex.Female });
        await ChangeAsync(study, p => p with { IsWithdrawn = true });
        await using (var db = _clinic.Context())
        {
            var withdrawal = await db.StudyChanges.MaxAsync(c => c.Id, Cancellation);
            Assert.IsType<ChangeStudyResult.Changed>(await _clinic.Get<UndoChange>().RunAsync(
                new(study, withdrawal, "for a test"), TestClinic.Lead, Cancellation));
        }

        var messages = await QueueAsync();

        Assert.Equal(
            ["reference.recorded", "study.changed", "study.read", "study.ready", "study.restored", "study.withdrawn"],
            messages.Select(m => m.Event));
        Assert.All(messages, m => Assert.Equal((study, WebhookState.Waiting), (m.StudyId, m.State)));
        Assert.Equal(["study.read"], (await QueueAsync("PACS")).Select(m => m.Event));
        // A second look adds nothing.
        Assert.Equal(6, (await QueueAsync()).Count);
    }

    [Fact]
    public async Task Bodies_SayWhichStudyAndNothingOfItsAnswer()
    {
        Guid[] studies = [TestClinic.Numbered(1), TestClinic.Numbered(2), TestClinic.Numbered(3)];
        AuditOutcome[] outcomes = [AuditOutcome.Succeeded, AuditOutcome.Refused, AuditOutcome.Failed];
        foreach (var (study, outcome) in studies.Zip(outcomes))
        {
            await _clinic.Get<AuditLog>().RecordAsync(null, AuditAction.StudyAnalysis, outcome, study, "withheld: 0.93 of COVID-19");
        }

        var bodies = (await QueueAsync()).Select(m => System.Text.Encoding.UTF8.GetString(SendWebhook.BodyOf(m))).ToList();

        // An answer, none, and a failure are the same but for the study.
        Assert.Equal(3, bodies.Count);
        Assert.Single(bodies.Zip(studies).Select(p => p.First.Replace($"{p.Second}", "", StringComparison.Ordinal)).Distinct());
        using var json = JsonDocument.Parse(bodies[0]);
        Assert.Equal(["type", "timestamp", "data"], json.RootElement.EnumerateObject().Select(p => p.Name));
        Assert.Equal(["studyId"], json.RootElement.GetProperty("data").EnumerateObject().Select(p => p.Name));
        Assert.Equal($"{_clinic.Time.GetUtcNow():yyyy-MM-ddTHH:mm:ss.fffZ}", json.RootElement.GetProperty("timestamp").GetString());
    }

    [Fact]
    public async Task Import_OfReferences_NamesNoStudy()
    {
        await _clinic.Get<AuditLog>().RecordAsync(
            TestClinic.Lead, AuditAction.ReferenceImport, AuditOutcome.Succeeded, detail: "2 new, 0 replaced, 0 known, 0 refused");

        var message = Assert.Single(await QueueAsync());

        Assert.Equal(("references.imported", null), (message.Event, message.StudyId));
        Assert.EndsWith("\"data\":{}}", System.Text.Encoding.UTF8.GetString(SendWebhook.BodyOf(message)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsRefusedOrOnlySeen_IsNoEvent()
    {
        var log = _clinic.Get<AuditLog>();
        var study = TestClinic.Numbered(1);
        await log.RecordAsync(TestClinic.Reader, AuditAction.ReadingRecord, AuditOutcome.Refused, study);
        await log.RecordAsync(TestClinic.Lead, AuditAction.StudyChange, AuditOutcome.Refused, study, "no");
        await log.RecordAsync(TestClinic.Reader, AuditAction.StudyView, AuditOutcome.Succeeded, study);

        Assert.Empty(await QueueAsync());
    }

    [Fact]
    public async Task TwoPrograms_AtOnce_QueueEachEventOnce()
    {
        for (var i = 0; i < 520; i++)
        {
            await _clinic.Get<AuditLog>().RecordAsync(
                TestClinic.Reader, AuditAction.ReadingRecord, AuditOutcome.Succeeded, TestClinic.Numbered(i), "Final");
        }

        await using var other = TestClinic.Build(
            _clinic.Folder.Data.Root, _clinic.Time, settings: WebhookProgram.Settings(_secrets.Data.Root, "https://ris.example.org/hooks"));
        var second = (QueueWebhooks)other.GetService(typeof(QueueWebhooks))!;
        await Task.WhenAll(
            Task.Run(() => _clinic.Get<QueueWebhooks>().RunAsync(Cancellation), Cancellation),
            Task.Run(() => second.RunAsync(Cancellation), Cancellation));

        var messages = await QueueAsync();
        Assert.Equal((520, 520), (messages.Count, messages.Select(m => m.StudyId).Distinct().Count()));
    }

    [Fact]
    public async Task Address_ThatIsNewOrSwitchedOffMeanwhile_GetsNothingOfBefore()
    {
        await _clinic.Get<AuditLog>().RecordAsync(null, AuditAction.StudyAnalysis, AuditOutcome.Succeeded, TestClinic.Numbered(1));
        Assert.Single(await QueueAsync());
        await using var off = TestClinic.Build(_clinic.Folder.Data.Root, _clinic.Time);
        await ((QueueWebhooks)off.GetService(typeof(QueueWebhooks))!).PrepareAsync(Cancellation);
        await _clinic.Get<AuditLog>().RecordAsync(null, AuditAction.StudyAnalysis, AuditOutcome.Succeeded, TestClinic.Numbered(2));
        await _clinic.Get<QueueWebhooks>().PrepareAsync(Cancellation);
        await _clinic.Get<AuditLog>().RecordAsync(null, AuditAction.StudyAnalysis, AuditOutcome.Succeeded, TestClinic.Numbered(3));

        var messages = await QueueAsync();

        Assert.Equal(
            [(TestClinic.Numbered(1), WebhookState.Cancelled), (TestClinic.Numbered(3), WebhookState.Waiting)],
            messages.Select(m => (m.StudyId!.Value, m.State)));
    }
}
