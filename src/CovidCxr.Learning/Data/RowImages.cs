namespace CovidCxr.Learning.Data;

/// <summary>
/// Finds the image that each row of a table names: by the end of its path, as far as it agrees. Neither the extension, nor the kind of
/// slash, nor how an accent is written, nor case decides, unless several images differ in nothing else. A mask beside an image of the same
/// name does not count, and an image that rows of different paths claim alike belongs to none of them.
/// </summary>
sealed class RowImages
{
    readonly Dictionary<string, List<string>> _byEnd = new(StringComparer.Ordinal);
    readonly Dictionary<string, Claim> _claims = new(StringComparer.Ordinal);
    readonly Dictionary<string, Found> _known = new(StringComparer.Ordinal);

    /// <param name="images">Their paths.</param>
    /// <param name="cells">What the rows say of their files, in any order.</param>
    public RowImages(IEnumerable<string> images, IEnumerable<string> cells)
    {
        foreach (var image in images)
        {
            foreach (var end in Ends(Key(image)))
            {
                if (!_byEnd.TryGetValue(end, out var named))
                {
                    _byEnd[end] = named = [];
                }

                named.Add(image);
            }
        }

        foreach (var cell in cells)
        {
            if (_known.ContainsKey(cell))
            {
                continue;
            }

            var found = _known[cell] = Look(cell);
            if (found.Image is { } image)
            {
                _claims[image] =
                    _claims.TryGetValue(image, out var claim) ? claim.With(found) : new(found.Path, found.Length, IsContested: false);
            }
        }
    }

    /// <param name="cell">One of those that were given.</param>
    /// <returns>The image; null where there is none, or where the row could mean several, or is not alone in meaning this one.</returns>
    public string? Find(string cell, out bool isAmbiguous)
    {
        var found = _known[cell];
        var claim = found.Image is { } image ? _claims[image] : null;
        // Another row agrees longer: the image is that one's, and this row's is not there.
        var isAnothers = claim?.Length > found.Length;
        isAmbiguous = found.IsAmbiguous || (claim is { IsContested: true } && !isAnothers);
        return isAmbiguous || isAnothers ? null : found.Image;
    }

    // An id with dots may look as if it had an extension: it is tried without one first, then as it stands.
    Found Look(string cell)
    {
        var path = Plain(cell);
        var found = Look(path, Key(path));
        var whole = Folded(path);
        return found.Image is null && !found.IsAmbiguous && whole != Key(path) ? Look(path, whole) : found;
    }

    // The longest end of the row's path that an image's path has too.
    Found Look(string path, string key)
    {
        foreach (var end in Ends(key))
        {
            if (_byEnd.TryGetValue(end, out var named))
            {
                var meant = named.Count == 1 ? named : Meant(named, path);
                return new(meant is [var only] ? only : null, key, end.Length, meant.Count > 1);
            }
        }

        return new(null, key, 0, IsAmbiguous: false);
    }

    // Of several the images without the masks, then those that agree in more than they must.
    static List<string> Meant(List<string> named, string path)
    {
        var images = named.Exists(n => !ImagePaths.IsMask(n)) ? named.FindAll(n => !ImagePaths.IsMask(n)) : named;
        var name = path[(path.LastIndexOf('/') + 1)..];
        Func<string, bool>[] closer =
        [
            n => Name(n) == name, n => string.Equals(Name(n), name, StringComparison.OrdinalIgnoreCase),
            n => ImagePaths.Stem(Name(n)) == ImagePaths.Stem(name),
        ];
        return closer.Select(c => images.FindAll(n => c(n))).FirstOrDefault(c => c.Count > 0) ?? images;
    }

    static string Name(string path) => ImagePaths.Composed(path[(path.LastIndexOf('/') + 1)..]);

    // The whole path, then without its first folder, down to the bare name.
    static IEnumerable<string> Ends(string path)
    {
        for (var start = path.Length == 0 ? -1 : 0; start >= 0; start = path.IndexOf('/', start) is var slash && slash < 0 ? -1 : slash + 1)
        {
            yield return path[start..];
        }
    }

    static string Key(string path) => Folded(ImagePaths.Stem(path));

    static string Folded(string path) => ImagePaths.Composed(path).ToLowerInvariant();

    static string Plain(string cell) => ImagePaths.Composed(string.Join(
        '/',
        cell.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(p => p is not ("." or ".."))));

    /// <param name="Length">Of the end on which row and image agree.</param>
    readonly record struct Found(string? Image, string Path, int Length, bool IsAmbiguous);

    /// <summary>The row that agrees longest with an image; contested where another path does so too.</summary>
    sealed record Claim(string Path, int Length, bool IsContested)
    {
        public Claim With(Found other) =>
            other.Length > Length ? new(other.Path, other.Length, IsContested: false)
            : other.Length < Length || other.Path == Path ? this
            : this with { IsContested = true };
    }
}
