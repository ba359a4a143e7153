using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Data.Sqlite;

namespace Benchmarks;

/// <summary>Readers without a browser, one session for all of them: from the file sent to the prediction in the database.</summary>
sealed partial class HttpReaders : IDisposable
{
    readonly WebProgram _program;
    readonly HttpClient _http = new(new HttpClientHandler { CookieContainer = new CookieContainer() }) { Timeout = WebProgram.Patience };
    string _token = "";

    HttpReaders(WebProgram program) => _program = program;

    public static async Task<HttpReaders> SignInAsync(WebProgram program, CancellationToken cancellation)
    {
        var readers = new HttpReaders(program);
        var page = await readers._http.GetStringAsync(program.Address + "/account/sign-in", cancellation);
        var fields = new Dictionary<string, string>
        {
            ["__RequestVerificationToken"] = FormToken().Match(page).Groups[1].Value,
            ["_handler"] = "sign-in",
            ["Input.UserName"] = "radiologist@demo.local",
            ["Input.Password"] = WebProgram.PasswordOn(page),
        };
        using var answer = await readers._http.PostAsync(
            program.Address + "/account/sign-in", new FormUrlEncodedContent(fields), cancellation);
        readers._token = PageToken().Match(await readers._http.GetStringAsync(program.Address + "/", cancellation)).Groups[1].Value;
        return readers;
    }

    /// <summary>Every reader uploads one film after the other.</summary>
    /// <param name="films">As many for each reader.</param>
    public Task ReadAsync(int readers, IReadOnlyList<byte[]> films, Waits waits, CancellationToken cancellation) =>
        Task.WhenAll(films.Chunk(films.Count / readers).Select(own => ReadAsync(own, waits, cancellation)));

    async Task ReadAsync(byte[][] films, Waits waits, CancellationToken cancellation)
    {
        await using var database = new SqliteConnection($"Data Source={_program.Database};Mode=ReadOnly;Pooling=False");
        await database.OpenAsync(cancellation);
        foreach (var film in films)
        {
            await waits.TimeAsync(async () => await WaitForPredictionAsync(database, await UploadAsync(film, cancellation), cancellation));
        }
    }

    /// <summary>Answers with the status alone: what a hostile file may get is a refusal.</summary>
    public async Task<HttpStatusCode> TryUploadAsync(byte[] file, CancellationToken cancellation)
    {
        using var response = await SendAsync(file, cancellation);
        return response.StatusCode;
    }

    public async Task<HttpStatusCode> GetAsync(string path, CancellationToken cancellation)
    {
        using var response = await _http.GetAsync(_program.Address + path, cancellation);
        await response.Content.CopyToAsync(Stream.Null, cancellation);
        return response.StatusCode;
    }

    async Task<HttpResponseMessage> SendAsync(byte[] film, CancellationToken cancellation)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(film), "file", "film.png" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, _program.Address + "/studies/upload") { Content = form };
        request.Headers.Add("RequestVerificationToken", _token);
        return await _http.SendAsync(request, cancellation);
    }

    /// <summary>Uploads one film and gives its study.</summary>
    public async Task<Guid> UploadAsync(byte[] film, CancellationToken cancellation)
    {
        using var response = await SendAsync(film, cancellation);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonElement>(cancellation)).GetProperty("studyId").GetGuid();
    }

    static async Task WaitForPredictionAsync(SqliteConnection database, Guid study, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand();
        command.CommandText = "SELECT COUNT(*) FROM Predictions WHERE StudyId = $id";
        command.Parameters.AddWithValue("$id", study);
        for (var started = Stopwatch.GetTimestamp(); (long)(await command.ExecuteScalarAsync(cancellation))! == 0; await Task.Delay(
            20, cancellation))
        {
            if (Stopwatch.GetElapsedTime(started) > WebProgram.Patience)
            {
                throw new TimeoutException("A prediction did not come.");
            }
        }
    }

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();

    [GeneratedRegex("name=\"antiforgery\" content=\"([^\"]+)\"")]
    private static partial Regex PageToken();
}
