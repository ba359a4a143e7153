using System.Text.Json;
using CovidCxr.Domain.Models;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Clinic.Studies;

/// <summary>Asks for the score of the version in the shadow, where there is one, in the transaction that stores the active one's.</summary>
static class ShadowQueue
{
    // What fails as often is given up: nobody waits for it.
    const int MaxAttempts = 3;

    public static async Task AddToAsync(CovidCxrDbContext db, Guid studyId, DateTimeOffset now)
    {
        if (await db.ShadowPeriods.AnyAsync(p => p.IsOpen))
        {
            db.Jobs.Add(new()
            {
                Kind = ShadowPeriod.JobKind,
                Payload = JsonSerializer.Serialize(new AnalyseStudy.Payload(studyId)),
                MaxAttempts = MaxAttempts,
                NotBefore = now,
                CreatedAt = now,
            });
        }
    }
}
