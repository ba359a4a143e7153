using CovidCxr.Engine;
using System.Runtime.InteropServices;
using System.Security.Claims;
using CovidCxr.Clinic;
using CovidCxr.Clinic.Readings;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Imaging.Decoding;
using CovidCxr.Imaging.Rendering;
using CovidCxr.Laboratory;
using CovidCxr.Platform;
using CovidCxr.Storage;
using CovidCxr.Storage.Files;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

/// <summary>A clinic on a real SQLite file with the real use cases: two readers, a lead, an administrator, and one active model.</summary>
sealed class WebClinic : IAsyncDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("covidcxr-reading-").FullName;

    public static readonly Actor Reader = Person(1, "reader", Role.Radiologist);
    public static readonly Actor OtherReader = Person(2, "other", Role.Radiologist);
    public static readonly Actor Lead = Person(3, "lead", Role.DepartmentLead);
    public static readonly Actor Admin = Person(4, "admin", Role.Admin);

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

    /// <summary>Adds what a server with this clinic needs.</summary>
    public void AddServices(IServiceCollection services)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Storage:DataFolder"] = _folder, ["Imaging:MinSidePixels"] = "1" }).Build();
        services.AddLogging().AddSingleton<IConfiguration>(configuration).AddSingleton<IHostEnvironment>(new Place(_folder));
        services.AddCovidCxrStorage(configuration).AddCovidCxrPlatform(configuration).AddCovidCxrEngine(configuration).AddCovidCxrClinic().AddCovidCxrLaboratory(configuration);
    }

    public static async Task OpenAsync(IServiceProvider services)
    {
        await using var db = Context(services);
        await db.Database.MigrateAsync();
        db.Users.AddRange(new[] { Reader, OtherReader, Lead, Admin }.Select(a => new Account { Id = a.UserId, UserName = a.UserName, NormalizedUserName = a.UserName.ToUpperInvariant() }));
        db.ModelVersions.Add(Model);
        await db.SaveChangesAsync();
    }

    public static CovidCxrDbContext Context(IServiceProvider services) => services.GetRequiredService<IDbContextFactory<CovidCxrDbContext>>().CreateDbContext();

    /// <summary>A study of a 3 x 2 film, analysed unless told otherwise: COVID-19 0.8765.</summary>
    public static async Task<Guid> AddStudyAsync(IServiceProvider services, string? patient = "P-1", StudyStatus status = StudyStatus.Ready, string? reason = null, int day = 1, int bits = 16)
    {
        var image = new GreyImage(3, 2, bits, [1, 2, 3, 4, 5, (ushort)(bits == 16 ? 60000 + day : 200 + day)]);
        await using var db = Context(services);
        var study = new Study
        {
            PatientNumber = patient,
            AcquiredOn = new DateOnly(2026, 3, day),
            View = ViewPosition.PA,
            ReceivedAt = new(2026, 3, day, 10, 0, 0, TimeSpan.Zero),
            UploadedBy = Reader.UserId,
            PixelHash = image.PixelHash(),
            Width = 3,
            Height = 2,
            BitsStored = bits,
            Status = StudyStatus.Queued,
            ImageKey = await services.GetRequiredService<BlobStore>().SaveAsync(PngEncoder.Encode(image), CancellationToken.None),
        };
        db.Studies.Add(study);
        await db.SaveChangesAsync();
        await ChangeStatusAsync(services, study.Id, status, reason);
        return study.Id;
    }

    /// <summary>As the analysis would, and tells the open pages.</summary>
    public static async Task ChangeStatusAsync(IServiceProvider services, Guid studyId, StudyStatus status, string? reason = null)
    {
        await using var db = Context(services);
        var study = await db.Studies.SingleAsync(s => s.Id == studyId);
        (study.Status, study.StatusReason) = (status, reason);
        if (status == StudyStatus.Ready)
        {
            var prediction = new Prediction
            {
                StudyId = studyId,
                ModelVersionId = Model.Id,
                Classes = ["Unremarkable", "COVID-19"],
                Probabilities = [0.1235, 0.8765],
                PositiveIndex = 1,
                PredictedIndex = 1,
                Threshold = 0.4321,
                Elapsed = TimeSpan.FromMilliseconds(77),
                Device = "secret-device",
                MapWidth = 2,
                MapHeight = 1,
                HeatMaps = MemoryMarshal.AsBytes<float>([0f, 0.25f, 0.5f, 1f]).ToArray(),
            };
            db.Predictions.Add(prediction);
            (study.PredictionId, study.PredictedClass, study.Probability) = (prediction.Id, "COVID-19", 0.8765);
        }

        await db.SaveChangesAsync();
        services.GetRequiredService<StudyChanges>().Publish(studyId);
    }

    public static async Task SetPolicyAsync(IServiceProvider services, ReadingPolicy policy)
    {
        await using var db = Context(services);
        db.PolicyChanges.Add(new() { Policy = policy, ChangedBy = Lead.UserId, ChangedByName = Lead.UserName });
        await db.SaveChangesAsync();
    }

    public static ClaimsPrincipal Principal(Actor actor) => new(new ClaimsIdentity(
        [new(ClaimTypes.NameIdentifier, actor.UserId.ToString()), new(ClaimTypes.Name, actor.UserName), .. actor.Roles.Select(r => new Claim(ClaimTypes.Role, r))], "test"));

    public ValueTask DisposeAsync()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    static Actor Person(int number, string name, string role) => new(Guid.Parse($"0198f000-0000-7000-8000-{number:D12}"), name, new HashSet<string> { role });

    sealed class Place(string folder) : IHostEnvironment
    {
        public string EnvironmentName { get; set; } = "Test";

        public string ApplicationName { get; set; } = "Test";

        public string ContentRootPath { get; set; } = folder;

        public IFileProvider ContentRootFileProvider { get; set; } = new NullFileProvider();
    }
}
