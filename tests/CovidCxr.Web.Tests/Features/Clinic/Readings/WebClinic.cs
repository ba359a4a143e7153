using System.Security.Claims;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

/// <summary>A clinic for pages, in the services of a host: two readers, a lead, an administrator, and one active model.</summary>
sealed class WebClinic : IDisposable
{
    public static readonly Actor[] People = [TestClinic.Reader, TestClinic.OtherReader, TestClinic.Lead, TestClinic.Admin];

    static readonly ModelVersion Model = new()
    {
        Id = Guid.Parse("0198f000-0000-7000-8000-0000000000cc"),
        Number = 4,
        Name = "secret-model",
        Architecture = "densenet169",
        Sha256 = "00",
        FileKey = "m",
        HeaderJson = "{}",
        IsActive = true,
    };

    readonly TestFolder _folder = new();

    /// <summary>Adds what a server with this clinic needs.</summary>
    public void AddServices(IServiceCollection services) =>
        TestClinic.AddRooms(services.AddLogging(), _folder.Data.Root, ("Imaging:MinSidePixels", "1"));

    /// <summary>Fills a database that has the schema alone.</summary>
    public static async Task OpenAsync(IServiceProvider services)
    {
        await using var db = Context(services);
        db.AddPeople(People);
        db.ModelVersions.Add(Model);
        await db.SaveChangesAsync();
    }

    public static CovidCxrDbContext Context(IServiceProvider services) =>
        services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext();

    /// <summary>A study of a 3 x 2 film, analysed unless told otherwise: COVID-19 0.8765.</summary>
    /// <param name="classes">Of the model, the positive one last; null for those of COVID-19.</param>
    public static async Task<Guid> AddStudyAsync(
        IServiceProvider services, string? patient = "P-1", StudyStatus status = StudyStatus.Ready, string? reason = null, int day = 1,
        int bits = 16, string[]? classes = null)
    {
        var image = new GreyImage(3, 2, bits, [1, 2, 3, 4, 5, (ushort)(bits == 16 ? 60000 + day : 200 + day)]);
        await using var db = Context(services);
        var study = new Study
        {
            PatientNumber = patient,
            AcquiredOn = new DateOnly(2026, 3, day),
            View = ViewPosition.PA,
            ReceivedAt = new(2026, 3, day, 10, 0, 0, TimeSpan.Zero),
            UploadedBy = TestClinic.Reader.UserId,
            PixelHash = image.PixelHash(),
            Width = 3,
            Height = 2,
            BitsStored = bits,
            Status = StudyStatus.Queued,
            ImageKey = await services.GetRequiredService<BlobStore>().SaveAsync(PngEncoder.Encode(image), CancellationToken.None),
        };
        db.Studies.Add(study);
        await db.SaveChangesAsync();
        await ChangeStatusAsync(services, study.Id, status, reason, classes);
        return study.Id;
    }

    /// <summary>As the analysis would, and tells the open pages.</summary>
    public static async Task ChangeStatusAsync(
        IServiceProvider services, Guid studyId, StudyStatus status, string? reason = null, string[]? classes = null)
    {
        await using var db = Context(services);
        var study = await db.Studies.SingleAsync(s => s.Id == studyId);
        (study.Status, study.StatusReason) = (status, reason);
        if (status == StudyStatus.Ready)
        {
            db.AddPrediction(
                study, Model.Id, probability: 0.8765, threshold: 0.4321, "secret-device", TimeSpan.FromMilliseconds(77), classes: classes);
        }

        await db.SaveChangesAsync();
        services.GetRequiredService<StudyChanges>().Publish(studyId);
    }

    public static async Task SetPolicyAsync(IServiceProvider services, ReadingPolicy policy)
    {
        await using var db = Context(services);
        db.PolicyChanges.Add(new() { Policy = policy, ChangedBy = TestClinic.Lead.UserId, ChangedByName = TestClinic.Lead.UserName });
        await db.SaveChangesAsync();
    }

    public static ClaimsPrincipal Principal(Actor actor) => new(new ClaimsIdentity(
        [new(ClaimTypes.NameIdentifier, actor.UserId.ToString()), new(ClaimTypes.Name, actor.UserName), .. actor.Roles.Select(r =>
            new Claim(ClaimTypes.Role, r))],
        "test"));

    public void Dispose() => _folder.Dispose();
}
