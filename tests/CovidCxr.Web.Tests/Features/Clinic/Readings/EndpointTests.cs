using System.Net;
using System.Runtime.InteropServices;
using System.Security.Claims;
using System.Text.Encodings.Web;
using CovidCxr.Clinic.Readings;
using CovidCxr.Clinic.Studies;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;
using CovidCxr.Testing;
using CovidCxr.Web.Features.Clinic.Readings;
using CovidCxr.Web.Shared.Security;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using UglyToad.PdfPig;

namespace CovidCxr.Web.Tests.Features.Clinic.Readings;

/// <summary>Pixels and heat maps over HTTP, for everybody who might ask.</summary>
public sealed class EndpointTests : IAsyncLifetime
{
    readonly WebClinic _clinic = new();
    WebApplication _server = null!;
    HttpClient _client = null!;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _clinic.AddServices(builder.Services);
        builder.Services.AddAuthentication("Name").AddScheme<AuthenticationSchemeOptions, NameHandler>("Name", null);
        builder.Services.PostConfigure<AuthenticationOptions>(
            o => o.DefaultAuthenticateScheme = o.DefaultChallengeScheme = o.DefaultForbidScheme = "Name");
        builder.Services.AddAuthorization(AccessPolicies.Configure);
        _server = builder.Build();
        _server.Urls.Add("http://127.0.0.1:0");
        _server.UseAuthentication();
        _server.UseAuthorization();
        _server.MapPixels();
        _server.MapHeatMap();
        _server.MapReadingReport();
        await WebClinic.OpenAsync(_server.Services);
        await _server.StartAsync();
        _client = new() { BaseAddress = new(_server.Urls.First()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _clinic.Dispose();
    }

    Task<HttpResponseMessage> GetAsync(string path, Actor? actor)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (actor is not null)
        {
            request.Headers.Add("X-Name", actor.UserName);
        }

        return _client.SendAsync(request, Cancellation);
    }

    async Task RecordAsync(Guid study, ReadingStage stage, Actor actor) => Assert.IsType<RecordReadingResult.Recorded>(
        await _server.Services.GetRequiredService<RecordReading>()
            .RunAsync(new(Guid.NewGuid(), study, stage, Opinion.Normal, 3, null, null, null, null), actor, Cancellation));

    [Fact]
    public async Task Report_BeforeTheLock_KnowsNothingOfTheModel_AndAfterwardsAll()
    {
        var study = await WebClinic.AddStudyAsync(_server.Services);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync($"/studies/{Guid.NewGuid()}/report.pdf", TestClinic.Reader)).StatusCode);

        var blind = await TextAsync();
        Assert.DoesNotContain("0.88", blind, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-model", blind, StringComparison.Ordinal);
        Assert.DoesNotContain("gate", blind, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("hidden until the own reading is locked", blind, StringComparison.Ordinal);

        await RecordAsync(study, ReadingStage.Blind, TestClinic.Reader);
        var read = await TextAsync();
        Assert.All(
            ["P-1", "Normal, confidence 3 of 5", "Signed by reader", "0.88", "secret-model", ReadingReport.Limits,
                "Warning: The gate has not judged this version, and how many of its positive calls stay with the lungs blacked out"],
            s => Assert.Contains(s, read, StringComparison.Ordinal));
        // Nobody else's program keeps it.
        using var pdf = await GetAsync($"/studies/{study}/report.pdf", TestClinic.Reader);
        Assert.Equal("application/pdf", pdf.Content.Headers.ContentType!.MediaType);
        Assert.True(pdf.Headers.CacheControl!.NoStore);
        using var document = PdfDocument.Open(await pdf.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Contains("secret-model", document.GetPage(1).Text, StringComparison.Ordinal);

        async Task<string> TextAsync()
        {
            using var response = await GetAsync($"/studies/{study}/report.txt", TestClinic.Reader);
            Assert.Equal("text/plain", response.Content.Headers.ContentType!.MediaType);
            return await response.Content.ReadAsStringAsync(Cancellation);
        }
    }

    [Fact]
    public async Task Report_OfTwoImages_SaysWhatWasReadAndWhatIsScored()
    {
        var study = await WebClinic.AddStudyAsync(_server.Services);
        await _server.Services.GetRequiredService<AddStudyImage>().RunAsync(
            study, TestClinic.Film(seed: 77), ViewPosition.Lateral, TestClinic.Lead, Cancellation);

        var text = await (await GetAsync($"/studies/{study}/report.txt", TestClinic.Reader)).Content.ReadAsStringAsync(Cancellation);
        Assert.Matches("Further images: view Lateral, received [^,]*UTC. A score is of the first image alone.", text);

        await RecordAsync(study, ReadingStage.Blind, TestClinic.Reader);
        await using (var db = WebClinic.Context(_server.Services))
        {
            var (image, later) = (await db.StudyImages.SingleAsync(Cancellation), DateTimeOffset.MaxValue);
            db.Entry(image).Property(i => i.ReceivedAt).CurrentValue = later.AddYears(-1);
            await db.SaveChangesAsync(Cancellation);
        }

        text = await (await GetAsync($"/studies/{study}/report.txt", TestClinic.Reader)).Content.ReadAsStringAsync(Cancellation);
        Assert.Contains(", after a reading below.", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("reader", HttpStatusCode.OK)]
    [InlineData("other", HttpStatusCode.OK)]
    [InlineData("lead", HttpStatusCode.OK)]
    [InlineData("admin", HttpStatusCode.Forbidden)]
    public async Task Pixels_AreForReadersAndTheLead(string? name, HttpStatusCode expected)
    {
        var study = await WebClinic.AddStudyAsync(_server.Services);

        Assert.Equal(
            expected, (await GetAsync($"/studies/{study}/pixels", WebClinic.People.SingleOrDefault(p => p.UserName == name))).StatusCode);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("reader", HttpStatusCode.NotFound)]
    [InlineData("lead", HttpStatusCode.OK)]
    [InlineData("admin", HttpStatusCode.Forbidden)]
    public async Task HeatMap_BeforeTheLock_IsForTheLeadAlone(string? name, HttpStatusCode expected)
    {
        var study = await WebClinic.AddStudyAsync(_server.Services);

        var response = await GetAsync($"/studies/{study}/heatmap/1", WebClinic.People.SingleOrDefault(p => p.UserName == name));

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.OK, response.Headers.Contains("X-Map-Width"));
    }

    [Fact]
    public async Task HeatMap_AfterTheLock_IsForThatReaderAndNotTheNext()
    {
        var study = await WebClinic.AddStudyAsync(_server.Services);
        await RecordAsync(study, ReadingStage.Blind, TestClinic.Reader);

        var own = await GetAsync($"/studies/{study}/heatmap/1", TestClinic.Reader);
        var other = await GetAsync($"/studies/{study}/heatmap/1", TestClinic.OtherReader);

        var bytes = await own.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.Equal([0.5f, 1f], MemoryMarshal.Cast<byte, float>(bytes).ToArray());
        Assert.Equal(("2", "1"), (own.Headers.GetValues("X-Map-Width").Single(), own.Headers.GetValues("X-Map-Height").Single()));
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("-1")]
    [InlineData("99999999999")]
    [InlineData("x")]
    public async Task HeatMap_OfNoClass_IsNotFound(string index)
    {
        var study = await WebClinic.AddStudyAsync(_server.Services);

        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync($"/studies/{study}/heatmap/{index}", TestClinic.Lead)).StatusCode);
    }

    [Theory]
    [InlineData(16, new byte[] { 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 0x61, 0xea })]
    [InlineData(8, new byte[] { 1, 2, 3, 4, 5, 201 })]
    public async Task Pixels_AreLittleEndianSamples_AndStayOutOfCaches(int bits, byte[] expected)
    {
        var study = await WebClinic.AddStudyAsync(_server.Services, bits: bits);

        var response = await GetAsync($"/studies/{study}/pixels", TestClinic.Reader);

        Assert.Equal(expected, await response.Content.ReadAsByteArrayAsync(Cancellation));
        Assert.Equal(("3", "2", $"{bits}"), (Header("X-Image-Width"), Header("X-Image-Height"), Header("X-Image-Bits")));
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.MediaType);
        Assert.True(response.Headers.CacheControl is { NoStore: true, Private: true });
        Assert.Equal("nosniff", Header("X-Content-Type-Options"));

        string Header(string name) => response.Headers.GetValues(name).Single();
    }

    [Fact]
    public async Task UnknownStudy_IsNotFound()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync($"/studies/{Guid.NewGuid()}/pixels", TestClinic.Reader)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await GetAsync($"/studies/{Guid.NewGuid()}/heatmap/0", TestClinic.Lead)).StatusCode);
    }

    /// <summary>Believes the name in a header.</summary>
    sealed class NameHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            WebClinic.People.SingleOrDefault(p => p.UserName == Request.Headers["X-Name"]) is { } actor
                ? AuthenticateResult.Success(new(new ClaimsPrincipal(WebClinic.Principal(actor)), Scheme.Name))
                : AuthenticateResult.NoResult());
    }
}
