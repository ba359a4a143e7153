using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Hospital;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Testing;
using CovidCxr.Web.Tests.Features.Clinic.Readings;
using CovidCxr.Web.Tests.Shared.Api;
using CovidCxr.Web.Tests.Shared.Security;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Features.Hospital.Inbox;

/// <summary>STOW-RS as a modality's gateway uses it, of the whole program.</summary>
public sealed class StoreApiTests : IAsyncLifetime
{
    const string Study = "1.2.826.0.1.3680043.9.1.1";

    Installation _installation = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _installation = await Installation.StartAsync(
        settings: [("Imaging:MaxFileMegabytes", "1"), ("Hospital:MaxWaiting", "3")]);

    public ValueTask DisposeAsync() => _installation.DisposeAsync();

    static byte[] Film(int seed, string? sopClass = null) => DicomFilm.Write(
        PhantomDrawer.Draw(PhantomKind.Clear, seed, size: 64, bits: 8),
        [
            (0x0010_0020, "LO", $"P-{seed}"), (0x0020_000D, "UI", Study), (0x0020_000E, "UI", $"{Study}.0"),
            (0x0008_0018, "UI", $"{Study}.{seed}"),
            .. sopClass is null ? Array.Empty<(uint, string, string)>() : [(0x0008_0016, "UI", sopClass)],
        ]);

    static MultipartContent Related(params IEnumerable<byte[]> parts)
    {
        var content = new MultipartContent("related");
        content.Headers.ContentType!.Parameters.Add(new("type", "\"application/dicom\""));
        foreach (var part in parts)
        {
            content.Add(new ByteArrayContent(part) { Headers = { ContentType = new MediaTypeHeaderValue("application/dicom") } });
        }

        return content;
    }

    async Task<(HttpStatusCode Status, JsonElement Body)> StoreAsync(HttpContent content, string path = "/dicom-web/studies")
    {
        using var client = await ApiVisitor.OfAsync(_installation, ApiScope.WriteStudies);
        var (response, body) = await client.SendAsync(HttpMethod.Post, path, content);
        using (response)
        {
            return (response.StatusCode, body);
        }
    }

    static IEnumerable<string?> Uids(JsonElement body, string sequence) => body.TryGetProperty(sequence, out var items)
        ? items.GetProperty("Value").EnumerateArray().Select(i => i.GetProperty("00081155") is var uid
            && uid.TryGetProperty("Value", out var value) ? value[0].GetString() : null)
        : [];

    static IEnumerable<int> Reasons(JsonElement body) => body.GetProperty("00081198").GetProperty("Value").EnumerateArray()
        .Select(i => i.GetProperty("00081197").GetProperty("Value")[0].GetInt32());

    async Task<List<ReceivedObject>> ReceivedAsync()
    {
        await using var db = WebClinic.Context(_installation.Services);
        return await db.ReceivedObjects.AsNoTracking().OrderBy(r => r.Id).ToListAsync(Cancellation);
    }

    [Fact]
    public async Task Films_AreStoredAndFiled_AsByCStore()
    {
        var (status, body) = await StoreAsync(Related(Film(1), Film(2)));

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal([$"{Study}.1", $"{Study}.2"], Uids(body, "00081199"));
        // As the worker does, which the tests' program has none of.
        foreach (var received in await ReceivedAsync())
        {
            await _installation.Services.GetRequiredService<FileReceived>().RunAsync(received.Id, Cancellation);
        }

        Assert.All(await ReceivedAsync(), r => Assert.Equal((ReceivedState.Filed, "127.0.0.1"), (r.State, r.Host)));
        await using var db = WebClinic.Context(_installation.Services);
        Assert.Equal(["P-1", "P-2"], await db.Studies.Select(s => s.PatientNumber).Order().ToListAsync(Cancellation));
        // The same again is known, and no second study.
        Assert.Equal(HttpStatusCode.OK, (await StoreAsync(Related(Film(1)))).Status);
    }

    [Fact]
    [Trait("Speed", "Slow")]
    public async Task Orthanc_StoresAStudy()
    {
        const string Program = "/usr/sbin/Orthanc", Plugin = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";
        Assert.SkipUnless(File.Exists(Program) && File.Exists(Plugin), "No Orthanc with DICOMweb here: apt-get install orthanc-dicomweb.");
        using var client = await ApiVisitor.OfAsync(_installation, ApiScope.WriteStudies);
        var folder = Directory.CreateTempSubdirectory("covidcxr-orthanc-").FullName;
        var port = FreePort.Find();
        var configuration = Path.Combine(folder, "orthanc.json");
        await File.WriteAllTextAsync(
            configuration,
            $$"""
            {
              "StorageDirectory": "{{folder}}", "IndexDirectory": "{{folder}}", "HttpPort": {{port}}, "DicomServerEnabled": false,
              "AuthenticationEnabled": false, "Plugins": ["{{Plugin}}"],
              "DicomWeb": { "Servers": { "covidcxr": {
                "Url": "{{_installation.Address}}api/v1/dicom-web/", "HttpHeaders": { "Authorization": "Bearer {{client.Key}}" }
              } } }
            }
            """,
            Cancellation);
        using var orthanc = Process.Start(new ProcessStartInfo(Program, [configuration]) { RedirectStandardError = true })!;
        orthanc.ErrorDataReceived += (_, _) => { };
        orthanc.BeginErrorReadLine();
        try
        {
            using var http = new HttpClient { BaseAddress = new($"http://127.0.0.1:{port}") };
            using var film = new ByteArrayContent(Film(9));
            string? instance = null;
            for (var patience = 0; instance is null; patience++)
            {
                Assert.True(patience < 300, "Orthanc does not answer.");
                await Task.Delay(100, Cancellation);
                try
                {
                    using var stored = await http.PostAsync("/instances", film, Cancellation);
                    using var answer = JsonDocument.Parse(await stored.Content.ReadAsStringAsync(Cancellation));
                    instance = answer.RootElement.GetProperty("ID").GetString();
                }
                catch (HttpRequestException)
                {
                    // Not listening yet.
                }
            }

            using var order = new StringContent($$"""{ "Resources": ["{{instance}}"], "Synchronous": true }""");
            using var sent = await http.PostAsync("/dicom-web/servers/covidcxr/stow", order, Cancellation);

            Assert.True(sent.IsSuccessStatusCode, await sent.Content.ReadAsStringAsync(Cancellation));
            Assert.Single(await ReceivedAsync());
        }
        finally
        {
            orthanc.Kill();
            await orthanc.WaitForExitAsync(CancellationToken.None);
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task PartsThatAreNoFilms_AreToldByReason_AndTheOthersStored()
    {
        var (status, body) = await StoreAsync(
            Related(Film(3), "no DICOM"u8.ToArray(), Film(4, "1.2.840.10008.5.1.4.1.1.4"), new byte[(1024 * 1024) + 1]));

        Assert.Equal(HttpStatusCode.Accepted, status);
        Assert.Equal([$"{Study}.3"], Uids(body, "00081199"));
        Assert.Equal([0xC000, 0x0122, 0xC000], Reasons(body));
        Assert.Single(await ReceivedAsync());
    }

    [Fact]
    public async Task OtherStudyThanTheAddressSays_IsNotStored()
    {
        var (status, body) = await StoreAsync(Related(Film(5)), "/dicom-web/studies/1.2.3");
        Assert.Equal((HttpStatusCode.Conflict, 0xA900), (status, Assert.Single(Reasons(body))));
        Assert.Empty(await ReceivedAsync());

        Assert.Equal(HttpStatusCode.OK, (await StoreAsync(Related(Film(5)), $"/dicom-web/studies/{Study}")).Status);
    }

    [Fact]
    public async Task BodyOfAnotherKindOrBroken_IsRefusedInWords()
    {
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await StoreAsync(new ByteArrayContent(Film(6)))).Status);
        using var json = new StringContent("[]");
        json.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/related; type=\"application/dicom+json\"; boundary=x");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await StoreAsync(json)).Status);
        using var cut = new ByteArrayContent("--x\r\nContent-Type: application/dicom\r\n\r\nbytes without an end"u8.ToArray());
        cut.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/related; type=\"application/dicom\"; boundary=x");
        Assert.Equal(HttpStatusCode.BadRequest, (await StoreAsync(cut)).Status);
        using var empty = new ByteArrayContent([]);
        empty.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/related; type=\"application/dicom\"; boundary=x");
        Assert.Equal(HttpStatusCode.BadRequest, (await StoreAsync(empty)).Status);
        Assert.Empty(await ReceivedAsync());
    }

    [Fact]
    public async Task InboxThatIsFull_TellsTheClientToComeAgain()
    {
        await using var db = WebClinic.Context(_installation.Services);
        db.ReceivedObjects.AddRange(Enumerable.Range(0, 3).Select(_ => new ReceivedObject { CallingAe = "A", Host = "h" }));
        await db.SaveChangesAsync(Cancellation);
        using var client = await ApiVisitor.OfAsync(_installation, ApiScope.WriteStudies);

        var (response, _) = await client.SendAsync(HttpMethod.Post, "/dicom-web/studies", Related(Film(7)));

        using (response)
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(60), response.Headers.RetryAfter!.Delta);
        }

        Assert.Equal(3, (await ReceivedAsync()).Count);
    }
}
