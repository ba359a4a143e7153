using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace CovidCxr.Web.Tests.Shared.Security;

/// <summary>A browser without scripts: cookies, forms and their tokens. Follows no redirects.</summary>
sealed partial class Visitor : IDisposable
{
    readonly HttpClient _client;

    public Visitor(Uri address, params (string Name, string Value)[] headers)
    {
        _client = new(new SocketsHttpHandler { CookieContainer = Cookies, AllowAutoRedirect = false }) { BaseAddress = address };
        foreach (var (name, value) in headers)
        {
            _client.DefaultRequestHeaders.Add(name, value);
        }
    }

    public CookieContainer Cookies { get; } = new();

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task<HttpResponseMessage> GetAsync(string path, string accept = "text/html", params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(accept));
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return _client.SendAsync(request, Cancellation);
    }

    public async Task<string> ReadAsync(string path) =>
        WebUtility.HtmlDecode(await (await GetAsync(path)).Content.ReadAsStringAsync(Cancellation));

    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string path) => _client.SendAsync(new(method, path), Cancellation);

    public Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
        _client.PostAsync(path, new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value))), Cancellation);

    /// <summary>Sends a page's form with its token.</summary>
    public async Task<HttpResponseMessage> SubmitAsync(string page, string form, params (string Name, string Value)[] fields) =>
        await PostAsync(page, [.. fields, ("_handler", form), ("__RequestVerificationToken", await TokenAsync(page))]);

    public Task<HttpResponseMessage> SignInAsync(string name, string password = Installation.Password, string page = "/account/sign-in") =>
        SubmitAsync(page, "sign-in", ("Input.UserName", name), ("Input.Password", password));

    /// <summary>Begins a sign-in by a provider that asks nothing.</summary>
    /// <returns>The address that the provider sends the browser back to.</returns>
    public async Task<string> GoToProviderAsync(string id, string query = "")
    {
        var start = await GetAsync($"/account/providers/{id}{query}");
        return (await GetAsync(start.Headers.Location!.OriginalString)).Headers.Location!.OriginalString;
    }

    /// <returns>Where the program sends the browser in the end.</returns>
    public async Task<Uri> SignInByAsync(string id, string query = "") =>
        new(_client.BaseAddress!, (await GetAsync(await GoToProviderAsync(id, query))).Headers.Location!);

    public async Task<HttpResponseMessage> UploadAsync(byte[] content, string page = "/")
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(content), "file", "film.png" } };
        var request = new HttpRequestMessage(HttpMethod.Post, "/studies/upload") { Content = form };
        request.Headers.Add("RequestVerificationToken", await TokenAsync(page));
        return await _client.SendAsync(request, Cancellation);
    }

    /// <summary>As a program does: with the token in the header.</summary>
    public async Task<HttpResponseMessage> SendJsonAsync(string path, string json, bool hasToken, string type = "application/json")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, System.Text.Encoding.UTF8, type) };
        if (hasToken)
        {
            request.Headers.Add("RequestVerificationToken", await TokenAsync("/"));
        }

        return await _client.SendAsync(request, Cancellation);
    }

    public async Task<string> TokenAsync(string page) =>
        TokenOfPage().Match(await ReadAsync(page)) is { Success: true } match ? match.Groups[1].Value : "";

    public void Dispose() => _client.Dispose();

    [GeneratedRegex("name=\"antiforgery\" content=\"([^\"]+)\"")]
    private static partial Regex TokenOfPage();
}
