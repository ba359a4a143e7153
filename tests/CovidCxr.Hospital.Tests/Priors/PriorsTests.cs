using System.Text;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Hospital;
using CovidCxr.Hospital.Peers;
using CovidCxr.Hospital.Priors;
using CovidCxr.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Hospital.Tests.Priors;

/// <summary>A patient's other films in an archive: Orthanc's, and one that answers whatever it likes.</summary>
public sealed class PriorsTests
{
    const string Archive = "PACS", Prefix = "1.2.826.0.1.3680043.10.999.1.";

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static async Task<TestHospital> HospitalWithAsync(string address)
    {
        var hospital = new TestHospital(
            ("Hospital:Receive", "false"), ("Hospital:Archives:0:Name", Archive), ("Hospital:Archives:0:Address", address));
        // The patient is known: one film is here.
        await hospital.ReceiveAsync(TestHospital.Film(77));
        return hospital;
    }

    static Task<FindPriorsResult> FindAsync(TestHospital hospital, string number = TestHospital.Patient) =>
        hospital.Clinic.Get<FindPriors>().RunAsync(Archive, number, TestClinic.Reader, Cancellation);

    static async Task<IReadOnlyList<PriorStudy>> FoundAsync(TestHospital hospital) =>
        Assert.IsType<FindPriorsResult.Found>(await FindAsync(hospital)).Studies;

    static Task<FetchedPriors> FetchAsync(TestHospital hospital, string study) =>
        hospital.Clinic.Get<FetchPriors>().RunAsync(Archive, study, TestHospital.Patient, TestClinic.Reader, Cancellation);

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task FilmsInOrthanc_AreFoundAndFetched_AndThenHere()
    {
        Orthanc.NeedDicomWeb();
        var http = FreePort.Find();
        await using var hospital = await HospitalWithAsync($"http://127.0.0.1:{http}/dicom-web");
        await using var orthanc = await Orthanc.StartAsync(hospital, FreePort.Find(), sendsTo: 1, http);
        foreach (var film in new[] { TestHospital.Film(1), TestHospital.Film(2), TestHospital.Film(3, patient: "P-other") })
        {
            using var content = new ByteArrayContent(film);
            Assert.True((await orthanc.Client.PostAsync("/instances", content, Cancellation)).IsSuccessStatusCode);
        }

        var found = await FoundAsync(hospital);
        Assert.Equal([(Prefix + "1", 0), (Prefix + "2", 0)], found.Select(s => (s.Uid, s.Here)).Order());
        Assert.All(found, s => Assert.Equal("CR", s.Modalities));

        Assert.Equal(new FetchedPriors(1, 0, 0, null), await FetchAsync(hospital, Prefix + "1"));
        var received = await hospital.Clinic.Context().ReceivedObjects.SingleAsync(r => r.CallingAe == Archive, Cancellation);
        Assert.Equal("127.0.0.1", received.Host);
        await hospital.Clinic.Get<Hospital.Inbox.FileReceived>().RunAsync(received.Id, Cancellation);
        Assert.Equal(ReceivedState.Filed, (await hospital.GetAsync(received.Id)).State);
        Assert.Equal(
            [(Prefix + "1", true), (Prefix + "2", false)], (await FoundAsync(hospital)).Select(s => (s.Uid, s.IsHere)).Order());

        // The trail says who, and never the number.
        var trail = await hospital.Clinic.AuditAsync(AuditAction.PriorFilms);
        Assert.Equal(3, trail.Count);
        Assert.All(trail, a =>
        {
            Assert.DoesNotContain(TestHospital.Patient, a.Detail, StringComparison.Ordinal);
            Assert.NotNull(a.StudyId);
        });
    }

    [Fact]
    public async Task ArchiveThatGivesOtherPatients_GetsNoneOfThemIn()
    {
        await using var archive = await StrangeArchive.StartAsync();
        await using var hospital = await HospitalWithAsync(archive.Address);
        archive.List = $"[{Study("9.1", "P-other")}, {Study("9.2", TestHospital.Patient)}, {Study("x", TestHospital.Patient)}, 7, {{}}]";
        archive.Objects = [TestHospital.Film(1), TestHospital.Film(2, patient: "P-other"), Encoding.ASCII.GetBytes("no DICOM")];

        Assert.Equal(["9.2"], (await FoundAsync(hospital)).Select(s => s.Uid));
        Assert.Contains($"PatientID={TestHospital.Patient}", archive.Asked, StringComparison.Ordinal);
        Assert.Equal(new FetchedPriors(1, 1, 1, null), await FetchAsync(hospital, Prefix + "1"));
        Assert.Equal(1, await hospital.CountAsync(ReceivedState.Waiting));
    }

    [Theory]
    [InlineData("P-*", "it has *")]
    [InlineData("P-4711?", "it has *")]
    [InlineData("", "No film here")]
    [InlineData("P-of-nobody", "No film here")]
    public async Task NumberOfNobodyHere_OrThatAnArchiveWouldTakeForMany_IsNotAsked(string number, string words)
    {
        await using var archive = await StrangeArchive.StartAsync();
        await using var hospital = await HospitalWithAsync(archive.Address);
        if (number.Length == 3 || number.Contains('?', StringComparison.Ordinal))
        {
            await hospital.ReceiveAsync(TestHospital.Film(78, patient: number));
        }

        Assert.Contains(
            words, Assert.IsType<FindPriorsResult.Refused>(await FindAsync(hospital, number)).Message, StringComparison.Ordinal);
        Assert.NotNull((await hospital.Clinic.Get<FetchPriors>().RunAsync(
            Archive, "1.2.3", "P-of-nobody", TestClinic.Reader, Cancellation)).Refusal);
        Assert.Equal("", archive.Asked);
    }

    [Fact]
    public async Task ArchiveThatWritesTheNumberOtherwise_HasThePatientsFilms()
    {
        await using var archive = await StrangeArchive.StartAsync();
        await using var hospital = await HospitalWithAsync(archive.Address);
        archive.List = $"[{Study("9.5", " p-4711-Secret ")}]";
        archive.Objects = [TestHospital.Film(1, patient: "p-4711-secret")];

        Assert.Equal("9.5", Assert.Single(await FoundAsync(hospital)).Uid);
        Assert.Equal(1, (await FetchAsync(hospital, Prefix + "1")).Taken);
    }

    [Fact]
    public async Task StudyOfWhichAFilmIsHere_CanStillBeFetched()
    {
        await using var archive = await StrangeArchive.StartAsync();
        await using var hospital = await HospitalWithAsync(archive.Address);
        archive.List = $"[{Study(Prefix + "77", TestHospital.Patient, objects: 3)}]";

        var found = Assert.Single(await FoundAsync(hospital));

        Assert.Equal((1, 3, false), (found.Here, found.Objects, found.IsHere));
    }

    [Fact]
    public async Task ReaderWhoGoesAwayAmidAFetch_IsInTheTrailAllTheSame()
    {
        await using var archive = await StrangeArchive.StartAsync();
        await using var hospital = await HospitalWithAsync(archive.Address);
        archive.IsSilent = true;
        using var gone = new CancellationTokenSource(300);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => hospital.Clinic.Get<FetchPriors>().RunAsync(
            Archive, "1.2.3", TestHospital.Patient, TestClinic.Reader, gone.Token));

        var entry = Assert.Single(await hospital.Clinic.AuditAsync(AuditAction.PriorFilms));
        Assert.Equal(AuditOutcome.Failed, entry.Outcome);
    }

    [Theory]
    [InlineData(401, "[]", "may not look there")]
    [InlineData(302, "[]", "302")]
    [InlineData(200, "{}", "no list of studies")]
    [InlineData(200, "<html>", "no list of studies")]
    [InlineData(200, null, "longer than")]
    public async Task AnswerThatIsNone_IsToldInWords(int status, string? list, string words)
    {
        await using var archive = await StrangeArchive.StartAsync();
        await using var hospital = await HospitalWithAsync(archive.Address);
        (archive.Status, archive.List) = (status, list ?? $"[\"{new string('x', DicomWebClient.MaxListBytes)}\"]");

        Assert.Contains(words, Assert.IsType<FindPriorsResult.Refused>(await FindAsync(hospital)).Message, StringComparison.Ordinal);
        Assert.NotNull((await FetchAsync(hospital, "1.2.3")).Refusal);
    }

    [Fact]
    public async Task StringsThatAreNoUnicode_AndSilence_EndNothing()
    {
        await using var archive = await StrangeArchive.StartAsync();
        await using var hospital = await HospitalWithAsync(archive.Address);
        archive.List = $"[{Study("9.3", "\\ud800")}, {Study("9.4", TestHospital.Patient, "\\udc00")}, {{\"\\ud800aaaaaa\":1}}]";
        Assert.Null(Assert.Single(await FoundAsync(hospital)).Description);

        archive.IsSilent = true;
        hospital.Clinic.Get<DicomWebClient>().ListTimeout = TimeSpan.FromMilliseconds(300);
        Assert.Contains(
            "in time", Assert.IsType<FindPriorsResult.Refused>(await FindAsync(hospital)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhoIsNoReader_MayNotLook()
    {
        await using var hospital = await HospitalWithAsync("https://pacs.example/dicom-web");

        await Assert.ThrowsAsync<AccessRefusedException>(() => hospital.Clinic.Get<FindPriors>().RunAsync(
            Archive, "1", TestClinic.Admin, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(() => hospital.Clinic.Get<FetchPriors>().RunAsync(
            Archive, "1.2", "1", TestClinic.Admin, Cancellation));
    }

    [Theory]
    [InlineData("PACS", "https://pacs.example/dicom-web", true)]
    [InlineData("PACS", "http://127.0.0.1:8042/dicom-web", true)]
    [InlineData("PACS", "http://pacs.example/dicom-web", false)]
    [InlineData("PACS", "https://user@pacs.example/", false)]
    [InlineData("a name of seventeen", "https://pacs.example/", false)]
    [InlineData("", "https://pacs.example/", false)]
    public void Address_MustBeSafe(string name, string address, bool isRight) => Assert.Equal(
        isRight,
        new HospitalOptionsValidator().Validate(null, new() { Archives = [new() { Name = name, Address = address }] }).Succeeded);

    static string Study(string uid, string patient, string description = "Chest", int objects = 1) =>
        $$$"""
        {"0020000D":{"vr":"UI","Value":["{{{uid}}}"]},"00100020":{"vr":"LO","Value":["{{{patient}}}"]},
         "00080061":{"vr":"CS","Value":["DX"]},"00081030":{"vr":"LO","Value":["{{{description}}}"]},
         "00201208":{"vr":"IS","Value":[{{{objects}}}]}}
        """;

    sealed class StrangeArchive : IAsyncDisposable
    {
        readonly WebApplication _app;

        StrangeArchive(WebApplication app) => _app = app;

        public string Address => _app.Urls.Single() + "/dicom-web";

        public int Status { get; set; } = 200;

        public string List { get; set; } = "[]";

        public IReadOnlyList<byte[]> Objects { get; set; } = [];

        public bool IsSilent { get; set; }

        public string Asked { get; private set; } = "";

        public static async Task<StrangeArchive> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var archive = new StrangeArchive(builder.Build());
            archive._app.Run(archive.AnswerAsync);
            await archive._app.StartAsync();
            return archive;
        }

        public ValueTask DisposeAsync() => _app.DisposeAsync();

        async Task AnswerAsync(HttpContext context)
        {
            Asked = context.Request.Path + context.Request.QueryString;
            context.Response.StatusCode = Status;
            if (IsSilent)
            {
                await Task.Delay(TimeSpan.FromMinutes(1), context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return;
            }

            if (context.Request.Path == "/dicom-web/studies")
            {
                context.Response.ContentType = "application/dicom+json";
                await context.Response.WriteAsync(List, Cancellation);
                return;
            }

            using var content = new MultipartContent("related");
            foreach (var one in Objects)
            {
                content.Add(new ByteArrayContent(one));
            }

            context.Response.ContentType = Objects.Count > 0 ? content.Headers.ContentType!.ToString() : "text/html";
            await content.CopyToAsync(context.Response.Body, Cancellation);
        }
    }
}
