using System.Text.Json;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Models;
using CovidCxr.Engine.Serving;
using CovidCxr.Platform.Jobs;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Shadow;

/// <summary>
/// The job that lets the version in the shadow score a study which the active one has scored. It takes its turn only while the active one
/// has nothing to do, and whatever becomes of it, the study stays as it is.
/// </summary>
public sealed class ScoreShadow(
    IDbContextFactory<CovidCxrDbContext> contexts, StoredScans scans, ModelHost active, ShadowHost shadow, DataFolder folder,
    TimeProvider time) : IJobHandler
{
    public string Kind => ShadowPeriod.JobKind;

    public bool CanRun => !active.IsBusy;

    public int? Workers => 1;

    public async Task<Func<CovidCxrDbContext, Task>> RunAsync(Job job, CancellationToken cancellation)
    {
        var studyId = JsonSerializer.Deserialize<AnalyseStudy.Payload>(job.Payload)!.StudyId;
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var open = await (
            from p in db.ShadowPeriods
            join m in db.ModelVersions on p.ModelVersionId equals m.Id
            where p.IsOpen && !db.ShadowPredictions.Any(x => x.StudyId == studyId && x.PeriodId == p.Id)
            select new { p.Id, p.ModelVersionId, m.FileKey, m.Sha256 }).SingleOrDefaultAsync(cancellation);
        var image = open is null
            ? null
            : await db.Studies.Where(s => s.Id == studyId && s.PredictionId != null).Select(s => s.ImageKey)
                .SingleOrDefaultAsync(cancellation);
        if (open is null || image is null)
        {
            // Ended, scored before, withdrawn or withheld since: there is nothing to do.
            return _ => Task.CompletedTask;
        }

        ShadowAnswer answer;
        try
        {
            answer = await shadow.RunAsync(
                Path.Combine(folder.Models, open.FileKey), open.Sha256, await scans.ReadAsync(image, cancellation), cancellation);
        }
        finally
        {
            await UnloadUnlessOpenAsync();
        }

        return async store =>
        {
            if (!await store.ShadowPeriods.AnyAsync(p => p.Id == open.Id && p.IsOpen, CancellationToken.None))
            {
                return;
            }

            // Where the version was accepted here, the threshold that was chosen here decides, as it does for the active one.
            var accepted = await LocalThreshold.FindAsync(store, open.ModelVersionId, CancellationToken.None);
            store.ShadowPredictions.Add(new()
            {
                PeriodId = open.Id,
                StudyId = studyId,
                CreatedAt = time.GetUtcNow(),
                Score = answer.Score,
                Threshold = accepted?.Threshold ?? answer.Threshold,
            });
        };
    }

    public Task GiveUpAsync(CovidCxrDbContext db, Job job) => Task.CompletedTask;

    public void Ended(Job job)
    {
    }

    // A period that ended meanwhile gave the memory back before this study took it again.
    async Task UnloadUnlessOpenAsync()
    {
        await using var db = await contexts.CreateDbContextAsync();
        if (!await db.ShadowPeriods.AnyAsync(p => p.IsOpen))
        {
            await shadow.UnloadAsync(CancellationToken.None);
        }
    }
}
