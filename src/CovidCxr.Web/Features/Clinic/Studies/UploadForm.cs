using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace CovidCxr.Web.Features.Clinic.Studies;

/// <summary>
/// The parts of an upload, taken from the body into memory: a patient's file is not spooled to a temporary folder. The framework's own
/// reader does it too, but in steps of 4 kB, which for a film of 8 MB takes longer than to decode it.
/// </summary>
public sealed class UploadForm
{
    // Below what the collector takes for a large array.
    const int BufferBytes = 80 * 1024;

    // Larger ones grow as they arrive: nobody is given the memory that a request only claims to need.
    const int ReservedBytes = 16 * 1024 * 1024;

    const int MaxParts = 16, MaxFieldBytes = 1024, MaxBoundary = 128;

    readonly Dictionary<string, string> _fields = new(StringComparer.OrdinalIgnoreCase);

    public byte[]? File { get; private set; }

    public string? this[string field] => _fields.GetValueOrDefault(field);

    /// <exception cref="BadHttpRequestException">The body is too long or came too slowly.</exception>
    /// <exception cref="IOException">The body ends too early.</exception>
    /// <exception cref="InvalidDataException">It is no form, or it has too many or too long parts.</exception>
    public static async Task<UploadForm> ReadAsync(HttpRequest request, CancellationToken cancellation)
    {
        var form = new UploadForm();
        var reader = new MultipartReader(Boundary(request), request.Body, BufferBytes);
        for (var parts = 0; await reader.ReadNextSectionAsync(cancellation) is { } part; parts++)
        {
            if (parts == MaxParts)
            {
                throw new InvalidDataException("The form has too many parts.");
            }

            await form.AddAsync(part, request.ContentLength ?? 0, cancellation);
        }

        return form;
    }

    static string Boundary(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
        && HeaderUtilities.RemoveQuotes(type.Boundary) is { Length: > 0 and <= MaxBoundary } boundary
            ? boundary.ToString()
            : throw new InvalidDataException("The request is no form.");

    async Task AddAsync(MultipartSection part, long length, CancellationToken cancellation)
    {
        if (part.GetContentDispositionHeader() is not { } disposition
            || HeaderUtilities.RemoveQuotes(disposition.Name).Value is not { } name)
        {
            return;
        }

        if (!disposition.IsFileDisposition())
        {
            _fields.TryAdd(name, await ReadTextAsync(part.Body, cancellation));
        }
        else if (name == "file" && File is null)
        {
            using var bytes = new MemoryStream((int)Math.Min(length, ReservedBytes));
            await part.Body.CopyToAsync(bytes, BufferBytes, cancellation);
            File = bytes.ToArray();
        }
    }

    static async Task<string> ReadTextAsync(Stream body, CancellationToken cancellation)
    {
        var bytes = new byte[MaxFieldBytes + 1];
        var count = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellation);
        return count <= MaxFieldBytes
            ? Encoding.UTF8.GetString(bytes, 0, count)
            : throw new InvalidDataException("A field of the form is too long.");
    }
}
