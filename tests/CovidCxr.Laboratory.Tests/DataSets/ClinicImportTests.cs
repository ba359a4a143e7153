using System.Text.Json;
using CovidCxr.Clinic.References;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Jobs;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Laboratory.DataSets;
using CovidCxr.Learning.Data;
using CovidCxr.Platform.Jobs;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Laboratory.Tests.DataSets;

/// <summary>The clinic's own studies as a training set: what the rule lets in, and nothing that says who they are.</summary>
public sealed class ClinicImportTests : IAsyncLifetime
{
    static readonly ImportOrigin FromClinic = new(null, null, IsClinic: true);

    readonly TestClinic _clinic = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => _clinic.DisposeAsync();

    [Fact]
    public async Task Import_OfReadStudies_TakesReferencesAndBlindReadingsAlone()
    {
        var positive = await ReferredAsync(1, "PAT-0815", ReferenceResult.Positive);
        var negative = await ReferredAsync(2, "PAT-4711", ReferenceResult.Negative);
        var blind = await ReadAsync(3, "PAT-4711", (ReadingStage.Blind, Opinion.Normal));
        await ReadAsync(4, "PAT-1", (ReadingStage.Concurrent, Opinion.Covid19));
        await ReadAsync(5, "PAT-2", (ReadingStage.Blind, Opinion.Normal), (ReadingStage.Blind, Opinion.Covid19));
        await _clinic.UploadAsync(6, "PAT-3");

        var preview = await _clinic.Get<PreviewImport>().RunAsync(FromClinic, null, TestClinic.Admin, Cancellation);
        var version = await ImportAsync();

        Assert.Equal(
            [
                "Of 6 studies 3 may be trained on: 2 by a reference, 1 by readings made blind to the model that agree.",
                "1 left out: read with the model in sight alone, and without a reference.",
                "1 left out: references or blind readings that contradict each other or are indeterminate.",
                "1 left out: neither read nor with a reference.",
            ],
            preview.Remarks);
        Assert.Equal((DataSetState.Ready, 3, 2), (version.State, version.Images, version.Patients));
        var classes = Manifest(version).Images.ToDictionary(i => i.PixelHash!, i => i.Class);
        Assert.Equal(
            ["COVID-19", "Other", "Other"],
            [classes[await HashAsync(positive)], classes[await HashAsync(negative)], classes[await HashAsync(blind)]]);
    }

    [Fact]
    public async Task Import_OfPatients_KeepsThemApartAndNamesNobody()
    {
        var first = await ReferredAsync(1, "PAT-0815", ReferenceResult.Positive);
        await ReferredAsync(2, "PAT-0815", ReferenceResult.Negative);
        await ReferredAsync(3, "PAT-4711", ReferenceResult.Negative);
        await ReferredAsync(4, null, ReferenceResult.Negative);

        var version = await ImportAsync();

        var patients = Manifest(version).Images.Select(i => i.Patient).ToList();
        Assert.Equal(3, patients.Distinct().Count());
        var folder = _clinic.Folder.Data.DataSets;
        var everything = Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(folder, f) + (f.EndsWith(".json", StringComparison.Ordinal) ? File.ReadAllText(f) : ""))
            .ToList();
        Assert.DoesNotContain(everything, t =>
            t.Contains("PAT-", StringComparison.Ordinal) || t.Contains(first.ToString("D"), StringComparison.Ordinal)
                || t.Contains(first.ToString("N"), StringComparison.Ordinal));
        await using var db = _clinic.Context();
        Assert.DoesNotContain("PAT-", (await db.DataSetVersions.SingleAsync(Cancellation)).Recipe!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Import_OfStudiesWithSexAndAge_KeepsThem()
    {
        await ReferredAsync(1, "PAT-0815", ReferenceResult.Positive);
        await ReferredAsync(2, "PAT-4711", ReferenceResult.Negative);
        await using (var db = _clinic.Context())
        {
            var study = await db.Studies.SingleAsync(s => s.PatientNumber == "PAT-0815", Cancellation);
            (study.Sex, study.AgeYears) = (Sex.Female, 97);
            await db.SaveChangesAsync(Cancellation);
        }

        var images = Manifest(await ImportAsync()).Images.OrderBy(i => i.Class, StringComparer.Ordinal);

        Assert.Equal([("F", "90"), (null, null)], images.Select(i => (i.Sex, i.Age)));
    }

    [Fact]
    public async Task Pseudonyms_OfOneInstallation_AreTheSameAgainAndOfAnotherDiffer()
    {
        await using var other = new TestClinic();
        string Of(TestClinic of) => new Pseudonyms(of.Folder.Data).Of("p-", "PAT-0815");

        Assert.Equal(Of(_clinic), Of(_clinic));
        Assert.NotEqual(Of(_clinic), Of(other));
        Assert.Matches("^p-[0-9a-f]{16}$", Of(_clinic));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite,
                File.GetUnixFileMode(Path.Combine(_clinic.Folder.Data.Keys, "pseudonyms.key")));
        }
    }

    [Fact]
    public async Task Import_OfAStudyWhoseUploadIsGone_NamesItAsUnreadable()
    {
        await ReferredAsync(1, "PAT-0815", ReferenceResult.Positive);
        _clinic.Folder.Blobs.ToList().ForEach(File.Delete);

        Assert.NotNull(Assert.Single(Manifest(await ImportAsync()).Images).Problem);
    }

    [Fact]
    public async Task Preview_WithoutAnyTruth_SaysWhyNothingComes()
    {
        await _clinic.UploadAsync();

        var preview = await _clinic.Get<PreviewImport>().RunAsync(FromClinic, null, TestClinic.Admin, Cancellation);

        Assert.NotNull(preview.Problem);
        Assert.Contains("1 left out: neither read nor with a reference.", preview.Remarks);
    }

    [Fact]
    public async Task Import_BySomebodyElse_IsRefused()
    {
        foreach (Actor other in new[] { TestClinic.Reader, TestClinic.Lead })
        {
            await Assert.ThrowsAsync<AccessRefusedException>(
                () => _clinic.Get<PreviewImport>().RunAsync(FromClinic, null, other, Cancellation));
            await Assert.ThrowsAsync<AccessRefusedException>(() => _clinic.Get<StartImport>().RunAsync(
                "Clinic", new(FromClinic, new(), new Dictionary<string, string>()), other, Cancellation));
        }
    }

    async Task<DataSetVersion> ImportAsync()
    {
        var preview = await _clinic.Get<PreviewImport>().RunAsync(FromClinic, null, TestClinic.Admin, Cancellation);
        var recipe = new ImportRecipe(FromClinic, preview.Mapping, preview.Classes.ToDictionary(c => c.Class, c => c.Class));
        var id = Assert.IsType<StartImportResult.Started>(
            await _clinic.Get<StartImport>().RunAsync("Clinic", recipe, TestClinic.Admin, Cancellation)).VersionId;
        var job = new Job { Kind = MakeDataSet.JobKind, Payload = JsonSerializer.Serialize(new MakeDataSet.Payload(id)) };
        await using var db = _clinic.Context();
        await (await _clinic.Services.GetServices<IJobHandler>().OfType<MakeDataSet>().Single().RunAsync(job, Cancellation))(db);
        await db.SaveChangesAsync(Cancellation);
        return await db.DataSetVersions.SingleAsync(v => v.Id == id, Cancellation);
    }

    ImageManifest Manifest(DataSetVersion version) => _clinic.Get<DataSetPlaces>().Read(version.Id, version.ManifestHash);

    async Task<string> HashAsync(Guid study)
    {
        await using var db = _clinic.Context();
        return await db.Studies.Where(s => s.Id == study).Select(s => s.PixelHash).SingleAsync(Cancellation);
    }

    async Task<Guid> ReferredAsync(int film, string? patient, ReferenceResult result)
    {
        var study = await _clinic.UploadAsync(film, patient);
        await using var db = _clinic.Context();
        db.ReferenceFindings.Add(new()
        {
            StudyId = study,
            Source = ReferenceSource.RtPcr,
            Result = result,
            FoundOn = new(2026, 3, 1),
            EnteredBy = TestClinic.Lead.UserId,
            EnteredByName = "lead"
        });
        await db.SaveChangesAsync(Cancellation);
        return study;
    }

    async Task<Guid> ReadAsync(int film, string patient, params (ReadingStage Stage, Opinion Opinion)[] readings)
    {
        var study = await _clinic.UploadAsync(film, patient);
        await using var db = _clinic.Context();
        db.Readings.AddRange(readings.Select((r, i) => new Reading
        {
            StudyId = study,
            ReaderId = (i == 0 ? TestClinic.Reader : TestClinic.OtherReader).UserId,
            Stage = r.Stage,
            Opinion = r.Opinion,
            Confidence = 3,
            SubmissionId = Guid.NewGuid(),
        }));
        await db.SaveChangesAsync(Cancellation);
        return study;
    }
}
