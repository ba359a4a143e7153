using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CovidCxr.Platform.ApiClients;
using CovidCxr.Testing;
using CovidCxr.Web.Tests.Shared.Security;
using Microsoft.Extensions.DependencyInjection;

namespace CovidCxr.Web.Tests.Shared.Api;

/// <summary>Another program with a key, or without one.</summary>
sealed class ApiVisitor(Uri address, string? key) : IDisposable
{
    public const string Root = "/api/v1";

    readonly HttpClient _client = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = address };

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<ApiVisitor> OfAsync(Installation installation, params string[] scopes)
    {
        var created = await installation.Services.GetRequiredService<CreateApiClient>().RunAsync(
            $"client {Guid.NewGuid():N}", scopes, days: 30, TestClinic.Admin, Cancellation);
        return new(installation.Address, created.Key);
    }

    public string? Key => key;

    public async Task<(HttpResponseMessage Response, JsonElement Body)> SendAsync(
        HttpMethod method, string path, HttpContent? content = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, Root + path) { Content = content };
        // What is refused for its size is not sent.
        request.Headers.ExpectContinue = content is MultipartFormDataContent;
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        foreach (var (name, value) in headers)
        {
            Assert.True(request.Headers.TryAddWithoutValidation(name, value));
        }

        var response = await _client.SendAsync(request, Cancellation);
        var text = await response.Content.ReadAsStringAsync(Cancellation);
        return (response, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public async Task<JsonElement> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var (response, body) = await SendAsync(HttpMethod.Get, path);
        AssertStatus(response, body, expected);
        return body;
    }

    public async Task<JsonElement> UploadAsync(
        byte[] film, HttpStatusCode expected, string? idempotencyKey = null, params (string Name, string Value)[] fields)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(film), "file", "film" } };
        foreach (var (name, value) in fields)
        {
            form.Add(new StringContent(value), name);
        }

        var (response, body) = await SendAsync(
            HttpMethod.Post, "/studies", form, idempotencyKey is null ? [] : [("Idempotency-Key", idempotencyKey)]);
        AssertStatus(response, body, expected);
        return body;
    }

    public async Task<JsonElement> PostJsonAsync(string path, string json, HttpStatusCode expected)
    {
        var (response, body) = await SendAsync(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"));
        AssertStatus(response, body, expected);
        return body;
    }

    /// <summary>Whatever goes wrong is problem details.</summary>
    static void AssertStatus(HttpResponseMessage response, JsonElement body, HttpStatusCode expected)
    {
        Assert.True(expected == response.StatusCode, $"{(int)response.StatusCode}: {body}");
        if ((int)expected >= 400)
        {
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            Assert.Equal((int)expected, body.GetProperty("status").GetInt32());
        }
    }

    public void Dispose() => _client.Dispose();
}
