using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using CovidCxr.Hospital.Peers;
using CovidCxr.Imaging.Decoding;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace CovidCxr.Hospital.Priors;

/// <summary>An archive gave no answer that can be used; the message says why, in words for people, without a patient's data.</summary>
public sealed class ArchiveException(string message) : Exception(message);

/// <summary>
/// Asks archives of the configuration. It follows no redirection, since the token is for the configured archive alone, keeps no cookies,
/// and reads no more than an answer may have.
/// </summary>
public sealed class DicomWebClient(IOptions<ImagingOptions> imaging) : IDisposable
{
    /// <summary>Of a list of studies.</summary>
    public const int MaxListBytes = 4 << 20;

    /// <summary>Of one study.</summary>
    public const int MaxObjects = 200;

    const int MaxBoundary = 128, BufferBytes = 80 * 1024;

    const string Json = "application/dicom+json", Dicom = "application/dicom";

    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10), AddressKept = TimeSpan.FromMinutes(5);

    readonly ConcurrentDictionary<string, HttpClient> _clients = new();

    /// <summary>Until the last byte of a list is here.</summary>
    public TimeSpan ListTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Until the last byte of a study is here.</summary>
    public TimeSpan StudyTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>An array of data sets, by PS3.18 F.</summary>
    /// <exception cref="ArchiveException">There is none.</exception>
    public Task<JsonElement> ListAsync(ArchiveOptions archive, string query, CancellationToken cancellation) => AskAsync(
        archive, query, Json, ListTimeout,
        async (response, deadline) =>
        {
            // Nothing found is 204 with some, and an empty list with others.
            if (response.StatusCode == HttpStatusCode.NoContent)
            {
                using var none = JsonDocument.Parse("[]");
                return none.RootElement.Clone();
            }

            await using var stream = await response.Content.ReadAsStreamAsync(deadline);
            var bytes = await ReadAsync(stream, MaxListBytes, deadline)
                ?? throw new ArchiveException($"Its answer is longer than {MaxListBytes >> 20} MB.");
            using var json = JsonDocument.Parse(bytes);
            return json.RootElement.Clone();
        },
        cancellation);

    /// <summary>Gives the objects of a study to <paramref name="take"/>, one after the other.</summary>
    /// <param name="take">Gets an object; null for one that is larger than a film may be.</param>
    /// <returns>How many there were.</returns>
    /// <exception cref="ArchiveException">They did not come, or not all of them; those before were taken.</exception>
    public Task<int> RetrieveAsync(
        ArchiveOptions archive, string study, Func<byte[]?, CancellationToken, Task> take, CancellationToken cancellation) => AskAsync(
        archive, $"studies/{study}", $"multipart/related; type=\"{Dicom}\"; transfer-syntax=*", StudyTimeout,
        async (response, deadline) =>
        {
            if (Boundary(response) is not { } boundary)
            {
                throw new ArchiveException("Its answer holds no DICOM objects.");
            }

            await using var stream = await response.Content.ReadAsStreamAsync(deadline);
            var reader = new MultipartReader(boundary, stream, BufferBytes);
            var count = 0;
            for (; await reader.ReadNextSectionAsync(deadline) is { } part; count++)
            {
                if (count == MaxObjects)
                {
                    throw new ArchiveException($"The study has more than {MaxObjects} objects: the first {MaxObjects} were fetched.");
                }

                await take(await ReadAsync(part.Body, imaging.Value.MaxFileBytes, deadline), deadline);
            }

            return count;
        },
        cancellation);

    public void Dispose()
    {
        foreach (var client in _clients.Values)
        {
            client.Dispose();
        }
    }

    async Task<T> AskAsync<T>(
        ArchiveOptions archive, string path, string accept, TimeSpan patience, Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, archive.Address.TrimEnd('/') + "/" + path);
            request.Headers.TryAddWithoutValidation(HeaderNames.Accept, accept);
            if (archive.TokenFile.Length > 0)
            {
                request.Headers.Authorization = new("Bearer", await TokenAsync(archive, deadline.Token));
            }

            using var response = await ClientOf(archive).SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
            return response.IsSuccessStatusCode
                ? await read(response, deadline.Token)
                : throw new ArchiveException($"It answered {(int)response.StatusCode}{Meaning(response.StatusCode)}.");
        }
        catch (HttpRequestException e)
        {
            throw new ArchiveException(e.HttpRequestError switch
            {
                HttpRequestError.NameResolutionError => "Nobody knows its host name.",
                HttpRequestError.ConnectionError => "Nothing answers at its address.",
                HttpRequestError.SecureConnectionError => "The connection to it cannot be secured: look at its certificate.",
                _ => "It ended the connection without a whole answer.",
            });
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ArchiveException("It did not answer in time.");
        }
        catch (JsonException)
        {
            throw new ArchiveException("Its answer is no list of studies.");
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw new ArchiveException("It ended the connection amid its answer.");
        }
    }

    static async Task<string> TokenAsync(ArchiveOptions archive, CancellationToken cancellation)
    {
        try
        {
            var token = (await File.ReadAllTextAsync(archive.TokenFile, cancellation)).Trim();
            return token.Length > 0 && token.All(c => c is > ' ' and < (char)127)
                ? token
                : throw new ArchiveException("The file of its token holds none that can be read.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException("The file of its token holds none that can be read.");
        }
    }

    HttpClient ClientOf(ArchiveOptions archive) => _clients.GetOrAdd(archive.Name, _ => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = ConnectTimeout,
        PooledConnectionLifetime = AddressKept,
        // What a proxy calls loopback is another machine.
        UseProxy = !new Uri(archive.Address).IsLoopback,
    })
    { Timeout = Timeout.InfiniteTimeSpan });

    static string Meaning(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => ": this program may not look there",
        HttpStatusCode.NotFound => ": look at Hospital:Archives:Address",
        _ => "",
    };

    static string? Boundary(HttpResponseMessage response) =>
        MediaTypeHeaderValue.TryParse(response.Content.Headers.ContentType?.ToString(), out var type)
        && type.MediaType.Equals("multipart/related", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= MaxBoundary } boundary
            ? boundary.ToString()
            : null;

    /// <returns>Null for what is longer; it is read to its end.</returns>
    static async Task<byte[]?> ReadAsync(Stream body, long longest, CancellationToken cancellation)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[BufferBytes];
        for (int read; (read = await body.ReadAsync(buffer, cancellation)) > 0;)
        {
            if (bytes.Length + read > longest)
            {
                await body.CopyToAsync(Stream.Null, cancellation);
                return null;
            }

            bytes.Write(buffer.AsSpan(0, read));
        }

        return bytes.ToArray();
    }
}
