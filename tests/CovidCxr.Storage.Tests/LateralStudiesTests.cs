using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace CovidCxr.Storage.Tests;

/// <summary>Studies of one image each, from before studies had several: which of them become images of another.</summary>
public sealed class LateralStudiesTests : IDisposable
{
    readonly TestFolder _folder = new(isMigrated: false);

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    static Study Film(string uid, int number, ViewPosition view, string? patient = "P-1", bool isWithdrawn = false) => new()
    {
        DicomStudyUid = uid,
        PatientNumber = patient,
        View = view,
        PixelHash = $"{uid}.{number}",
        ImageKey = $"{number}",
        Width = 2,
        Height = 3,
        BitsStored = 8,
        ReceivedAt = Rows.Morning.AddMinutes(number),
        IsWithdrawn = isWithdrawn,
        Status = view == ViewPosition.Lateral ? StudyStatus.Withheld : StudyStatus.Ready,
        StatusReason = view == ViewPosition.Lateral ? "lateral" : null,
    };

    [Fact]
    public async Task Upgrade_LateralThatNobodyHasSaidAnythingOf_IsAnImageOfTheOnlyFrontal_AndOthersStay()
    {
        var (frontal, lateral) = (Film("1.1", 1, ViewPosition.PA), Film("1.1", 2, ViewPosition.Lateral, "p-1"));
        lateral.Urgency = UrgencyReason.Isolation;
        var (early, late) = (Film("1.2", 1, ViewPosition.AP, null), Film("1.2", 9, ViewPosition.Lateral, null));
        Study[] staying =
        [
            Film("2.1", 1, ViewPosition.PA), Film("2.1", 2, ViewPosition.Lateral),
            Film("2.2", 1, ViewPosition.PA), Film("2.2", 2, ViewPosition.AP), Film("2.2", 3, ViewPosition.Lateral),
            Film("2.3", 1, ViewPosition.PA), Film("2.3", 2, ViewPosition.Lateral, "P-2"),
            Film("2.4", 1, ViewPosition.PA), Film("2.4", 2, ViewPosition.Unknown), Film("2.4", 3, ViewPosition.Lateral),
            Film("2.5", 1, ViewPosition.PA), Film("2.5", 2, ViewPosition.Lateral, isWithdrawn: true),
            Film("2.6", 1, ViewPosition.Lateral), Film("2.6", 2, ViewPosition.Lateral),
        ];
        await FillAsync([frontal, lateral, early, late, .. staying], readBy: [staying[1].Id, early.Id]);

        await new DatabaseSchema(_folder, _folder.Data, TimeProvider.System).UpdateAsync(Cancellation);

        await using var db = _folder.CreateDbContext();
        Assert.Equal(
            staying.Select(s => s.Id).Concat([frontal.Id, early.Id]).Order(),
            (await db.AllStudies.Select(s => s.Id).ToListAsync(Cancellation)).Order());
        var images = await db.StudyImages.OrderBy(i => i.PixelHash).ToListAsync(Cancellation);
        Assert.Equal([(lateral.Id, frontal.Id, false), (late.Id, early.Id, true)], images.Select(i => (i.Id, i.StudyId, i.IsLate)));
        Assert.Equal(
            (ViewPosition.Lateral, "1.1.2", "2", 2, 3, "lateral", lateral.ReceivedAt),
            (images[0].View, images[0].PixelHash, images[0].ImageKey, images[0].Width, images[0].Height, images[0].WithheldReason,
                images[0].ReceivedAt));
        Assert.Equal(UrgencyReason.Isolation, (await db.Studies.SingleAsync(s => s.Id == frontal.Id, Cancellation)).Urgency);
        Assert.Equal(frontal.Id, (await db.ReceivedObjects.SingleAsync(Cancellation)).StudyId);
        var look = await db.StudyAppearances.SingleAsync(Cancellation);
        Assert.Equal((frontal.Id, (Guid?)lateral.Id), (look.StudyId, look.ImageId));
        Assert.Empty(
            await db.Database.SqlQuery<string>($"SELECT \"table\" AS Value FROM pragma_foreign_key_check").ToListAsync(Cancellation));
    }

    // The tables of studies and readings are as they were.
    async Task FillAsync(Study[] studies, Guid[] readBy)
    {
        await using var db = _folder.CreateDbContext();
        await db.GetService<IMigrator>().MigrateAsync("OrderOfWork", Cancellation);
        db.AddRange(studies);
        db.AddRange(readBy.Select(id => Rows.Reading(id, Guid.NewGuid(), ReadingStage.Blind)));
        db.Add(new ReceivedObject { CallingAe = "CR1", Host = "h", StudyId = studies[1].Id });
        await db.SaveChangesAsync(Cancellation);
        await db.Database.ExecuteSqlAsync(
            $"INSERT INTO \"StudyAppearances\" (\"StudyId\", \"Hash\", \"Thumbnail\") VALUES ({studies[1].Id}, 'h', x'00')", Cancellation);
    }
}
