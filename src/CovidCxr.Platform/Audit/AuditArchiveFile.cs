using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CovidCxr.Domain.Audit;
using CovidCxr.Storage.Files;

namespace CovidCxr.Platform.Audit;

/// <summary>
/// Old entries as a file of lines of JSON: the start of their piece of the chain, the entries with stamps and seals, and its end, with the
/// keyed hash of all lines before.
/// </summary>
static class AuditArchiveFile
{
    sealed record Start(string Format, long Count, long LastId, byte[] Seal);

    sealed record Line(AuditEntry Entry, byte[]? Stamp, byte[]? Seal);

    sealed record End(long Count, long LastId, byte[] Seal, byte[] Signature);

    const string Format = "CovidCxr audit archive 1";

    /// <param name="begin">The end of the archive before.</param>
    /// <returns>The end of this one. Where it cannot be written, nothing of it is left.</returns>
    public static async Task<AuditAnchor> WriteAsync(
        string path, AuditKey key, AuditAnchor begin, IAsyncEnumerable<AuditEntry> entries, CancellationToken cancellation)
    {
        var made = path + ".tmp";
        try
        {
            var to = await FillAsync(made, key, begin with { Name = Path.GetFileName(path) }, entries, cancellation);
            File.Move(made, path, overwrite: true);
            return to;
        }
        catch
        {
            File.Delete(made);
            throw;
        }
    }

    static async Task<AuditAnchor> FillAsync(
        string made, AuditKey key, AuditAnchor to, IAsyncEnumerable<AuditEntry> entries, CancellationToken cancellation)
    {
        await using var file = new FileStream(made, PrivateFiles.Writing(FileMode.Create));
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Put(file, hash, new Start(Format, to.Count, to.LastId, to.Seal));
        await foreach (var entry in entries.WithCancellation(cancellation))
        {
            Put(file, hash, new Line(entry, entry.Stamp, entry.Seal));
            to = to with { Count = to.Count + 1, LastId = entry.Id, Seal = entry.Seal! };
        }

        Put(file, hash, new End(to.Count, to.LastId, to.Seal, key.Sign("archive", hash.GetCurrentHash())));
        file.Flush(flushToDisk: true);
        return to;
    }

    static void Put<T>(FileStream file, IncrementalHash hash, T line)
    {
        byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line), (byte)'\n'];
        file.Write(bytes);
        hash.AppendData(bytes);
    }

    /// <summary>Reads all of it again.</summary>
    /// <returns>Its end, or null and what is wrong.</returns>
    public static async Task<(AuditAnchor? To, string? Finding)> VerifyAsync(
        string path, AuditKey key, CancellationToken cancellation)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        try
        {
            using var file = new StreamReader(path, new UTF8Encoding(false, throwOnInvalidBytes: true));
            var first = await file.ReadLineAsync(cancellation) ?? "";
            if (JsonSerializer.Deserialize<Start>(first) is not { Format: Format } start)
            {
                return (null, "It is no archive of an audit trail.");
            }

            var to = new AuditAnchor(start.Count, start.LastId, start.Seal, Path.GetFileName(path));
            var (before, line) = (first, await file.ReadLineAsync(cancellation));
            while (line is not null && await file.ReadLineAsync(cancellation) is { } next)
            {
                Add(hash, before);
                var read = JsonSerializer.Deserialize<Line>(line);
                if (Wrong(read, key, to.Previous) is { } wrong)
                {
                    return (null, wrong);
                }

                to = to with { Count = to.Count + 1, LastId = read!.Entry.Id, Seal = read.Seal! };
                (before, line) = (line, next);
            }

            Add(hash, before);
            return line is not null && JsonSerializer.Deserialize<End>(line) is { Signature: not null } end
                && CryptographicOperations.FixedTimeEquals(end.Signature, key.Sign("archive", hash.GetCurrentHash()))
                && (end.Count, end.LastId) == (to.Count, to.LastId) && to.Seal.AsSpan().SequenceEqual(end.Seal)
                ? (to, null)
                : (null, "Its end is missing, or lines were changed.");
        }
        catch (Exception e) when (e is JsonException or DecoderFallbackException)
        {
            return (null, "It holds what the program does not write.");
        }
    }

    static string? Wrong(Line? line, AuditKey key, byte[]? previous)
    {
        if (line is not { Entry: { } entry, Seal: { } seal })
        {
            return "It holds what the program does not write.";
        }

        entry.Stamp = line.Stamp;
        return !seal.AsSpan().SequenceEqual(key.Seal(entry, previous))
            ? $"Entry {entry.Id} was changed, or one before it is missing."
            : entry.Stamp is not null && !key.IsGenuine(entry) ? $"Entry {entry.Id} was not written by the program." : null;
    }

    static void Add(IncrementalHash hash, string line) => hash.AppendData(Encoding.UTF8.GetBytes(line + '\n'));
}
